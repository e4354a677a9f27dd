"""Saves small models of BERT, GPT-2, T5 and T5 1.1 with tokenizers of their own kinds, as the published checkpoints have them.

    python3 make_folders_with_tokenizers.py OUT

The tokenizers are those of ../tokenizer/foreign: WordPiece, byte-level BPE with one special token, and a unigram model with
SentencePiece's normalisation. compare_with_transformers.py GRAFT OUT/* then compares both programs on them.
"""

import gzip
import os
import sys

import torch
from transformers import (
    AutoTokenizer, BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, T5Config,
    T5ForConditionalGeneration)

HERE = os.path.dirname(os.path.abspath(__file__))


def tokenizer(name, **special):
    path = os.path.join(HERE, "..", "tokenizer", "foreign", f"{name}.tokenizer.json.gz")
    scratch = os.path.join(sys.argv[1], "tokenizer.json")
    with gzip.open(path) as source, open(scratch, "wb") as target:
        target.write(source.read())
    made = PreTrainedTokenizerFast(tokenizer_file=scratch, **special)
    os.remove(scratch)
    return made


def save(name, model, made):
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                parameter.normal_(std=0.3)
    folder = os.path.join(sys.argv[1], name)
    model.save_pretrained(folder)
    made.save_pretrained(folder)
    AutoTokenizer.from_pretrained(folder)


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    made = tokenizer(
        "bert", pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
        eos_token="[SEP]")
    save("bert", BertForMaskedLM(BertConfig(
        vocab_size=len(made), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=128)), made)
    end = "<|endoftext|>"
    made = tokenizer("gpt2", bos_token=end, eos_token=end, unk_token=end)
    ids = {key: made.eos_token_id for key in ["bos_token_id", "eos_token_id"]}
    save("gpt2", GPT2LMHeadModel(GPT2Config(
        vocab_size=len(made), n_positions=256, n_embd=32, n_layer=2, n_head=2, **ids)), made)
    made = tokenizer("t5", pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    for name, projection in [("t5", "relu"), ("t5-v1.1", "gated-gelu")]:
        # More rows than tokens, as T5 has it.
        save(name, T5ForConditionalGeneration(T5Config(
            vocab_size=len(made) + 28, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2,
            feed_forward_proj=projection, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)), made)


if __name__ == "__main__":
    main()

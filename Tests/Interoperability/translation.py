#!/usr/bin/env python3
"""Compares the tokens of a Marian of the size that people train with those of transformers.

    translation.py GRAFT DATA FOLDER [LINES]

Trains two models of SentencePiece with 8,000 pieces and its usual normalization (nmt_nfkc) on DATA/multi30k, English and
German, and writes FOLDER as opus-mt is published, with an untrained model of width 128. Then encodes the LINES first lines
of both languages (5,000 by default), and as many lines of random characters, as either language, with both programs, and
decodes them. FOLDER may then be fine-tuned: graft finetune --checkpoint FOLDER --task multi30k-en-de --rendering plain
"""

import gzip
import io
import json
import os
import random
import subprocess
import sys

import sentencepiece
import torch
from transformers import MarianConfig, MarianMTModel, MarianTokenizer

GRAFT, DATA, FOLDER = sys.argv[1:4]
LINES = int(sys.argv[4]) if len(sys.argv) > 4 else 5000
# Spaces of all kinds, what nmt_nfkc changes, drops or composes, marks alone, scripts without a piece, language codes.
ODD = (
    [" ", "  ", "\t", "\u00a0", "\u3000", "\u2003", "\u200b", "\u200d", "\ufeff", "\u0085", "\u2028", "▁", "ﬁ", "Å", "e\u0301", "ö", "o\u0308", "\u0301",
     "㎏", "①", "Ａ", "ガ", "カ\u3099", "한", "\u1112\u1161\u11ab", "☃", "\U0001F468\u200d\U0001F469", "ß", "…", "½", "\u00ad", "\u0001", "\u007f", "�",
     ">>", "<<", ">>deu<<", "</s>", "<unk>", "ſ", "Ǆ", "ﷺ", "नि", "ไทย", "\r"]
    + list("abcdefghijklmnopqrstuvwxyzABCDE0123456789.,'-äöü"))


def lines(name):
    with gzip.open(os.path.join(DATA, "multi30k", f"{name}.gz"), "rt", encoding="utf-8") as file:
        return [line.strip("\n") for line in file]


def make(english, german):
    os.makedirs(FOLDER, exist_ok=True)
    own = {}
    for name, texts in [("source", english), ("target", german)]:
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_writer=model, vocab_size=8000, character_coverage=1.0, hard_vocab_limit=False,
            minloglevel=2)
        with open(os.path.join(FOLDER, f"{name}.spm"), "wb") as file:
            file.write(model.getvalue())
        pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        own[name] = [pieces.id_to_piece(i) for i in range(3, len(pieces))]
    pieces = list(dict.fromkeys(["</s>", "<unk>"] + own["source"] + own["target"] + [">>deu<<", "<pad>"]))
    with open(os.path.join(FOLDER, "vocab.json"), "w") as file:
        json.dump({piece: number for number, piece in enumerate(pieces)}, file)
    tokenizer = MarianTokenizer(
        *[os.path.join(FOLDER, name) for name in ["source.spm", "target.spm", "vocab.json"]], source_lang="eng",
        target_lang="deu")
    tokenizer.save_pretrained(FOLDER)
    torch.manual_seed(1)
    padding = tokenizer.pad_token_id
    model = MarianMTModel(MarianConfig(
        vocab_size=len(pieces), d_model=128, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=256, decoder_ffn_dim=256, max_position_embeddings=512,
        activation_function="swish", scale_embedding=True, pad_token_id=padding, eos_token_id=0, bos_token_id=0,
        decoder_start_token_id=padding, forced_eos_token_id=0))
    model.generation_config.update(bad_words_ids=[[padding]], renormalize_logits=True, num_beams=6, max_length=512)
    model.save_pretrained(FOLDER)
    return tokenizer


def graft(command, texts, *flags):
    result = subprocess.run(
        [GRAFT, "tokenizer", command, "--tokenizer", FOLDER, *flags], input="\n".join(texts) + "\n", capture_output=True,
        check=True, text=True, encoding="utf-8")
    return result.stdout.split("\n")[:-1]


def main():
    english, german = lines("train.en"), lines("train.de")
    tokenizer = make(english, german)
    drawn = random.Random(5)
    odd = ["".join(drawn.choice(ODD) for _ in range(drawn.randint(0, 30))).strip("\r\n") for _ in range(2 * LINES)]
    odd = [text.replace("\r", "") for text in odd]
    for name, texts in [("English", english[:LINES]), ("German", german[:LINES]), ("random", odd)]:
        for side, flags in [("source", []), ("target", ["--target"])]:
            key = {"text": texts} if side == "source" else {"text_target": texts}
            theirs = [ids[:-1] for ids in tokenizer(**key, split_special_tokens=True).input_ids]
            ours = [[int(number) for number in line.split()] for line in graft("encode", texts, *flags)]
            assert len(ours) == len(theirs)
            differ = [i for i in range(len(ours)) if ours[i] != theirs[i]]
            print(f"{name} as {side}: {len(texts)} lines, {sum(map(len, theirs))} tokens, {len(differ)} differ", flush=True)
            for i in differ[:3]:
                print("  ", ascii(texts[i]), ours[i], theirs[i])
        written = tokenizer.batch_decode(theirs, skip_special_tokens=True)
        decoded = graft("decode", [" ".join(map(str, ids)) for ids in theirs], "--skip-special")
        print(f"{name}: {sum(a != b for a, b in zip(decoded, written))} of {len(written)} texts differ", flush=True)


if __name__ == "__main__":
    main()

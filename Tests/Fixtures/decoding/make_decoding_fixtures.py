"""Makes what transformers' `generate` answers with the small models of ../huggingface, as they are and trained.

    python3 make_decoding_fixtures.py        # writes beside itself

Needs torch, transformers and tokenizers. Everything is float32 on one thread.

NAME/               for t5-trained and gpt2-trained: ../huggingface's model after some training on pieces of
                    ../tokenizer/training.txt, each with an end, as save_pretrained writes it in 16 bits
NAME.json.gz for those two and for further models of ../huggingface, whose weights are drawn
    end             the end-of-sequence token
    endRow          replaces the end's row of the output embedding: models with random weights hardly ever end an
                    answer by themselves. It is along the mean of the states that meet the output embedding, so long that the
                    end's logit is on average that of the fourth token. None for trained models
    limit           the most new tokens
    inputs          200 times the token ids an encoder reads, or for gpt2 the prompt
    greedy          for every input the new tokens, up to and with the end
    searches        of beam search, for every setting `beams`, `lengthPenalty`, `earlyStopping` and the `answers`:
                    for every input the new tokens of the best answer, and its `scores`
"""

import gzip
import json
import os
import shutil

import torch
from tokenizers import Tokenizer
from transformers import (
    BartForConditionalGeneration, GPT2LMHeadModel, GPTNeoForCausalLM, GPTNeoXForCausalLM, MarianMTModel,
    MistralForCausalLM, OPTForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, T5ForConditionalGeneration)

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT, LIMIT, END = 200, 12, 1
TRAINING_STEPS, PIECES = 400, 32
SEARCHES = [
    (4, 1.0, False), (4, 1.0, True), (4, 0.0, False), (4, 0.6, False), (4, 2.0, False), (4, 2.0, True),
    (4, -0.5, False), (4, -0.5, True), (2, 1.0, False), (7, 1.3, True),
]


def random_inputs(vocabulary, generator):
    lengths = torch.randint(1, 20, (COUNT,), generator=generator).tolist()
    return [torch.randint(7, vocabulary, (n,), generator=generator).tolist() for n in lengths]


def batch_of(model, inputs):
    """Ids and attention mask; prompts are padded in front, what an encoder reads behind."""
    width = max(map(len, inputs))
    rows, mask = [], []
    for ids in inputs:
        gap = width - len(ids)
        behind = model.config.is_encoder_decoder
        rows.append(ids + [0] * gap if behind else [0] * gap + ids)
        mask.append([1] * len(ids) + [0] * gap if behind else [0] * gap + [1] * len(ids))
    return torch.tensor(rows), torch.tensor(mask)


def answer(model, inputs, **settings):
    ids, mask = batch_of(model, inputs)
    # The cache of a model whose encoder and decoder differ in depth is broken in transformers 5.23.
    output = model.generate(
        ids, attention_mask=mask, do_sample=False, max_new_tokens=LIMIT, eos_token_id=END, pad_token_id=0,
        return_dict_in_generate=True, output_scores=True, use_cache=False, **settings)
    start = 1 if model.config.is_encoder_decoder else ids.shape[1]
    answers = []
    for row in output.sequences[:, start:].tolist():
        answers.append(row[:row.index(END) + 1] if END in row else row)
    return answers, output


def make_end_row(model, inputs):
    kept = []
    handle = model.lm_head.register_forward_pre_hook(lambda module, args: kept.append(args[0][:, -1]))
    answer(model, inputs, num_beams=1)
    handle.remove()
    states = torch.cat(kept)
    mean = states.mean(0)
    scale = (states @ model.lm_head.weight.T).topk(4).values[:, 3].mean()
    row = scale * mean / mean.dot(mean)
    with torch.no_grad():
        model.lm_head.weight[END] = row
    return row.tolist()


def pieces(count, generator):
    """Token ids from anywhere in the text, 2 to 2 * LIMIT of them."""
    path = os.path.join(HERE, "../huggingface/t5/tokenizer.json")
    with open(os.path.join(HERE, "../tokenizer/training.txt")) as file:
        text = Tokenizer.from_file(path).encode(file.read()).ids
    lengths = torch.randint(2, 2 * LIMIT + 1, (count,), generator=generator).tolist()
    starts = torch.randint(0, len(text) - 2 * LIMIT, (count,), generator=generator).tolist()
    return [text[start:start + length] for start, length in zip(starts, lengths)]


def trained_batch(model, generator):
    """Half of each piece as input and half as target for an encoder-decoder, else all of it; -100 is not asked."""
    rows = pieces(PIECES, generator)
    if not model.config.is_encoder_decoder:
        rows = [row + [END] for row in rows]
        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        labels = torch.tensor([row + [-100] * (width - len(row)) for row in rows])
        return {"input_ids": ids, "attention_mask": (labels != -100).long(), "labels": labels}
    ids, mask = batch_of(model, [row[:len(row) // 2] for row in rows])
    targets = [row[len(row) // 2:] + [END] for row in rows]
    width = max(map(len, targets))
    labels = torch.tensor([row + [-100] * (width - len(row)) for row in targets])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def train(name, model_class):
    """Trains ../huggingface/NAME and keeps it in 16 bits; other precisions would not be the same model."""
    model = model_class.from_pretrained(os.path.join(HERE, "../huggingface", name)).train()
    torch.manual_seed(11)
    generator = torch.Generator().manual_seed(12)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(TRAINING_STEPS):
        loss = model(**trained_batch(model, generator)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 99:
            print(name, "step", step + 1, "loss", round(loss.item(), 3))
    folder = os.path.join(HERE, f"{name}-trained")
    model.half().save_pretrained(folder)
    for extra in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(os.path.join(HERE, "../huggingface", name, extra), folder)
    return folder


def make(name, model_class, folder, inputs, has_ends):
    model = model_class.from_pretrained(folder, dtype=torch.float32).eval()
    model.generation_config.eos_token_id = END
    record = {"end": END, "limit": LIMIT, "inputs": inputs, "searches": []}
    with torch.no_grad():
        if not has_ends:
            record["endRow"] = make_end_row(model, inputs)
        record["greedy"] = answer(model, inputs, num_beams=1)[0]
        for beams, penalty, early in SEARCHES:
            answers, output = answer(
                model, inputs, num_beams=beams, length_penalty=penalty, early_stopping=early)
            record["searches"].append({
                "beams": beams, "lengthPenalty": penalty, "earlyStopping": early, "answers": answers,
                "scores": [float(f"{score:.6g}") for score in output.sequences_scores.tolist()]})
            lengths = [len(tokens) for tokens in answers]
            print(name, beams, penalty, early, "lengths", {n: lengths.count(n) for n in sorted(set(lengths))})
    with open(os.path.join(HERE, f"{name}.json.gz"), "wb") as file:
        # Without a time, so that equal answers are equal bytes.
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
            packed.write(json.dumps(record, separators=(",", ":"), sort_keys=True).encode())


def make_drawn(name, model_class):
    inputs = random_inputs(300, torch.Generator().manual_seed(len(name)))
    make(name, model_class, os.path.join(HERE, "../huggingface", name), inputs, has_ends=False)


def make_trained(name, model_class):
    inputs = [piece[:19] for piece in pieces(COUNT, torch.Generator().manual_seed(13))]
    make(f"{name}-trained", model_class, train(name, model_class), inputs, has_ends=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_drawn("t5", T5ForConditionalGeneration)
    make_drawn("t5-v1.1", T5ForConditionalGeneration)
    make_drawn("gpt2", GPT2LMHeadModel)
    # Their first tokens, last tokens and the one that is never written are those of their folders.
    make_drawn("bart", BartForConditionalGeneration)
    make_drawn("marian", MarianMTModel)
    make_drawn("gpt-neo", GPTNeoForCausalLM)
    make_drawn("gpt-neox", GPTNeoXForCausalLM)
    make_drawn("mistral", MistralForCausalLM)
    make_drawn("opt", OPTForCausalLM)
    make_drawn("qwen2-window", Qwen2ForCausalLM)
    make_drawn("qwen3", Qwen3ForCausalLM)
    make_trained("t5", T5ForConditionalGeneration)
    make_trained("gpt2", GPT2LMHeadModel)

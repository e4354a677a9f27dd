"""Makes what transformers says about texts that a GPT-2, a GPT-NeoX and a Qwen go on with.

    python3 make_continuation_fixtures.py        # writes continuation.json and lambada/ beside itself

Needs torch and transformers. The models are those of ../huggingface and ../decoding/gpt2-trained; float32 on one thread. A
prompt is what the tokenizer makes of it, with nothing before or behind it.

continuation.json, for each model:
    generation      for every prompt its `ids`, and of `generate` the new ids: `greedy`, and `beam` with 4 beams and its
                    `score`; up to and with end-of-sequence
    scores          for every `input` and `target` the ids of the target and their log-probabilities after the input;
                    with an empty input after the token that transformers calls bos
    files           the log-probability of `text` by windows of `window` tokens that move by `stride`
lambada/            a data folder with rows in LAMBADA's form, and in continuation.json under `lambada` the accuracy and
                    perplexity of the last word
"""

import gzip
import json
import math
import os

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = {
    "gpt2": "../huggingface/gpt2", "gpt2-trained": "../decoding/gpt2-trained", "gpt-neox": "../huggingface/gpt-neox",
    "qwen2-window": "../huggingface/qwen2-window"}
LIMIT = 12
PROMPTS = [
    "The cat", "The cat sees the", "It was a dark and stormy night; the rain fell in", " Once", "Once upon a time ",
    "No, said", "naïve café", "\n", "1 2 3 4",
]
PAIRS = [
    ("The cat sees", " the dog"), ("The cat sees", " Mercy"), ("It was", " a dark and stormy night."),
    ("unbeliev", "able"), ("The ", "cat"), ("", "The cat sees the dog."), ("", " the"), ("line\n", "next line"),
    ("He said:", " naïve café"),
]
ROWS = [
    ("The old man looked at the sea, and the sea looked at the old", "man"),
    ("\"Give me the book,\" said Anna. He gave her the", "book"),
    ("They walked along the river until they came to the end of the", "river"),
    ("She whistled for her dog and threw a stick for the", "dog"),
    ("All night the rain fell, and in the morning there was still", "rain"),
    ("He asked for Mercy, but nobody had seen", "Mercy"),
    ("I can make it there on my own,", "Shane"),
    ("You are not the first, and you will not be the", "last"),
    # What gpt2-trained writes itself.
    ("The cat", "river"), ("The cat sees the", "river"),
]
TEXT = (
    "The cat sees the dog. The dog does not see the cat!\n\nIt was a dark and stormy night; the rain fell in torrents.\n"
    "\"No,\" said Anna, \"naïve café.\"\n") * 6
STRIDES = [(32, 8), (64, 64), (16, 1), (40, 20)]


def log_probabilities(model, context, targets):
    """Of `targets`, each after all before it."""
    # The last one is predicted, not read.
    ids = torch.tensor([(context + targets)[:-1]])
    with torch.no_grad():
        table = model(ids).logits[0].log_softmax(-1)
    first = len(context)
    return [table[first + i - 1, t].item() for i, t in enumerate(targets)]


def generation(model, tokenizer, text):
    ids = tokenizer.encode(text, add_special_tokens=False)
    settings = dict(
        attention_mask=torch.ones(1, len(ids), dtype=torch.long), do_sample=False, max_new_tokens=LIMIT,
        pad_token_id=0, return_dict_in_generate=True, output_scores=True)
    greedy = model.generate(torch.tensor([ids]), **settings).sequences[0, len(ids):].tolist()
    found = model.generate(torch.tensor([ids]), num_beams=4, **settings)
    beam = found.sequences[0, len(ids):].tolist()
    end = model.generation_config.eos_token_id
    if end in beam:
        beam = beam[:beam.index(end) + 1]
    return {
        "text": text, "ids": ids, "greedy": greedy, "beam": beam, "score": found.sequences_scores[0].item()}


def score(model, tokenizer, text, target):
    """The tokens of the target are those by which the whole text is longer than the input; where a space at the input's end
    joins the target, it is the target's."""
    def encode(text):
        return tokenizer.encode(text, add_special_tokens=False)
    def parts(head, tail):
        read, whole = encode(head), encode(head + tail)
        return (read, whole[len(read):]) if whole[:len(read)] == read and len(whole) > len(read) else None
    head = text.rstrip()
    found = parts(text, target) or parts(head, text[len(head):] + target) or (encode(text), encode(target))
    read, ids = found
    context = read or [model.config.bos_token_id]
    return {"input": text, "target": target, "ids": ids, "logProbabilities": log_probabilities(model, context, ids)}


def strided(model, ids, window, stride):
    """The recipe of transformers' documentation on the text with its bos before it: a window of `window` tokens moves on by
    `stride`, and what the window before it did not have is scored; without anything before it, after bos."""
    sequence = [model.config.bos_token_id] + ids
    total, done = 0.0, 1
    for first in range(0, len(sequence), stride):
        end = min(first + window, len(sequence))
        total += sum(log_probabilities(model, sequence[first:done] or sequence[:1], sequence[done:end]))
        done = end
        if end == len(sequence):
            break
    return total


def main():
    torch.set_num_threads(1)
    result = {"limit": LIMIT, "models": {}, "text": TEXT}
    os.makedirs(os.path.join(HERE, "lambada"), exist_ok=True)
    with open(os.path.join(HERE, "lambada", "lambada_openai.jsonl.gz"), "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
            for context, word in ROWS:
                file.write((json.dumps({"context": context, "continuation": word}) + "\n").encode())
    for name, path in MODELS.items():
        folder = os.path.join(HERE, path)
        model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32).eval()
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        model.config.bos_token_id = model.config.bos_token_id or 0
        text = tokenizer.encode(TEXT, add_special_tokens=False)
        words = [score(model, tokenizer, context, " " + word) for context, word in ROWS]
        right = []
        for (context, word), found in zip(ROWS, words):
            ids = tokenizer.encode(context, add_special_tokens=False)
            table = model(torch.tensor([ids + found["ids"]])).logits[0]
            guessed = [table[len(ids) + i - 1].argmax().item() for i in range(len(found["ids"]))]
            right.append(guessed == found["ids"])
        nats = [-sum(found["logProbabilities"]) for found in words]
        result["models"][name] = {
            "generation": [generation(model, tokenizer, text) for text in PROMPTS],
            "scores": [score(model, tokenizer, *pair) for pair in PAIRS],
            "files": [
                {"window": w, "stride": s, "tokens": len(text), "total": strided(model, text, w, s)}
                for w, s in STRIDES],
            "lambada": {
                "right": right, "accuracy": sum(right) / len(right),
                "perplexityPerText": math.exp(sum(nats) / len(nats)),
                "perplexity": math.exp(sum(nats) / sum(len(found["ids"]) for found in words))},
        }
    with open(os.path.join(HERE, "continuation.json"), "w") as file:
        json.dump(result, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()

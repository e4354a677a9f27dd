#!/usr/bin/env python3
"""Scores the validation part of the Penn Treebank per word by counts (Kneser-Ney of order 5) and by the small LSTM of
Zaremba et al. 2014 (§4.1: 2 layers of 200, no dropout), each with a cache, and the LSTM with dynamic evaluation.

    GRAFT=.build/release/graft GRAFT_DATA=../shared/data python3 Docs/results/ptb.py OUTPUT

What is finished is skipped and what was stopped goes on. The figures are written to OUTPUT/ptb.json. PASSES=1 reads the
text once, as a trial.

Other than in the paper: its loss is a sum over the 20 tokens of a window, Graft's a mean, so that the rate of 1 is 20 here
and the norm of 5 at which gradients are clipped 0.25, which comes to the same. Values begin as Graft's LSTM draws them, not
uniformly within 0.1, and forget gates open. The validation text is read in two windows, the second half after more than
28,000 words of the first; with dynamic evaluation in windows of 120 that move on by 20, a step of gradient descent after
each.
"""
import gzip
import json
import math
import os
import pathlib
import subprocess
import sys

GRAFT = os.environ.get("GRAFT", ".build/release/graft")
DATA = pathlib.Path(os.environ["GRAFT_DATA"])
PASSES = int(os.environ.get("PASSES", "13"))
LANES, LENGTH = 20, 20
DYNAMIC_RATES = [0.1, 1]


def graft(*arguments):
    subprocess.run([GRAFT, *map(str, arguments)], check=True)


def prepare(output):
    """Texts whose lines end with the word <eos>, and a tokenizer of their 10,000 words; the words of each."""
    words = {}
    for part in ["train", "valid"]:
        with gzip.open(DATA / "ptb" / f"ptb.{part}.txt.gz", "rt", encoding="utf-8") as lines:
            words[part] = [word for line in lines for word in [*line.split(), "<eos>"]]
        text = "".join(f"{word}\n" if word == "<eos>" else f"{word} " for word in words[part])
        (output / f"{part}.txt").write_text(text, encoding="utf-8")
    kinds = len(set(words["train"]))
    # <unk> is a special token anyway, beside <pad> and </s>.
    graft("tokenizer", "train", "--corpus", output / "train.txt", "--unit", "word", "--vocabulary-size", kinds + 2,
          "--sentinels", 0, "--minimum-frequency", 1, "--output", output / "words.json")
    return {part: len(found) for part, found in words.items()}


def train(output, words):
    run = output / "zaremba-small"
    if (run / "results.json").exists():
        return run
    sizes = {"family": "lstm", "width": 200, "decoderLayers": 2, "tied": False}
    (output / "zaremba-small.json").write_text(json.dumps(sizes) + "\n")
    steps = PASSES * math.ceil(words["train"] / LANES / LENGTH)
    graft("pretrain", "--corpus", output / "train.txt", "--validation", output / "valid.txt", "--tokenizer",
          output / "words.json", "--backbone", output / "zaremba-small.json", "--objective", "causal-lm",
          "--carry-state", "--forget-state", 0, "--batch", LANES, "--sequence-length", LENGTH, "--optimizer", "sgd",
          "--learning-rate", 20, "--clip", 0.25, "--schedule", "stepped", "--warmup", 0, "--steps", steps,
          "--precision", "f32", "--output",
          run, *(["--resume"] if run.exists() else []))
    return run


def rates(output, name, *arguments):
    """What a model makes of the validation text, without and with what it remembers of it; kept in a file."""
    file = output / f"{name}.json"
    if not file.exists():
        graft("score", *arguments, "--json", file)
    found = json.loads(file.read_text())["files"][0]
    return found["rates"], found.get("remembering")


def count(output):
    model = output / "kneser-ney-5"
    if not (model / "ngrams.json").exists():
        graft("ngram", "train", "--corpus", DATA / "ptb" / "ptb.train.txt.gz", "--order", 5, "--output", model)
    return model


def figures(output, words):
    """Perplexities per word, ends of lines among the words, with intervals over lines."""
    rows = []

    def add(model, memory, found):
        counts = found["counts"]
        if counts["words"] != words["valid"] or counts["tokens"] != words["valid"]:
            sys.exit(f"{counts['words']} words were scored, but the text has {words['valid']}")
        perplexity = found["perplexityPerWord"]
        rows.append({"model": model, "memory": memory, "nats": counts["nats"], **perplexity})

    model = count(output)
    plain, cached = rates(output, "kneser-ney-5-cache", "--checkpoint", model, "--file",
                          DATA / "ptb" / "ptb.valid.txt.gz", "--line-ends", "--cache", 0.1)
    add("kneser-ney-5", "", plain)
    add("kneser-ney-5", "cache 0.1", cached)
    reading = ["--checkpoint", train(output, words), "--file", output / "valid.txt"]
    long = ["--window", 1 << 16, "--stride", words["valid"] // 2]
    plain, cached = rates(output, "zaremba-small-cache", *reading, *long, "--cache", 0.1)
    add("zaremba-small", "", plain)
    add("zaremba-small", "cache 0.1", cached)
    for rate in DYNAMIC_RATES:
        _, adapted = rates(output, f"zaremba-small-dynamic-{rate}", *reading, "--window", 120, "--stride", 20,
                           "--dynamic", rate)
        add("zaremba-small", f"dynamic {rate}", adapted)
    return rows


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    words = prepare(output)
    rows = figures(output, words)
    run = json.loads((output / "zaremba-small" / "results.json").read_text())
    training = {key: run[key] for key in ["parameters", "steps", "tokensSeen", "operations", "elapsedSeconds"]}
    (output / "ptb.json").write_text(
        json.dumps({"passes": PASSES, "words": words, "training": training, "rows": rows}, indent=1) + "\n")
    for row in rows:
        print(f"{row['model']:14} {row['memory']:12} {row['value']:6.1f} ({row['lower']:.1f} to {row['upper']:.1f})")


if __name__ == "__main__":
    main()

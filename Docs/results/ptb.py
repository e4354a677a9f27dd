#!/usr/bin/env python3
"""Trains the small LSTM of Zaremba et al. 2014 (§4.1: 2 layers of 200, no dropout) on the Penn Treebank and scores its
validation part per word.

    GRAFT=.build/release/graft GRAFT_DATA=../shared/data python3 Docs/results/ptb.py OUTPUT

What is finished is skipped and what was stopped goes on. The figures are written to OUTPUT/ptb.json. PASSES=1 reads the
text once, as a trial.

Other than in the paper: its loss is a sum over the 20 tokens of a window, Graft's a mean, so that the rate of 1 is 20 here
and the norm of 5 at which gradients are clipped 0.25, which comes to the same. Values begin as Graft's LSTM draws them, not
uniformly within 0.1. The validation text is read in two windows, the second half after more than 28,000 words of the first.
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


def graft(*arguments):
    subprocess.run([GRAFT, *map(str, arguments)], check=True)


def prepare(output):
    """Texts whose lines end with the word <eos>, and a tokenizer of their 10,000 words; the words of each."""
    words = {}
    for part in ["train", "valid"]:
        with gzip.open(DATA / "ptb" / f"ptb.{part}.txt.gz", "rt", encoding="utf-8") as lines:
            words[part] = [word for line in lines for word in [*line.split(), "<eos>"]]
        (output / f"{part}.txt").write_text(" ".join(words[part]) + "\n", encoding="utf-8")
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
          "--carry-state", "--batch", LANES, "--sequence-length", LENGTH, "--optimizer", "sgd", "--learning-rate", 20,
          "--clip", 0.25, "--schedule", "stepped", "--warmup", 0, "--steps", steps, "--precision", "f32", "--output",
          run, *(["--resume"] if run.exists() else []))
    return run


def score(output, run, words):
    """Perplexity per word of the validation text, ends of lines among the words."""
    file = output / "score.json"
    graft("score", "--checkpoint", run, "--file", output / "valid.txt", "--window", 1 << 16, "--stride",
          words["valid"] // 2, "--json", file)
    rates = json.loads(file.read_text())["files"][0]["rates"]
    counts = rates["counts"]
    if counts["words"] != words["valid"] or counts["tokens"] != words["valid"]:
        sys.exit(f"{counts['words']} words were scored, but the text has {words['valid']}")
    return {"model": run.name, "passes": PASSES, "words": counts["words"], "nats": counts["nats"],
            "perplexity": rates["perplexityPerWord"]["value"]}


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    words = prepare(output)
    figures = score(output, train(output, words), words)
    (output / "ptb.json").write_text(json.dumps([figures], indent=1) + "\n")
    print(f"{figures['model']}: {figures['perplexity']:.1f} on the validation part after {PASSES} passes; published: 120.7")


if __name__ == "__main__":
    main()

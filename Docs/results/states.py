#!/usr/bin/env python3
"""Looks for a sentiment unit in a small language model of bytes; probes states by layer, of depth, over a distance.

    GRAFT=.build/release/graft GRAFT_DATA=../shared/data python3 Docs/results/states.py OUTPUT

An LSTM (one layer of 512, carried state) and a GPT read IMDB reviews byte by byte for MINUTES each (15). Then: which
unit of the LSTM tells sentiment, on SST-2 and on IMDB (Radford et al. 2017, whose model had 4,096 units and read 82
million reviews); linear probes by layer of both on SST-2; reviews written with the unit held; and the same two kinds of
models on brackets and on copying, for a third of MINUTES each. LIMIT (6000) examples of each split are used.
MINUTES=0.5 LIMIT=200 is a trial.

What is finished is skipped, and what was stopped goes on. The figures are in OUTPUT/*.json, what was printed in
OUTPUT/states.txt. IMDB's test reviews are read by no model.
"""
import csv
import gzip
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys

GRAFT = os.environ.get("GRAFT", ".build/release/graft")
DATA = pathlib.Path(os.environ["GRAFT_DATA"])
MINUTES = float(os.environ.get("MINUTES", "15"))
LIMIT = int(os.environ.get("LIMIT", "6000"))
SIZES = {
    "lstm": {"family": "lstm", "width": 512, "decoderLayers": 1, "tied": True},
    "gpt": {"family": "gpt", "width": 256, "heads": 4, "headDimension": 64, "feedForward": 1024, "decoderLayers": 4,
            "activation": "gelu", "gated": False, "tied": True, "epsilon": 1e-5, "maximumLength": 2048},
}
TASK = """task: reviews
version: 1
source: {folder: ., format: jsonl, fields: {text: text, label: label}}
splits: {train: train.jsonl, test: test.jsonl}
inputs: "reviews text: {text}"
targets: "{label}"
choices: [negative, positive]
output: choices
metrics: [accuracy]
"""


def graft(*arguments):
    return subprocess.run([GRAFT, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout


def reviews(part):
    """Texts without markup, in the order of the file."""
    csv.field_size_limit(1 << 30)
    with gzip.open(DATA / "imdb" / f"{part}.tsv.gz", "rt", encoding="utf-8", errors="replace", newline="") as lines:
        for row in itertools.islice(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1, None):
            yield re.sub(r"(<br ?/?> *)+", " ", row[2]).strip()


def prepare(output):
    """The corpus, a tokenizer of bytes, and a task of whole reviews whose classes alternate."""
    if (output / "tokenizer.json").exists():
        return
    with open(output / "reviews.jsonl", "w", encoding="utf-8") as file:
        for part in ["train-unsup", "train-pos", "train-neg"]:
            for text in reviews(part):
                file.write(json.dumps({"text": text}) + "\n")
    (output / "tasks").mkdir(exist_ok=True)
    (output / "tasks" / "reviews.yaml").write_text(TASK, encoding="utf-8")
    for split in ["train", "test"]:
        with open(output / "tasks" / f"{split}.jsonl", "w", encoding="utf-8") as file:
            for pair in zip(reviews(f"{split}-neg"), reviews(f"{split}-pos")):
                for text, label in zip(pair, ["negative", "positive"]):
                    file.write(json.dumps({"text": text, "label": label}) + "\n")
    graft("tokenizer", "train", "--corpus", output / "reviews.jsonl", "--unit", "byte", "--vocabulary-size", 259,
          "--sentinels", 0, "--output", output / "tokenizer.json")


def train(output, name, family, corpus, minutes, *more):
    run = output / name
    if (run / "results.json").exists():
        return run
    preset = output / f"{family}.json"
    preset.write_text(json.dumps(SIZES[family]) + "\n")
    graft("pretrain", "--corpus", corpus, "--tokenizer", output / "tokenizer.json", "--backbone", preset, "--objective",
          "causal-lm", "--optimizer", "adamw", "--learning-rate", "2e-3", "--budget", f"{minutes * 60:.0f}s",
          "--held-out", 0.002, "--output", run, *more, *(["--resume"] if run.exists() else []))
    return run


def once(output, name, *arguments):
    """Runs a command that writes OUTPUT/NAME.json, and keeps what it printed; nothing if that is there."""
    file = output / f"{name}.json"
    if not file.exists():
        text = graft(*arguments, "--json", file, "--output", output / "pictures" / name)
        (output / f"{name}.txt").write_text(text, encoding="utf-8")
    return json.loads(file.read_text())


def clamped(output, run, found):
    """Reviews with the unit held at three standard deviations beyond the mean of either class."""
    file = output / "clamped.json"
    if file.exists():
        return json.loads(file.read_text())
    split = found["splits"][0]
    unit, values = split["trained"]["units"][0], split["distribution"]
    order = sorted(range(2), key=lambda label: values["means"][label])
    samples = []
    for label, sign in [(order[0], -1), (order[1], 1)]:
        value = values["means"][label] + sign * 3 * values["deviation"]
        for seed in range(3):
            answers = json.loads(graft(
                "generate", "--checkpoint", run, "--sample", "--temperature", 0.7, "--seed", seed,
                "--target-length", 300, "--clamp", f"{unit['place']}:{unit['unit']}={value:.4f}", "--json", "-",
                "This movie"))
            samples.append({"class": found["classes"][label], "value": value, "seed": seed,
                            "text": answers[0]["input"] + answers[0]["answers"][0]["text"]})
    file.write_text(json.dumps(samples, indent=1) + "\n")
    return samples


def generated(output, name, language, *numbers):
    """A generated corpus."""
    path = output / f"{name}.txt"
    if not path.exists():
        graft("states", "text", language, "--texts", 50_000, *numbers, "--output", path)
    return path


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    prepare(output)
    words = ["--tasks", output / "tasks", "--limit", LIMIT]
    lstm = train(output, "reviews-lstm", "lstm", output / "reviews.jsonl", MINUTES, "--carry-state", "--batch", 64,
                 "--sequence-length", 128)
    gpt = train(output, "reviews-gpt", "gpt", output / "reviews.jsonl", MINUTES, "--batch", 16, "--sequence-length",
                512)
    once(output, "unit-sst2", "states", "unit", "--checkpoint", lstm, "--task", "sst2", *words)
    found = once(output, "unit-reviews", "states", "unit", "--checkpoint", lstm, "--task", "reviews", *words)
    for name, run in [("lstm", lstm), ("gpt", gpt)]:
        once(output, f"layers-{name}-sst2", "states", "layers", "--checkpoint", run, "--task", "sst2", *words)
    samples = clamped(output, lstm, found)
    brackets = generated(output, "brackets-corpus", "brackets", "--deepest", 6)
    copy = generated(output, "copy-corpus", "copy", "--longest", 64)
    for family in SIZES:
        lanes = ["--batch", 32, "--sequence-length", 256, "--document-boundary", "blank-lines"]
        run = train(output, f"brackets-{family}", family, brackets, MINUTES / 3, *lanes)
        once(output, f"depth-{family}", "states", "depth", "--checkpoint", run, "--deepest", 6, "--deeper", 12)
        run = train(output, f"copy-{family}", family, copy, MINUTES / 3, *lanes)
        once(output, f"copy-{family}-distances", "states", "copy", "--checkpoint", run, "--longest", 64)
    shown = [(output / f"{path.stem}.txt").read_text(encoding="utf-8") for path in sorted(output.glob("*.json"))
             if re.match(r"(unit|layers|depth|copy)-", path.stem)]
    shown += [f"{sample['class']}, {sample['value']:.3f}: {sample['text']}\n" for sample in samples]
    (output / "states.txt").write_text("\n".join(shown), encoding="utf-8")
    print("\n".join(shown))


if __name__ == "__main__":
    main()

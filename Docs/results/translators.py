#!/usr/bin/env python3
"""Trains three recurrent translators (without attention, with Luong's, with Bahdanau's) and a transformer of about as many
parameters on Multi30k, English to German, by the same number of updates each, and prints BLEU by the length of the source and
where the models look in one sentence.

    GRAFT=.build/release/graft GRAFT_DATA=../shared/data python3 Docs/results/translators.py OUTPUT

What is finished is skipped and what was stopped goes on. The figures are written to OUTPUT/translators.json, the pictures
to OUTPUT/alignment-MODEL.svg. STEPS=100 trains each model for 100 updates and scores 100 examples, as a trial; it is 1,500 by
default, of 128 examples, and all is done in about 25 minutes.
"""
import json
import os
import pathlib
import subprocess
import sys

GRAFT = os.environ.get("GRAFT", ".build/release/graft")
DATA = pathlib.Path(os.environ["GRAFT_DATA"])
STEPS = int(os.environ.get("STEPS", "1500"))
LIMIT = ["--limit", 100] if STEPS < 1000 else []
TASK, SPLITS = "multi30k-en-de", ["test-2016", "test-2017"]
SENTENCE = "A young man in a blue shirt is playing the guitar on a stage in front of a large crowd."

RECURRENT = ["--learning-rate", "2e-3", "--dropout", "0.2"]
# The recipe of Docs/results/multi30k.sh.
TRANSFORMER = ["--learning-rate", "3e-3", "--dropout", "0.1"]
MODELS = {
    "none": ("seq2seq-nano", RECURRENT), "dot": ("seq2seq-dot-nano", RECURRENT),
    "additive": ("seq2seq-additive-nano", RECURRENT), "transformer": ("t5-nano", TRANSFORMER)}


def graft(*arguments, **options):
    return subprocess.run([GRAFT, *map(str, arguments)], check=True, text=True, **options)


def prepare(output):
    tokenizer = output / "tokenizer.json"
    if not tokenizer.exists():
        texts = [DATA / "multi30k" / f"train.{language}.gz" for language in ["en", "de"]]
        graft("tokenizer", "train", "--corpus", *texts, "--vocabulary-size", 6000, "--output", tokenizer)
    return tokenizer


def train(output, name, tokenizer):
    run = output / name
    if not (run / "results.json").exists():
        preset, recipe = MODELS[name]
        graft("finetune", "--backbone", preset, "--tokenizer", tokenizer, "--task", TASK, "--split", "validation",
              "--steps", STEPS, "--batch", 128, "--optimizer", "adamw", "--schedule",
              "inverse-square-root", "--warmup", 200, "--label-smoothing", 0.1, "--input-length", 96, "--target-length",
              96, "--save-every", 500, "--no-overlap", *recipe, "--output", run,
              *(["--resume"] if run.exists() else []))
    return run


def scores(output, name, run):
    """BLEU of the test splits as a whole and by length, with the bounds of their intervals."""
    file = output / f"scores-{name}.json"
    if not file.exists():
        graft("evaluate", "--checkpoint", run, "--task", TASK, "--split", *SPLITS, "--beam", 4, "--by-length",
              "--no-overlap", *LIMIT, "--json", file)
    return [
        {"split": entry["split"], "words": entry["group"].get("source-length", "all"), "examples": entry["examples"],
         "bleu": [entry.get(key) for key in ["score", "lower", "upper"]]}
        for entry in json.loads(file.read_text())["results"] if entry["metric"] == "bleu"]


def alignment(output, name, run):
    """Where a model looks as it translates the sentence; nothing of the one without attention."""
    if name == "none":
        return None
    view = ["inspect", "alignment", "--checkpoint", run, "--task", TASK, "--source", SENTENCE, "--beam", 4]
    file = output / f"alignment-{name}.json"
    shown = graft(*view, "--json", file, "--svg", file.with_suffix(".svg"), stdout=subprocess.PIPE).stdout
    print(f"{name}\n\n```\n{shown.rstrip()}\n```\n")
    return json.loads(file.read_text())


def facts(run):
    """How many numbers were trained, and how often."""
    steps = [event for event in map(json.loads, (run / "events.jsonl").read_text().splitlines())
             if event["event"] == "step"]
    shown = graft("inspect", "checkpoint", run, stdout=subprocess.PIPE).stdout
    parameters = next(line.split()[0] for line in shown.splitlines() if " parameters; " in line)
    return {"parameters": int(parameters), "updates": steps[-1]["step"] if steps else 0,
            "tokens": steps[-1]["tokensSeen"] if steps else 0, "seconds": steps[-1]["seconds"] if steps else 0}


def table(rows):
    """A row for each split and length, a column for each model."""
    print("| set | words | examples | " + " | ".join(rows) + " |\n|---|---|---:|" + "---:|" * len(rows))
    first = next(iter(rows.values()))["scores"]
    for place in [(score["split"], score["words"], score["examples"]) for score in first]:
        cells = []
        for row in rows.values():
            found = next(score["bleu"] for score in row["scores"] if (score["split"], score["words"]) == place[:2])
            value, lower, upper = found
            cells.append(f"{value:.1f}" + (f" [{lower:.1f}, {upper:.1f}]" if lower is not None else ""))
        print("| " + " | ".join([*map(str, place), *cells]) + " |")
    print()


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = prepare(output)
    rows = {}
    for name in MODELS:
        run = train(output, name, tokenizer)
        rows[name] = {**facts(run), "scores": scores(output, name, run)}
    for name in MODELS:
        rows[name]["alignment"] = alignment(output, name, output / name)
    for name, row in rows.items():
        print(f"{name}: {row['parameters']:,} parameters, {row['updates']} updates in {row['seconds']:.0f} s")
    print()
    table(rows)
    (output / "translators.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

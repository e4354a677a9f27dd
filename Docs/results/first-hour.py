#!/usr/bin/env python3
"""The first hour of somebody who comes with a text, a table and a published model: what Docs/results/first-hour.md shows.

    GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/first-hour.py MINILM OUTPUT

The text is two dozen novels as they lie about in a folder: plain and gzip, one in Latin-1, one in UTF-16, one as an old Windows program
wrote it. The table is SciTail's as a CSV with columns and answers of its own names, and Tatoeba's pairs of sentences as a TSV. Every
command is run as a new user types it, its time and last lines go to OUTPUT/first-hour.json.
"""
import csv
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import time

GRAFT = os.path.realpath(os.environ.get("GRAFT", ".build/release/graft"))
DATA = pathlib.Path(os.environ["GRAFT_DATA"]).resolve()


def novels(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for index, path in enumerate(sorted((DATA / "english-novels").glob("*.gz"))[:24]):
        text = gzip.open(path, "rt", encoding="utf-8", errors="replace").read()
        name = folder / path.name.removesuffix(".txt.gz")
        plain = name.with_suffix(".txt")
        if index == 3:
            plain.write_bytes(text.encode("latin-1", "replace"))
        elif index == 5:
            plain.write_text(text, encoding="utf-16")
        elif index == 7:
            plain.write_bytes(text.replace("'", "\u2019").replace("\n", "\r\n").encode("cp1252", "replace"))
        elif index % 4 == 0:
            gzip.open(name.with_suffix(".txt.gz"), "wt", encoding="utf-8").write(text)
        else:
            plain.write_text(text, encoding="utf-8")


def tables(folder):
    rows = list(csv.DictReader(gzip.open(DATA / "scitail/dev.csv.gz", "rt")))
    random.Random(1).shuffle(rows)
    verdicts = {"entailment": "supports", "not_entailment": "no evidence"}
    for name, part in [("claims.csv", rows[:1700]), ("claims-new.csv", rows[1700:1800])]:
        with open(folder / name, "w", newline="") as file:
            out = csv.writer(file)
            labelled = name == "claims.csv"
            out.writerow(["id", "evidence", "claim"] + ["verdict"] * labelled)
            for number, row in enumerate(part):
                out.writerow([number, row["premise"], row["hypothesis"]] + [verdicts[row["label"]]] * labelled)
    lines = gzip.open(DATA / "tatoeba-deu-eng/deu.txt.gz", "rt", encoding="utf-8").read().splitlines()[1:]
    random.Random(1).shuffle(lines)
    pairs = [line.split("\t")[:2] for line in lines[:6000]]
    (folder / "sentence-pairs.tsv").write_text(
        "english\tgerman\n" + "".join(f"{pair[0]}\t{pair[1]}\n" for pair in pairs if len(pair) == 2))


def main():
    minilm, output = sys.argv[1], pathlib.Path(sys.argv[2])
    novels(output / "books")
    tables(output)
    environment = {key: value for key, value in os.environ.items() if key != "GRAFT_DATA"}
    # What a folder of sentence-transformers is called on the Hub.
    if not (output / "all-MiniLM-L6-v2").exists():
        (output / "all-MiniLM-L6-v2").symlink_to(os.path.realpath(minilm))
    claims = "--task claims --tasks claims.yaml"
    commands = [
        "plan --corpus books/ --budget 3m",
        "pretrain --corpus books/ --budget 3m --output runs/books",
        "pretrain --corpus books/ --budget 3m --invalid-utf8 windows-1252 --output runs/books",
        "new task claims.csv",
        f"finetune --checkpoint runs/books {claims} --output runs/claims",
        f"finetune --checkpoint runs/books --untrained {claims} --output runs/claims-untrained",
        f"finetune --checkpoint all-MiniLM-L6-v2 {claims} --output runs/claims-minilm",
        "evaluate --checkpoint runs/claims",
        "stress evaluate --checkpoint runs/claims-minilm --transform naik",
        "stress evaluate --checkpoint runs/claims-minilm --transform typo spelling lowercase contract --card",
        "probe --task claims --tasks claims.yaml --results runs/claims-minilm --json probe.json",
        "predict --checkpoint runs/claims-minilm --input claims-new.csv --output answers.csv",
        "report runs/claims runs/claims-untrained runs/claims-minilm probe.json --tasks claims.yaml --output report.html",
        "new task sentence-pairs.tsv --label german",
        "finetune --task sentence-pairs --tasks sentence-pairs.yaml --output runs/sentences",
        "generate --checkpoint runs/sentences 'sentence-pairs english: I want to go home.'",
    ]
    rows = []
    for command in commands:
        start = time.monotonic()
        done = subprocess.run(
            f"'{GRAFT}' {command}", shell=True, cwd=output, env=environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        rows.append({
            "command": f"graft {command}", "seconds": round(time.monotonic() - start, 1), "status": done.returncode,
            "output": done.stdout.splitlines()[-40:]})
        print(f"{rows[-1]['seconds']:8.1f} s  {done.returncode}  graft {command}", flush=True)
        (output / "first-hour.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

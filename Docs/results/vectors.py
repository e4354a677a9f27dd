#!/usr/bin/env python3
"""Trains word vectors by Graft and by gensim in turn, and asks both the same; prints the tables of Docs/results/vectors.md.

    pip install gensim
    GRAFT=.build/release/graft GRAFT_DATA=../shared/data python3 Docs/results/vectors.py OUTPUT

The text is the training part of WikiText-2 in lower case. The figures are written to OUTPUT/vectors.json.
"""
import gzip
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

GRAFT = os.environ.get("GRAFT", ".build/release/graft")
DATA = pathlib.Path(os.environ.get("GRAFT_DATA", "data"))
SETS = ["EN-WS-353-ALL", "EN-MEN-TR-3k", "EN-SIMLEX-999"]
SEEDS = [1, 2, 3]


def corpus(output):
    path = output / "wikitext-2.txt"
    with gzip.open(DATA / "wikitext-2/wiki.train.tokens.gz", "rt", encoding="utf-8") as source:
        path.write_text("".join(line.lower() for line in source if line.strip()), encoding="utf-8")
    return path


def by_gensim(text, seed, path):
    """Its fastest way: the threads read the file themselves."""
    from gensim.models import Word2Vec
    model = Word2Vec(vector_size=100, window=5, min_count=5, sg=1, negative=5, sample=1e-3, alpha=0.025, min_alpha=0.0,
                     workers=2, seed=seed)
    model.build_vocab(corpus_file=str(text))
    start = time.perf_counter()
    model.train(corpus_file=str(text), total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=5)
    seconds = time.perf_counter() - start
    model.wv.save_word2vec_format(str(path), binary=True)
    return seconds


def by_graft(text, seed, path, threads=2, *more):
    told = subprocess.run(
        [GRAFT, "vectors", "train", "--corpus", str(text), "--seed", str(seed), "--threads", str(threads), "--format",
         "binary", "--output", str(path), *more], check=True, capture_output=True, text=True).stderr
    return float(re.search(r"trained in ([\d.]+) s", told)[1])


def answers(path):
    """Of either program's vectors by Graft."""
    def ask(*words):
        command = [GRAFT, "vectors", *words, "--vectors", str(path), "--data", str(DATA), "--json", "-"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    files = [f"word-similarity/{name}.txt" for name in SETS]
    found = {name: result for name, result in zip(SETS, ask("similarity", "--file", *files)["similarities"])}
    found["analogies"] = ask("analogies", "--file", "word-analogies/questions-words.txt.gz")["total"]
    return found


def measure(output):
    text = corpus(output)
    runs = []
    # Warm caches, and a first look at one thread.
    single = by_graft(text, 1, output / "single.bin", 1)
    for seed in SEEDS:
        for system, train in [("graft", by_graft), ("gensim", by_gensim)]:
            path = output / f"{system}-{seed}.bin"
            runs.append({"system": system, "seed": seed, "seconds": train(text, seed, path), **answers(path)})
    same = (output / "single.bin").read_bytes() == (output / "graft-1.bin").read_bytes()
    glove = output / "glove.bin"
    seconds = by_graft(text, 1, glove, 2, "--method", "glove")
    return {"runs": runs, "secondsOfOneThread": single, "oneThreadGivesTheSameFile": same,
            "glove": {"seconds": seconds, **answers(glove)}}


def show(figures):
    def mean(system, name, key):
        return statistics.mean(run[name][key]["value"] for run in figures["runs"] if run["system"] == system)
    print("| | Graft | gensim | difference | covered | GloVe |\n|---|---:|---:|---:|---:|---:|")
    for name, key in [(name, "spearman") for name in SETS] + [("analogies", "accuracy")]:
        a, b = mean("graft", name, key), mean("gensim", name, key)
        one = figures["runs"][0][name]
        print(f"| {name} | {100 * a:.1f} | {100 * b:.1f} | {100 * (a - b):+.1f} | {one['covered']} of"
              f" {one.get('pairs', one.get('questions'))} | {100 * figures['glove'][name][key]['value']:.1f} |")
    seconds = {system: [run["seconds"] for run in figures["runs"] if run["system"] == system]
               for system in ["graft", "gensim"]}
    for system, values in seconds.items():
        print(f"{system}: {statistics.median(values):.1f} s ({min(values):.1f} to {max(values):.1f})")
    print(f"ratio {statistics.median(seconds['gensim']) / statistics.median(seconds['graft']):.2f};"
          f" one thread {figures['secondsOfOneThread']:.1f} s,"
          f" the same file: {figures['oneThreadGivesTheSameFile']}; GloVe {figures['glove']['seconds']:.1f} s")


if __name__ == "__main__":
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    figures = measure(output)
    (output / "vectors.json").write_text(json.dumps(figures, indent=1) + "\n")
    show(figures)

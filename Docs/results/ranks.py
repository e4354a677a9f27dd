#!/usr/bin/env python3
"""Trains the same models with 1, 2 and 4 ranks under mpirun and compares every byte that is kept.

    python3 Docs/results/ranks.py --graft .build/release/graft --json Docs/results/ranks.json

Every objective with every optimizer, 50 updates of a small model on eight shards, a checkpoint at half of them; then
fine-tuning from one of them. Equal are the weights and the state of the optimizer of both checkpoints, and the model. Rows that
the file has are left alone. Needs Python 3.8 and Open MPI; takes some minutes.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

SHAPE = {"width": 32, "heads": 2, "feedForward": 64, "activation": "gelu", "epsilon": 1e-6}
# Of each family what differs; a recurrent one has a width alone.
FAMILIES = {
    "t5": {"encoderLayers": 1, "decoderLayers": 1}, "gpt": {"encoderLayers": 0, "decoderLayers": 2, "maximumLength": 64},
    "bert": {"encoderLayers": 2, "decoderLayers": 0, "maximumLength": 64},
    "electra": {"encoderLayers": 2, "decoderLayers": 0, "maximumLength": 64, "generatorSize": 0.5},
    "lstm": {"decoderLayers": 2},
}
OBJECTIVES = [
    ("causal-lm", "gpt", []), ("masked-lm", "bert", []), ("span-corruption", "t5", []),
    ("replaced-token-detection", "electra", []), ("causal-lm", "lstm", ["--carry-state"]),
]
OPTIMIZERS = ["adamw", "adafactor", "muon"]
STEPS = 50


def hashes(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".safetensors"):
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


class Table:
    def __init__(self, graft, folder, output):
        self.graft, self.folder, self.output, self.rows = graft, folder, output, []
        if output and os.path.exists(output):
            with open(output) as file:
                self.rows = json.load(file)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, arguments, ranks=1):
        launcher = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
        done = subprocess.run(launcher + [self.graft] + arguments, capture_output=True, text=True)
        if done.returncode:
            sys.exit("%s\nended with %d:\n%s" % (" ".join(arguments), done.returncode, done.stderr))

    def prepare(self):
        world = self.path("world")
        self.run(["microworld", "--output", world, "--seed", "7", "--corpus-bytes", "60000"])
        self.run(
            ["tokenizer", "train", "--corpus", world + "/corpus.txt", "--vocabulary-size", "400", "--sentinels", "24",
             "--output", self.path("tokenizer.json")])
        for family, layers in FAMILIES.items():
            with open(self.path(family + ".json"), "w") as file:
                shape = {"width": SHAPE["width"]} if family == "lstm" else SHAPE
                json.dump(dict(shape, family=family, **layers), file)

    def compare(self, what, arguments):
        found = []
        if any(all(row[key] == what[key] for key in what) for row in self.rows):
            return
        for ranks in (1, 2, 4):
            output = self.path("run-%d" % ranks)
            shutil.rmtree(output, ignore_errors=True)
            self.run(arguments + ["--output", output], ranks)
            found.append(hashes(output))
        row = dict(what, files=len(found[0]), equal=all(other == found[0] for other in found[1:]))
        row["model"] = found[0]["model/model.safetensors"]
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        if self.output:
            with open(self.output, "w") as file:
                json.dump(self.rows, file, indent=1)
                file.write("\n")

    common = ["--shards", "8", "--batch", "16", "--dropout", "0.1", "--steps", str(STEPS), "--save-every", str(STEPS // 2),
              "--warmup", "5", "--learning-rate", "0.003", "--evaluate-every", "1000"]

    def pretraining(self, precision, traffic):
        for objective, family, more in OBJECTIVES:
            for optimizer in OPTIMIZERS:
                self.compare(
                    {"objective": objective, "family": family, "optimizer": optimizer, "precision": precision,
                     "traffic": traffic},
                    ["pretrain", "--corpus", self.path("world/corpus.txt"), "--tokenizer", self.path("tokenizer.json"),
                     "--backbone", self.path(family + ".json"), "--objective", objective, "--cache", self.path("cache"),
                     "--sequence-length", "32", "--document-boundary", "blank-lines", "--optimizer", optimizer,
                     "--precision", precision, "--gradient-traffic", traffic] + more + self.common)

    def finetuning(self, precision, traffic):
        start = self.path("start")
        self.run(
            ["pretrain", "--corpus", self.path("world/corpus.txt"), "--tokenizer", self.path("tokenizer.json"), "--backbone",
             self.path("t5.json"), "--cache", self.path("cache"), "--sequence-length", "32", "--output", start,
             "--precision", precision] + self.common)
        for optimizer in OPTIMIZERS:
            self.compare(
                {"objective": "fine-tuning", "family": "t5", "optimizer": optimizer, "precision": precision,
                 "traffic": traffic},
                ["finetune", "--checkpoint", start, "--task", "micro-sentiment", "--tasks", self.path("world"), "--data",
                 self.path("world"), "--no-baselines", "--no-overlap", "--split", "validation", "--optimizer", optimizer,
                 "--precision", precision, "--gradient-traffic", traffic] + self.common)
        shutil.rmtree(start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--graft", default=".build/release/graft", help="the executable")
    parser.add_argument("--json", help="where the rows go")
    parser.add_argument("--precisions", default="f32", help="f32, bf16 or both with a comma")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="graft-ranks-")
    os.environ.setdefault("GRAFT_HOME", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    table = Table(os.path.abspath(arguments.graft), folder, arguments.json)
    table.prepare()
    for precision in arguments.precisions.split(","):
        for traffic in ("f32", "bf16"):
            table.pretraining(precision, traffic)
            table.finetuning(precision, traffic)
    shutil.rmtree(folder)
    differing = [row for row in table.rows if not row["equal"]]
    print("%d configurations, %d of them differ" % (len(table.rows), len(differing)))
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()

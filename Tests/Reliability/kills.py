#!/usr/bin/env python3
"""Kills training commands at random moments and compares what they come to with runs that were never killed.

    python3 Tests/Reliability/kills.py --graft .build/release/graft --kills 1000

Each round starts a command with --resume, kills it (SIGKILL) after a random time, and starts it again; a run that
reaches its end is compared with the reference to the last byte: weights, optimizer, what is carried, tokenizer,
configuration, results, predictions, and events, all but what a clock or the folder's name says. Then the next run of
that kind begins. Kinds: pretrain, carry (pretraining with carried state), finetune (training, scoring, baselines and
overlap), ablate. Half of the kills wait for a checkpoint that is being written, so that saves are met. Exits with 1 if
anything differed. Needs Python 3.8, nothing else.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# What a clock says, in events, states, manifests and results.
TIMED = {
    "seconds", "elapsedSeconds", "tokensPerSecond", "peakFraction", "timings", "fineTuningSeconds", "time", "arguments",
}
# Files whose content is a matter of time, or of which process ran last.
IGNORED = {"lock", "README.md", "manifest.json", "ledger.jsonl", "held-out.svg", "scores.svg", "table.md"}


def without_time(value):
    if isinstance(value, dict):
        return {key: without_time(part) for key, part in value.items() if key not in TIMED}
    if isinstance(value, list):
        return [without_time(part) for part in value]
    return value


def content(path, folder):
    """What of a file must be equal in two runs."""
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith((".json", ".jsonl")):
        text = data.decode("utf-8").replace(folder, "RUN")
        documents = text.splitlines() if path.endswith(".jsonl") else [text]
        return [without_time(json.loads(document)) for document in documents]
    return data


def snapshot(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            relative = os.path.relpath(path, folder)
            if name in IGNORED or relative.startswith("cache"):
                continue
            found[relative] = content(path, folder)
    return found


def differences(reference, found):
    names = sorted(set(reference) | set(found))
    return [
        name + (" is missing" if name not in found else " is left over" if name not in reference else " differs")
        for name in names
        if reference.get(name) != found.get(name)
    ]


class Campaign:
    def __init__(self, graft, folder, seed):
        self.graft = graft
        self.folder = folder
        self.random = random.Random(seed)
        self.world = os.path.join(folder, "world")

    def run(self, arguments):
        done = subprocess.run([self.graft] + arguments, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("%s\nended with %d:\n%s" % (" ".join(arguments), done.returncode, done.stderr))
        return done

    def prepare(self):
        os.makedirs(self.folder, exist_ok=True)
        # A small world and a model of some thousand parameters: a run is to take about a second.
        self.run(
            ["microworld", "--output", self.world, "--seed", "7", "--corpus-bytes", "40000", "--training-examples", "120",
             "--test-examples", "40"])
        shutil.copy(os.path.join(self.world, "corpus.txt"), self.path("corpus.txt"))
        preset = {
            "family": "t5", "width": 32, "heads": 2, "feedForward": 64, "encoderLayers": 1, "decoderLayers": 1,
            "activation": "relu", "epsilon": 1e-6,
        }
        recurrent = {"family": "lstm", "width": 32, "decoderLayers": 2}
        for name, sizes in (("tiny", preset), ("recurrent", recurrent)):
            with open(self.path(name + ".json"), "w") as file:
                json.dump(sizes, file)
        self.run(
            ["tokenizer", "train", "--corpus", self.path("corpus.txt"), "--vocabulary-size", "400", "--sentinels", "24",
             "--output", self.path("tokenizer.json")])
        with open(self.path("grid.yaml"), "w") as file:
            file.write(GRID.replace("FOLDER", self.folder))
        self.run(self.pretrain(self.path("start")))

    def path(self, name):
        return os.path.join(self.folder, name)

    common = ["--shards", "2", "--precision", "f32", "--batch", "4", "--dropout", "0.1", "--warmup", "2"]

    def pretrain(self, output, preset="tiny"):
        return [
            "pretrain", "--corpus", self.path("corpus.txt"), "--tokenizer", self.path("tokenizer.json"), "--backbone",
            self.path(preset + ".json"), "--output", output, "--cache", self.path("cache"), "--sequence-length", "32",
            "--steps", "60", "--save-every", "7", "--evaluate-every", "20", "--document-boundary", "blank-lines",
            "--resume",
        ] + self.common

    def carry(self, output):
        return self.pretrain(output, "recurrent") + ["--objective", "causal-lm", "--carry-state", "--micro-batches", "2"]

    def finetune(self, output):
        return [
            "finetune", "--checkpoint", self.path("start"), "--task", "micro-sentiment", "--tasks", self.world, "--data",
            self.world, "--output", output, "--steps", "40", "--limit", "100", "--save-every", "9", "--evaluate-every",
            "20", "--resume",
        ] + self.common

    def ablate(self, output):
        return ["ablate", self.path("grid.yaml"), "--output", output, "--tasks", self.world, "--data", self.world]

    def wait(self, process, output, share):
        """Waits for a random time, at most this share of what the run takes, or until the middle of a save."""
        begun = time.monotonic()
        longest = self.random.uniform(0, self.length[process.kind] * share)
        wants_save = self.random.random() < 0.5
        while process.poll() is None and time.monotonic() - begun < longest:
            if wants_save and time.monotonic() - begun > longest / 3 and self.is_saving(output):
                time.sleep(self.random.uniform(0, 0.004))
                break
            time.sleep(0.0005)

    def kill_while(self, process, output):
        """Kills the process after a random time, or in the middle of a save. Returns whether it was still running."""
        self.wait(process, output, 1.1)
        if process.poll() is not None:
            return False
        process.send_signal(signal.SIGKILL)
        process.wait()
        return process.returncode == -signal.SIGKILL

    @staticmethod
    def is_saving(output):
        for place, folders, names in os.walk(output):
            if any(name.endswith(".partial") for name in folders + names):
                return True
        return False

    def measure(self, kinds):
        self.reference, self.length = {}, {}
        for kind in kinds:
            output = self.path("whole-" + kind)
            begun = time.monotonic()
            self.run(getattr(self, kind)(output))
            self.length[kind] = time.monotonic() - begun
            self.reference[kind] = snapshot(output)
            print("%-8s %5.2f s, %d files" % (kind, self.length[kind], len(self.reference[kind])), flush=True)

    def kill(self, kinds, wanted):
        kills, ends, saves, bad = {kind: 0 for kind in kinds}, 0, 0, []
        number = 0
        while sum(kills.values()) < wanted:
            kind = kinds[number % len(kinds)]
            output = self.path("run-%d" % number)
            number += 1
            here = 0
            while True:
                # Runs that are killed for ever would never be compared.
                is_last = here >= 6 or sum(kills.values()) >= wanted
                process = subprocess.Popen(
                    [self.graft] + getattr(self, kind)(output), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                    text=True)
                process.kind = kind
                if is_last:
                    process.stderr_text = process.communicate()[1]
                    killed = False
                else:
                    killed = self.kill_while(process, output)
                if killed:
                    saves += self.is_saving(output)
                    kills[kind] += 1
                    here += 1
                    process.stderr.close()
                    continue
                errors = getattr(process, "stderr_text", None)
                errors = process.stderr.read() if errors is None else errors
                break
            ends += 1
            found = ["%s ended with %d: %s" % (output, process.returncode, errors[-500:])] if process.returncode else []
            if not found:
                found = ["%s: %s" % (output, text) for text in differences(self.reference[kind], snapshot(output))]
            left = [
                name for place, folders, names in os.walk(self.folder) for name in folders + names
                if name.endswith(".partial")
            ] if not found else []
            found += ["%s left %s" % (output, name) for name in left]
            for text in found:
                print("DIFFERS " + text, flush=True)
            bad += found
            if not found:
                shutil.rmtree(output)
            if number % 10 == 0:
                print("%d kills, %d runs compared, %d differences" % (sum(kills.values()), ends, len(bad)), flush=True)
        print(
            "%d kills (%s), %d of them while something was being written; %d runs ended and were compared; %d differences"
            % (sum(kills.values()), ", ".join("%s %d" % pair for pair in kills.items()), saves, ends, len(bad)))
        return not bad


GRID = """version: 2
pretrain: {tokenizer: FOLDER/tokenizer.json, corpus: FOLDER/corpus.txt, document-boundary: blank-lines, sequence-length: 32,
  tokens: 6k, backbone: FOLDER/tiny.json, batch: 4, precision: f32, shards: 2, warmup: 2, dropout: 0.1, save-every: 5}
variations: {scratch: {objective: none}}
seeds: [0]
finetune: {steps: 12, save-every: 5, limit: 100, batch: 4, precision: f32, shards: 2, input-length: 40, target-length: 16}
tasks: [{task: micro-sentiment, split: validation}]
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--graft", default=".build/release/graft", help="the executable")
    parser.add_argument("--kills", type=int, default=100, help="how many processes to kill")
    parser.add_argument("--kinds", default="pretrain,carry,finetune,ablate", help="which commands")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--folder", help="where to work; a temporary folder by default, removed if nothing differed")
    arguments = parser.parse_args()
    os.environ.pop("GRAFT_DATA", None)
    os.environ.setdefault("GRAFT_HOME", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    folder = arguments.folder or tempfile.mkdtemp(prefix="graft-kills-")
    campaign = Campaign(os.path.abspath(arguments.graft), folder, arguments.seed)
    kinds = arguments.kinds.split(",")
    begun = time.monotonic()
    campaign.prepare()
    campaign.measure(kinds)
    is_good = campaign.kill(kinds, arguments.kills)
    print("%.0f s; seed %d" % (time.monotonic() - begun, arguments.seed))
    if not is_good:
        sys.exit("what differs is in " + folder)
    if not arguments.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

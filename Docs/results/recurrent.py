#!/usr/bin/env python3
"""Times the updates of recurrent families beside PyTorch's, which it needs; prints the table of Docs/results/recurrent.md.

    GRAFT=.build/release/graft python3 Docs/results/recurrent.py OUTPUT

The figures are written to OUTPUT/recurrent.json.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

GRAFT = os.environ.get("GRAFT", ".build/release/graft")

# Of `graft benchmark train`: width, layers, vocabulary, tokens of a text, texts of an update.
SHAPES = {"S": (256, 4, 8192, 128, 32), "M": (512, 8, 16384, 256, 16)}


def torch_seconds(kind, size, steps):
    """Seconds of an update of the same model by torch.nn: forward, backward, clipping, AdamW."""
    import torch
    width, layers, vocabulary, length, batch = SHAPES[size]
    make = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind]
    torch.manual_seed(0)
    embedding = torch.nn.Embedding(vocabulary, width)
    model = make(width, width, layers, batch_first=True, dropout=0.1)
    parameters = list(embedding.parameters()) + list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    tokens = torch.randint(vocabulary, (batch, length + 1))
    times = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        states, _ = model(torch.nn.functional.dropout(embedding(tokens[:, :-1]), 0.1))
        logits = torch.nn.functional.dropout(states, 0.1) @ embedding.weight.T
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def graft_seconds(family, size, steps):
    report = json.loads(subprocess.run(
        [GRAFT, "benchmark", "train", "--family", family, "--size", size, "--steps", str(steps), "--warm-up", "1",
         "--precision", "f32", "--json", "-"], check=True, capture_output=True, text=True).stdout)
    return statistics.median(report["stepSeconds"])


def measure(output, rounds=3):
    """Both in turn, as the machine is faster at some times than at others."""
    seconds = {}
    for _ in range(rounds):
        for size, steps, families in [("S", 4, ["rnn", "gru", "lstm", "qrnn"]), ("M", 2, ["lstm", "qrnn"])]:
            for family in families:
                seconds.setdefault((size, "graft", family), []).append(graft_seconds(family, size, steps))
                if family != "qrnn":
                    seconds.setdefault((size, "torch", family), []).append(torch_seconds(family, size, steps))
    rows = [
        {"size": size, "system": system, "family": family,
         "tokensPerSecond": [SHAPES[size][3] * SHAPES[size][4] / value for value in values]}
        for (size, system, family), values in seconds.items()]
    (output / "recurrent.json").write_text(json.dumps(rows, indent=1) + "\n")
    return rows


def shown(rates):
    """The median and from where to where."""
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    print("| size | family | Graft | torch.nn | ratio |\n|---|---|---:|---:|---:|")
    found = {(row["size"], row["system"], row["family"]): row["tokensPerSecond"] for row in measure(output)}
    for (size, system, family), rates in found.items():
        if system == "graft":
            others = found.get((size, "torch", family))
            print(f"| {size} | {family} | {shown(rates)} | " + (
                f"{shown(others)} | {statistics.median(rates) / statistics.median(others):.2f} |"
                if others else "– | – |"))


if __name__ == "__main__":
    main()

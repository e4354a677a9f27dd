"""Compares what `graft events` wrote of runs: TensorBoard's own reader and pandas must see the log's numbers.

    pip install tensorboard pandas
    graft events RUN… --tensorboard curves --csv events.csv
    python3 Tests/Interoperability/event_files.py curves events.csv RUN…
"""
import json
import math
import pathlib
import sys

import pandas as pd
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

curves, table, *runs = sys.argv[1:]
frame = pd.read_csv(table)
compared = 0
parts = []
for run in map(pathlib.Path, runs):
    name = run.resolve().name
    # Of several seeds each is a run by itself.
    seeds = sorted(run.glob("seed-*"))
    parts += [(f"{name}/{seed.name}", seed) for seed in seeds] or [(name, run)]
for name, run in parts:
    reader = EventAccumulator(f"{curves}/{name}", size_guidance={"scalars": 0})
    reader.Reload()
    rows = frame[frame["run"] == name]
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    assert len(rows) == len(events), f"{name}: {len(rows)} rows, {len(events)} events"
    for kind, tag, key in [
        ("step", "train", "loss"), ("step", "train", "learningRate"), ("heldOut", "held-out", "lossPerToken"),
    ]:
        logged = [(event["step"], float(event[key])) for event in events if event["event"] == kind]
        shown = [(event.step, event.value) for event in reader.Scalars(f"{tag}/{key}")]
        tabled = [(row.step, getattr(row, key)) for row in rows[rows["event"] == kind].itertuples()]
        assert logged, f"{name} has no {kind}"
        for other, tolerance in [(shown, 1e-6), (tabled, 0)]:
            assert len(other) == len(logged), f"{name}: {len(other)} values of {key}, {len(logged)} logged"
            for (step, value), (other_step, other_value) in zip(logged, other):
                assert step == other_step
                assert math.isclose(value, other_value, rel_tol=tolerance), (name, key, step, value, other_value)
                compared += 1
print(f"{compared} values of {len(parts)} runs agree")

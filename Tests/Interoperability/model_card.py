"""Reads the model card of a run as the Hub of Hugging Face does, and holds its scores against the run's results.json.

    python3 Tests/Interoperability/model_card.py RUN

RUN is a folder of `graft finetune`. Needs huggingface_hub; nothing is looked up on the network.
"""
import json
import math
import pathlib
import statistics
import sys

from huggingface_hub import ModelCard

run = pathlib.Path(sys.argv[1])
whole = json.loads((run / "results.json").read_text())["results"]
models = {}
for entry in whole:
    if not entry["group"] and entry["system"] != "majority" and not entry["system"].startswith("n-grams"):
        models.setdefault((entry["task"], entry["split"], entry["metric"]), []).append(entry)

card = ModelCard.load(run / "README.md")
data = card.data
assert data.library_name == "graft" and "graft" in data.tags, data
assert data.eval_results, "the model-index is not one"
seen = {(result.dataset_name, result.dataset_split, result.metric_type): result for result in data.eval_results}
assert seen.keys() == models.keys(), seen.keys() ^ models.keys()
for key, entries in models.items():
    result = seen[key]
    assert math.isclose(result.metric_value, statistics.mean(entry["score"] for entry in entries), abs_tol=1e-12), key
    facts = result.metric_args
    assert facts["examples"] == entries[0]["examples"]
    if len(entries) > 1:
        deviation = statistics.stdev(entry["score"] for entry in entries)
        assert math.isclose(facts["deviation_over_seeds"], deviation, abs_tol=1e-12), key
    elif "lower" in entries[0]:
        assert facts["interval_95"] == [entries[0]["lower"], entries[0]["upper"]], key
# What is written back is read as the same.
assert ModelCard(str(card)).data.to_dict() == data.to_dict()
print(f"{data.model_name}: {len(models)} scores agree")

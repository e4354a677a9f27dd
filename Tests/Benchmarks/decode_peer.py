"""How fast transformers' `generate` answers what `graft benchmark decode --json FILE` did, and whether it answers the same.

    python3 decode_peer.py FOLDER FILE [--rounds 5] [--json -]     # FOLDER as transformers reads it

In the precision of FILE, keys and values kept. Preload tcmalloc (LD_PRELOAD), with which PyTorch is faster.
"""

import argparse
import json
import os
import statistics
import time

import torch
from transformers import AutoModelForSeq2SeqLM

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("file")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--json", help="- for JSON instead of lines for people")
options = parser.parse_args()

torch.set_num_threads(options.threads)
with open(options.file) as file:
    reports = json.load(file)
precision = reports[0]["precision"]
model = AutoModelForSeq2SeqLM.from_pretrained(
    options.folder, dtype=torch.bfloat16 if precision == "bf16" else torch.float32).eval()
results = []
for report in reports:
    ids = torch.tensor(report["inputs"])
    seconds = []
    with torch.inference_mode():
        for round in range(options.rounds + 1):
            start = time.perf_counter()
            output = model.generate(
                ids, do_sample=False, num_beams=report["beams"], max_new_tokens=report["targetLength"],
                min_new_tokens=report["targetLength"], eos_token_id=None, pad_token_id=0, early_stopping=False)
            seconds.append(time.perf_counter() - start)
    answers = output[:, 1:].tolist()
    rate = sum(map(len, answers)) / statistics.median(seconds[1:])
    same = sum(a == b for a, b in zip(answers, report["answers"]))
    results.append({
        "batch": report["batch"], "beams": report["beams"], "precision": precision, "tokensPerSecond": rate,
        "answers": len(answers), "answersTheSame": same})
    if not options.json:
        print(
            f"batch {report['batch']:2} beams {report['beams']}: transformers {rate:6.0f} tokens/s, graft "
            f"{report['tokensPerSecond']:6.0f}, {report['tokensPerSecond'] / rate:.1f} times; {same} of {len(answers)} "
            "answers the same", flush=True)
if options.json:
    print(json.dumps(results))

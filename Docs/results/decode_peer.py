"""How fast transformers' `generate` answers what `graft benchmark decode --json FILE` did, and whether it answers the same.

    python3 decode_peer.py FOLDER FILE [rounds]     # FOLDER as transformers reads it

Float32, two threads, keys and values kept. Preload tcmalloc, with which PyTorch is faster.
"""

import json
import statistics
import sys
import time

import torch
from transformers import AutoModelForSeq2SeqLM

folder, file = sys.argv[1:3]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
torch.set_num_threads(2)
model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
for report in json.load(open(file)):
    ids = torch.tensor(report["inputs"])
    seconds = []
    with torch.inference_mode():
        for round in range(rounds + 1):
            start = time.perf_counter()
            output = model.generate(
                ids, do_sample=False, num_beams=report["beams"], max_new_tokens=report["targetLength"],
                min_new_tokens=report["targetLength"], eos_token_id=None, pad_token_id=0, early_stopping=False)
            seconds.append(time.perf_counter() - start)
    answers = output[:, 1:].tolist()
    rate = sum(map(len, answers)) / statistics.median(seconds[1:])
    same = sum(a == b for a, b in zip(answers, report["answers"]))
    print(
        f"batch {report['batch']:2} beams {report['beams']}: transformers {rate:6.0f} tokens/s, graft "
        f"{report['tokensPerSecond']:6.0f}, {report['tokensPerSecond'] / rate:.1f} times; {same} of {len(answers)} "
        "answers the same", flush=True)

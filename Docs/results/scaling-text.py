"""Divides the corpora of a scaling law: OUTPUT/corpus becomes OUTPUT/law-corpus, where validation.jsonl has one document in
400, short.jsonl another one in 400, and the files of the corpora all but those of validation.jsonl.

    python3 Docs/results/scaling-text.py OUTPUT
"""

import os
import sys
import zlib

root = sys.argv[1]
target = f"{root}/law-corpus"
os.makedirs(target, exist_ok=True)
with open(f"{target}/validation.jsonl", "wb") as validation, open(f"{target}/short.jsonl", "wb") as short:
    for name in ["wikipedia", "wikinews", "dialogue"]:
        with open(f"{root}/corpus/{name}.jsonl", "rb") as lines, open(f"{target}/{name}.jsonl", "wb") as rest:
            for line in lines:
                place = zlib.crc32(line) % 400
                (validation if place == 0 else rest).write(line)
                if place == 1:
                    short.write(line)

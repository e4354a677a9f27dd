"""Makes a short text of one's own and another to measure on: OUTPUT/short.jsonl is the first half megabyte of OUTPUT/corpus/imdb.jsonl,
OUTPUT/validation.jsonl 0.3 MB of reviews behind it.

    python3 Docs/results/short-own.py OUTPUT
"""

import json
import sys

root = sys.argv[1]
with open(f"{root}/corpus/imdb.jsonl") as lines, open(f"{root}/short.jsonl", "w") as short, open(
    f"{root}/validation.jsonl", "w"
) as validation:
    read = measured = 0
    for number, line in enumerate(lines):
        size = len(json.loads(line)["text"].encode())
        if read < 500_000:
            short.write(line)
            read += size
        elif number % 50 == 0 and measured < 300_000:
            validation.write(line)
            measured += size

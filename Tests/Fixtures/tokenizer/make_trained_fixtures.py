"""Makes trained.json.gz: what Hugging Face tokenizers makes of tokenizers that Graft trains.

Requires: python3 with `tokenizers` (0.23), and a built graft.

    python3 make_trained_fixtures.py ../../../.build/release/graft

Every one of `KINDS` is trained on training.txt; of each, the file's hash and the ids of `texts` and what these are decoded to
are kept.
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import make_pattern_fixtures
from tokenizers import Tokenizer

KINDS = {
    "cl100k": ["--pattern", "cl100k"],
    "qwen2": ["--pattern", "qwen2"],
    "whitespace": ["--pattern", "whitespace"],
    "whole": ["--pattern", "none"],
    "lowercase": ["--normalization", "nfkc", "strip-accents", "lowercase"],
    "special": ["--special", "<sep>", "<user>"],
    "byte": ["--unit", "byte"],
    "character": ["--unit", "character"],
    "word": ["--unit", "word", "--normalization", "lowercase"],
}


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    graft = os.path.abspath(sys.argv[1])
    # This character is younger than the tables of the reference, which leaves it as it is.
    texts = [text.replace("㋿", "") for text in make_pattern_fixtures.texts()]
    kinds = {}
    for name, arguments in KINDS.items():
        with tempfile.TemporaryDirectory() as scratch:
            path = scratch + "/tokenizer.json"
            command = [graft, "tokenizer", "train", "--corpus", folder + "/training.txt", "--output", path]
            command += ["--vocabulary-size", "700", "--sentinels", "10", *arguments]
            command += ["--document-boundary", "blank-lines"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            tokenizer = Tokenizer.from_file(path)
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
        encoded = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
        kinds[name] = {
            "hash": digest,
            "ids": [encoding.ids for encoding in encoded],
            "decoded": [tokenizer.decode(encoding.ids) for encoding in encoded],
        }
    with gzip.GzipFile(folder + "/trained.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps({"texts": texts, "kinds": kinds}, separators=(",", ":")).encode())


main()

"""Makes JSON lines with the field `text` of the corpora that models of Docs/LEARNING.md are pretrained on.

    python3 corpora.py DATA OUTPUT
"""

import glob
import gzip
import json
import os
import re
import sys

data, output = sys.argv[1:]
os.makedirs(output, exist_ok=True)


def read(path):
    return gzip.open(f"{data}/{path}" if not path.startswith("/") else path, "rb").read().decode("utf-8", "replace")


def write(name, documents):
    with open(f"{output}/{name}.jsonl", "w") as file:
        for document in documents:
            if len(document.strip()) >= 20:
                file.write(json.dumps({"text": document.strip()}, ensure_ascii=False) + "\n")


def reviews():
    for part in ["train-unsup", "train-pos", "train-neg"]:
        for line in read(f"imdb/{part}.tsv.gz").splitlines()[1:]:
            yield re.sub(r"\n+", "\n", line.split("\t")[-1].replace("<br />", "\n"))


def pieces():
    for path in sorted(glob.glob(f"{data}/babylm-pieces/*.gz")):
        lines = read(os.path.abspath(path)).splitlines()
        for start in range(0, len(lines), 60):
            yield "\n".join(lines[start:start + 60])


captions = read("captions/flickr30k-captions.txt.gz").splitlines()
write("wikipedia", (
    document for path in sorted(glob.glob(f"{data}/wikipedia-en/*.gz"))
    for document in re.split(r"\n\n\n+", read(os.path.abspath(path)))))
write("wikinews", re.split(r"\n\n\n+", read("wikinews/wikinews-en.txt.gz")))
write("dialogue", re.split(r"\n\n+", read("schema-guided-dialogue/dialogues.txt.gz")))
write("novels", (read(os.path.abspath(path)) for path in sorted(glob.glob(f"{data}/english-novels/*.txt.gz"))))
write("captions", ("\n".join(captions[start:start + 8]) for start in range(0, len(captions), 8)))
write("imdb", reviews())
write("babylm", pieces())

"""Compares Graft's ids with those of Hugging Face tokenizers on whole corpora, line by line.

    python3 Docs/results/tokenizer_ids.py .build/release/graft tokenizer.json ../shared/data

Requires: python3 with `tokenizers`. Prints a line per corpus: lines, bytes, tokens and how many lines differ; the exit
code is 1 if any does. Bytes that are not UTF-8, which the reference cannot be given, are checked for coming back from
`decode` as they were.
"""

import glob
import gzip
import os
import random
import subprocess
import sys

from tokenizers import Tokenizer

TRAPS = [
    "e\u0301 é ﬁ ﬂ Å Å", "\U0001F469\u200D\U0001F469\u200D\U0001F467 \U0001F1E9\U0001F1EA\U0001F3F4\U000E0067\U000E007F",
    "สวัสดีครับ", "नमस्ते दुनिया क्षि", "1\uFE0F\u20E3 #\uFE0F\u20E3", "Cafe\u0301 Zu\u0308rich", "\x00a\x00\x00b",
    "\u202Eabc\u202C \u200B\u200C\u200D\uFEFF", "\u3000\u2003\u00A0 \u2028\u2029\x85\x0b\x0c", "İıſK ß ẞ ǆ", "𝔘𝔫𝔦 ①②Ⅷ ½ ٣",
    "日本語の文章、中文字符。한국어 조선말", "ﷺ שָׁלוֹם עִבְרִית", "don't DON'T 'S 'll 'LL ’s", "a" * 100_000, " " * 10_000, "\u0301" * 1000,
    "-" * 5000, "ab" * 50_000, "x\ty\r z\r\r",
]


def lines_of(paths):
    for path in sorted(paths):
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            yield from file.read().split(b"\n")


def random_strings(count):
    generator = random.Random(0)
    for _ in range(count):
        length = generator.randrange(1, 40)
        yield bytes(generator.choice(range(256)) for _ in range(length)).replace(b"\n", b"")


def graft_ids(graft, tokenizer, lines):
    """The ids of every line, as text, from one run of `graft tokenizer encode`."""
    command = [graft, "tokenizer", "encode", "--tokenizer", tokenizer]
    result = subprocess.run(command, input=b"\n".join(lines) + b"\n", stdout=subprocess.PIPE, check=True)
    return result.stdout.decode().split("\n")[: len(lines)]


def main():
    graft, path, data = sys.argv[1:4]
    reference = Tokenizer.from_file(path)
    corpora = {
        "english-novels": lines_of(glob.glob(f"{data}/english-novels/*.gz")),
        "multi30k": lines_of(glob.glob(f"{data}/multi30k/**/*.*", recursive=True)),
        "tatoeba": lines_of(glob.glob(f"{data}/tatoeba*/**/*.*", recursive=True)),
        "unicode traps": [text.encode() for text in TRAPS] + ["no space".replace(" ", "").encode() * 1_250_000],
        "random strings": [text.decode(errors="replace").encode() for text in random_strings(100_000)],
    }
    failures = 0
    for name, lines in corpora.items():
        lines = [line for line in lines if line]
        differing = tokens = 0
        for start in range(0, len(lines), 50_000):
            part = lines[start : start + 50_000]
            expected = reference.encode_batch_fast([line.decode() for line in part], add_special_tokens=False)
            for line, ours, theirs in zip(part, graft_ids(graft, path, part), expected):
                tokens += len(theirs.ids)
                if ours != " ".join(map(str, theirs.ids)):
                    differing += 1
                    if differing <= 3:
                        print(f"  differs: {line[:80]!r}")
        size = sum(map(len, lines))
        print(f"{name}: {len(lines)} lines, {size} bytes, {tokens} tokens, {differing} differ", flush=True)
        failures += differing
    raw = list(random_strings(100_000)) + [b"\xed\xa0\x80 \xed\xb0\x80 lone surrogates", os.urandom(10_000_000).replace(b"\n", b"")]
    ids = "\n".join(graft_ids(graft, path, raw)) + "\n"
    command = [graft, "tokenizer", "decode", "--tokenizer", path]
    decoded = subprocess.run(command, input=ids.encode(), stdout=subprocess.PIPE, check=True).stdout
    differing = sum(a != b for a, b in zip(raw, decoded.split(b"\n")))
    print(f"bytes that are not text: {len(raw)} strings, {sum(map(len, raw))} bytes, {differing} do not come back")
    sys.exit(1 if failures + differing else 0)


main()

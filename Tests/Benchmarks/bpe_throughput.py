"""Byte-level BPE of other libraries: training and encoding by Hugging Face tokenizers, encoding by tiktoken.

What `graft benchmark tokenizer FILE --lines N` times. One line of JSON; a megabyte is a million bytes.

    python3 bpe_throughput.py FILE [--vocabulary-size 16384] [--lines 120000]
"""

import argparse
import json
import os
import resource
import time

import tiktoken
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

PATTERN = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--vocabulary-size", type=int, default=16384)
parser.add_argument("--lines", type=int, help="encode only so many lines, the first")
options = parser.parse_args()
threads = os.cpu_count()


def seconds(body):
    start = time.perf_counter()
    result = body()
    return time.perf_counter() - start, result


tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=options.vocabulary_size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
training, _ = seconds(lambda: tokenizer.train([options.file], trainer))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

with open(options.file, encoding="utf-8", errors="replace", newline="") as file:
    lines = [line for line in file.read().split("\n") if line][:options.lines]
megabytes = sum(len(line.encode()) for line in lines) / 1e6
one, encoded = seconds(lambda: [tokenizer.encode(line) for line in lines])
several, _ = seconds(lambda: tokenizer.encode_batch_fast(lines))

# The same vocabulary for tiktoken. Ids follow the order of merges, so that they are its ranks.
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
others = [b for b in range(256) if b not in printable]
byte_of = {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}
ranks = {bytes(byte_of[c] for c in token): id for token, id in tokenizer.get_vocab().items()}
other = tiktoken.Encoding("same", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
other_one, other_encoded = seconds(lambda: [other.encode_ordinary(line) for line in lines])
other_several, _ = seconds(lambda: other.encode_ordinary_batch(lines, num_threads=threads))

print(json.dumps({
    "vocabularySize": tokenizer.get_vocab_size(), "lines": len(lines), "threads": threads,
    "tokenizers": {
        "trainMegabytesPerSecond": os.path.getsize(options.file) / 1e6 / training, "trainPeakMemoryBytes": memory,
        "oneThreadMegabytesPerSecond": megabytes / one, "allThreadsMegabytesPerSecond": megabytes / several,
        "tokensPerByte": sum(len(e.ids) for e in encoded) / megabytes / 1e6,
    },
    "tiktoken": {
        "oneThreadMegabytesPerSecond": megabytes / other_one,
        "allThreadsMegabytesPerSecond": megabytes / other_several,
        "tokensPerByte": sum(map(len, other_encoded)) / megabytes / 1e6,
    },
}))

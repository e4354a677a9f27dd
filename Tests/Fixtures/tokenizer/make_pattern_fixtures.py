"""Makes foreign/patterns.json.gz: what others' tokenizers do that cut like cl100k, Llama 3 and Qwen 2, where tokens
stand in texts, and what tiktoken makes of rank files.

Requires: python3 with `tokenizers` (0.23), `tiktoken` (0.14) and `regex`.

    python3 make_pattern_fixtures.py

It needs the tokenizers that make_foreign_fixtures.py made, and writes:
- patterns.json.gz: `texts`; for each of `variants` the keys of gpt2's file that change and the ids of the texts; for
  each of `ranks` the name of its pattern and the ids; for each of `offsets` the tokenizer, the keys of its file that
  change, and for every text the ids with the bytes they stand for.
- ranks.tiktoken.gz: gpt2's vocabulary as a rank file.
"""

import base64
import json

import make_foreign_fixtures
from make_foreign_fixtures import read, sequence, write

LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = LETTERS + r"\p{N}{1,3}" + REST
QWEN2 = LETTERS + r"\p{N}" + REST
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def split(expression):
    return sequence(
        "pretokenizers",
        {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
    )


def texts():
    return make_foreign_fixtures.texts() + [
        "I'VE WE'LL you'Re it'S 'T 'd'D 'lL 'l 'r 'v 'x ''s o'clock 'ſ 'ſe ’s",
        "1 12 123 1234 12345678 3.14159 ½¾ Ⅷ²³ ١٢٣٤٥ १२३४ 1a2b 1٢3४5",
        "a\n\n\nb \n c\t\n\t d\r\n\r\ne \u3000\n\u3000f\n ", "x!\n\n!\r\ry ?\n z ...\n\n...", "\n", " \n", "\n ", "\t\n\t\t",
        "(word) [word] \"word\" _word_ -word\tword\u00a0word\u3000word\nword\r\nword\x0bword\x85word\u2028word",
        "   three   spaces   \t\t tabs \t ", " !  !!   !!! # $% &*()", "!\nword !\n word\n!", "if (x == 10000) {\n\treturn y;\n}\n",
    ]


def make_variants(plain):
    from tokenizers import Tokenizer

    rows = []
    for name, pre_tokenizer, ignore in [
        ("llama 3", split(CL100K), True), ("cl100k", split(CL100K), False), ("qwen 2", split(QWEN2), False),
        ("split", split(GPT2), False), ("whole", {**split("")["pretokenizers"][1]}, False),
        ("whole ignore", {**split("")["pretokenizers"][1]}, True),
    ]:
        content = read("gpt2.tokenizer.json.gz")
        content["pre_tokenizer"] = pre_tokenizer
        content["model"]["ignore_merges"] = ignore
        # Words that are tokens but that no merges make: what ignore_merges is for.
        if ignore:
            del content["model"]["merges"][-300:]
        tokenizer = Tokenizer.from_str(json.dumps(content))
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in plain]
        rows.append({"name": name, "changes": {"pre_tokenizer": pre_tokenizer}, "ignoresMerges": ignore, "ids": ids})
    return rows


def gpt2_bytes():
    from tokenizers import pre_tokenizers

    printable = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + index): byte for index, byte in enumerate(others)}


def make_ranks(plain):
    import tiktoken
    from tiktoken_ext import openai_public

    table = gpt2_bytes()
    vocab = read("gpt2.tokenizer.json.gz")["model"]["vocab"]
    ranks = {bytes(table[c] for c in text): id for text, id in vocab.items() if text != "<|endoftext|>"}
    lines = [base64.b64encode(token).decode() + f" {rank}\n" for token, rank in sorted(ranks.items(), key=lambda x: x[1])]
    write("ranks.tiktoken.gz", "".join(lines))
    cl100k = [line for line in open(openai_public.__file__).read().split("\n") if '"pat_str": r"""' in line][0]
    cl100k = cl100k.split('r"""')[1].split('"""')[0]
    rows = []
    for name, expression in [("gpt2", openai_public.r50k_pat_str), ("cl100k", cl100k), ("qwen2", QWEN2)]:
        encoding = tiktoken.Encoding(name, pat_str=expression, mergeable_ranks=ranks, special_tokens={})
        rows.append({"pattern": name, "ids": [encoding.encode_ordinary(text) for text in plain]})
    return rows


def byte_offsets(text, offsets):
    ends = [0]
    for character in text:
        ends.append(ends[-1] + len(character.encode("utf-8")))
    return [[ends[start], ends[end]] for start, end in offsets]


def make_offsets(plain):
    from tokenizers import Tokenizer

    nothing = {"post_processor": None}
    rows = []
    character_map = read("t5.tokenizer.json.gz")["normalizer"]["precompiled_charsmap"]
    prefix = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    for name, base, changes in [
        ("byte-level", "gpt2", nothing), ("byte-level nfc", "gpt2", {**nothing, "normalizer": {"type": "NFC"}}),
        ("byte-level nfkd", "gpt2", {**nothing, "normalizer": {"type": "NFKD"}}),
        ("byte-level prefix", "gpt2", {**nothing, "pre_tokenizer": prefix}),
        ("wordpiece", "bert", nothing), ("unigram", "t5", nothing),
        ("unigram plain", "t5", {**nothing, "normalizer": None}), ("unigram bytes", "bytes", nothing),
    ]:
        content = read(f"{base}.tokenizer.json.gz")
        content.update(changes)
        tokenizer = Tokenizer.from_str(json.dumps(content))
        tokens = []
        for text in plain:
            encoding = tokenizer.encode(text, add_special_tokens=False)
            tokens.append([[id, *range] for id, range in zip(encoding.ids, byte_offsets(text, encoding.offsets))])
        rows.append({"name": name, "base": base, "changes": changes, "tokens": tokens})
    return rows


def main():
    plain = texts()
    short = [text for text in plain if len(text) < 200][::2] + plain[-10:]
    content = {"texts": plain, "variants": make_variants(plain), "ranks": make_ranks(plain)}
    content |= {"offsetTexts": short, "offsets": make_offsets(short)}
    write("patterns.json.gz", json.dumps(content, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()

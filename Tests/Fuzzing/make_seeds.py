#!/usr/bin/env python3
"""Writes the seeds of `make fuzz`: a folder for each reader, small files of the kind it reads.

    Tests/Fuzzing/make_seeds.py --graft .build/release/graft

Files come from a small world that graft makes (world.py), from Tests/Fixtures and from Docs/results, cut down to a few
entries of each list. Those in Seeds/tokenizer were written by hand and are left alone.
"""

import argparse
import base64
import gzip
import json
import pathlib
import struct
import tempfile

import world as worlds

SEEDS = pathlib.Path(__file__).resolve().parent / "Seeds"
SEPARATOR = b"\x1e"


# Where the graft that made the world lies is nobody's business.
executable = b"graft"


def write(reader, name, *files):
    folder = SEEDS / reader
    folder.mkdir(parents=True, exist_ok=True)
    content = SEPARATOR.join(file.encode() if isinstance(file, str) else file for file in files)
    content = content.replace(json.dumps(executable.decode()).replace("/", "\\/").encode(), b'"graft"')
    content = content.replace(b'"' + executable + b'"', b'"graft"')
    (folder / f"{name}.seed").write_bytes(content)


def cut(value, count=2):
    """Lists keep their first entries."""
    if isinstance(value, dict):
        return {key: cut(item, count) for key, item in value.items()}
    if isinstance(value, list):
        return [cut(item, count) for item in value[:count]]
    return value


def cut_json(path, count=2):
    return json.dumps(cut(json.loads(path.read_bytes()), count), separators=(",", ":"))


def lines(path, count=3):
    return b"".join(path.read_bytes().splitlines(keepends=True)[:count])


def tokenizers(world):
    write("encoding", "text", b"\x00The cat's 12 hats,\n\n don't")
    write("encoding", "unicode", b"\x05" + "日本語 e\u0301 \U0001F469\u200d\U0001F4BB ﬁne".encode())
    vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\n##s\n,\na\n"
    write("tokenizer-folder", "wordpiece", vocabulary, '{"do_lower_case": true, "strip_accents": false}')
    letters = [chr(c) for c in list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))]
    letters += [chr(256 + n) for n in range(256 - len(letters))]
    table = {letter: index for index, letter in enumerate(letters)}
    table.update({"he": 256, "the": 257, "<|endoftext|>": 258})
    write("tokenizer-folder", "gpt2", json.dumps(table, ensure_ascii=False, separators=(",", ":")),
          "#version: 0.2\nh e\nt he\n", '{"add_prefix_space": false}')
    ranks = [bytes([n]) for n in range(256)] + [b"he", b"the", b" the"]
    write("tokenizer-ranks", "small", "".join(f"{base64.b64encode(r).decode()} {n}\n" for n, r in enumerate(ranks)))


def models(world):
    for name, preset in worlds.PRESETS.items():
        write("backbone", name, json.dumps(preset))
    checkpoint = world / "run" / "checkpoints" / "step-000000004"
    config = json.loads((checkpoint / "config.json").read_bytes())
    config.update(width=8, heads=2, headDimension=4, feedForward=8, vocabularySize=280)
    write("checkpoint-config", "t5", json.dumps(config))
    write("checkpoint-manifest", "whole", (checkpoint / "manifest.json").read_bytes())
    write("checkpoint-state", "whole", (checkpoint / "training-state.json").read_bytes())
    for name in ["bert", "bert-classifier", "deberta", "distilbert", "electra-discriminator", "gpt2", "modernbert", "roberta",
                 "t5", "t5-v1.1"]:
        write("foreign-config", name, (worlds.FIXTURES / "huggingface" / name / "config.json").read_bytes())
    write("foreign-index", "several", json.dumps(json.loads(
        (worlds.FIXTURES / "huggingface" / "bert-pretraining" / "model.safetensors.index.json").read_bytes())))

    def safetensors(tensors, metadata=None):
        header, data = {}, b""
        for name, kind, shape, content in tensors:
            header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
            data += content
        if metadata:
            header["__metadata__"] = metadata
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + data

    for form in ["layouts", "layouts.legacy", "large"]:
        write("torch", form, (worlds.FIXTURES / "torch" / f"{form}.bin").read_bytes())

    write("safetensors", "floats", safetensors(
        [("a", "F32", [2, 2], struct.pack("<4f", 1, -2, 0.5, 3)), ("b", "F32", [], struct.pack("<f", 7))],
        {"format": "pt"}))
    write("safetensors", "halves", safetensors([
        ("h", "F16", [2], b"\0\x3c\0\x40"), ("b", "BF16", [1], b"\x80\x3f"), ("i", "I64", [1], b"\1" + b"\0" * 7)]))


def definitions(world):
    for name in ["micro-nli", "micro-nli-stress", "micro-en-de", "both"]:
        text = (world / "world" / f"{name}.yaml").read_text().replace("nli-train.jsonl", "inference.tsv")
        text = text.replace("task: micro", "task: fuzzed").replace("micro-nli", "inference")
        write("task", name, text.replace("micro-sentiment", "sentences"))
    for form, (definition, _) in worlds.TABLES.items():
        write("task", f"table-{form}", definition)
    write("task", "derived", """\
task: fuzzed
version: 2
extends: inference
tags: [a, b]
source:
  patterns: {premise: "A {size} {animal}"}
  constants: {kind: nli}
  groups: {animal: animal, both: "{size} {animal}"}
  keep: {label: [neutral, entailment]}
preprocess: [{trim: premise}, {lowercase: hypothesis}, {replace: {field: premise, pattern: "a+", with: b}}]
renderings:
  question: {inputs: "{premise} Does it follow that {hypothesis}", targets: "{label}"}
""")
    for name in ["glue/cola", "superglue/copa", "question-answering/squad", "blimp/blimp", "mixtures/glue"]:
        path = worlds.ROOT / "Tasks" / f"{name}.yaml"
        if path.exists():
            write("task", name.replace("/", "-"), path.read_bytes())
    write("checklist", "small", worlds.CHECKLIST)
    for name in ["inference", "sentiment"]:
        text = (worlds.ROOT / "Tasks" / "checklists" / f"{name}.yaml").read_text()
        head, tests = text.split("tests:\n")
        parts = tests.split("\n  - name:")
        tests = "\n  - name:".join([parts[0], parts[len(parts) // 2], parts[-1]])
        write("checklist", name, head + "tests:\n" + tests + "\n")
    write("gate", "small", worlds.GATE)
    write("grid", "small", worlds.GRID)
    write("grid", "results", (worlds.ROOT / "Docs" / "results" / "grid.yaml").read_bytes())
    write("checksums", "small", "0" * 64 + "  sst2/train.tsv\n" + "ab" * 32 + "  rte.jsonl\n")
    write("template", "small", "{label} {sentence}", "0 not bad")
    write("yaml", "kinds", "a: 1\nb: [1.5, ~, true, 'x', \"y\\n\"]\nc: {d: |\n  text\n  }\n? e\n: &f [1, 2]\ng: *f\nh: 2020-01-01\n")
    write("yaml", "anchors", "a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    for text in ["nli.test.accuracy>=0.5", "hans.accuracy[label=non-entailment] >= 0.1", "a.b < 1e-3"]:
        write("requirement", text.split(".")[0], text)


def tables(world):
    forms = {"tsv": "tsv", "csv": "csv", "json-lines": "jsonl", "json-array": "json", "xml": "xml", "blocks": "blocks"}
    for reader, form in forms.items():
        rows = worlds.TABLES[form][1].encode()
        write(f"table-{reader}", "small", rows)
        write(f"table-{reader}", "compressed", gzip.compress(rows, mtime=0))
    write("table-json-lines", "nested", '{"text": "a", "answers": [{"label": 1}, {"label": true}]}\n')
    write("table-lines", "small", "one\n\ntwo\r\nthree")
    write("table-windows-1252", "small", b"text\tlabel\ncaf\xe9 \x93x\x94\t1\n")


def texts(world):
    text = (world / "corpus.txt").read_bytes()[:300]
    write("corpus", "text", text)
    write("corpus", "invalid", b"fine\n \n\nba\xffd\xe2\x82\n\n\xef\xbb\xbfx")
    write("corpus", "compressed", gzip.compress(text, mtime=0))
    write("corpus-cleaned", "text", "One line that is long enough. Another [1] one is here. And \"this\" one ends it.\n" * 2
          + "too short\n\nlorem ipsum\n\nA javascript line with enough words here.\n")
    write("corpus-json-lines", "small", lines(world / "corpus.jsonl", 2))
    write("gzip", "two-members", gzip.compress(b"text" * 9, mtime=0) + gzip.compress(b"more", mtime=0) + b"\0" * 8)
    for name in ["rows-delta", "rows-duckdb", "nested-v2", "kinds", "classes"]:
        write("parquet", name, (worlds.FIXTURES / "parquet" / f"{name}.parquet").read_bytes())
    write("json", "kinds", '{"a":[1,-0.5e3,null,true,"\\u00e4\\ud83d\\ude00\\n"],"b":{"c":{}}}')
    shard = b"".join(struct.pack("<H", n) for n in [1, 2, 3, 4])  # four tokens in two documents
    shard += struct.pack("<2q", 2, 4) + struct.pack("<2q", 5, 6) + struct.pack("<q", 0)
    shard += struct.pack("<9q", 2, 4, 2, 11, 0, 4, 256, 1, 0x3148_5354_4652_4754)
    write("token-shard", "two-documents", shard)
    wordnet = worlds.FIXTURES / "wordnet"
    files = ["index.noun", "data.noun", "noun.exc", "cntlist.rev"]
    write("wordnet", "tiny", *[(wordnet / name).read_bytes() for name in files])


def records(world):
    predictions = lines(world / "nli" / "predictions" / "micro-nli-test.jsonl", 3)
    write("predictions", "nli", predictions)
    write("comparison", "nli", predictions, predictions)
    write("results", "nli", cut_json(world / "nli" / "results.json", 3))
    write("results", "evaluated", cut_json(world / "evaluated.json", 3))
    write("dynamics", "nli", (world / "nli" / "dynamics.jsonl").read_bytes())
    write("map", "nli", lines(world / "map" / "cartography.jsonl", 4))
    write("subsets", "map", cut_json(world / "map" / "subsets-micro-nli.json"))
    write("events", "run", (world / "run" / "events.jsonl").read_bytes()[:500])
    write("ledger", "small", '{"cell":"a@b","event":"started","seed":0,"stage":"pretrain","time":"2026-01-01T00:00:00Z"}\n'
          '{"cell":"a@b","event":"finished","seed":0,"stage":"pretrain","steps":3,"time":"t","scores":{"x":0.5}}\n')
    for name, answers, references in [
        ("accuracy", "a\nb\nb", "a\na\nb"), ("macro-f1", "a\nb\nb", "a\na\nb"), ("matthews", "a\nb\nb", "a\na\nb"),
        ("pearson", "1\n2\n3", "1\n2.5\n-3"), ("spearman", "1\n2\n3", "1\n2.5\n-3"),
        ("bleu", "the cat sat", "the cat sat on"), ("rouge-l", "the cat sat", "the cat sat on"), ("chrf", "cat", "cats"), ("squad", "the cat", "a cat"),
        ("calibration-error", "0.5 0.5\n0.1 0.9", "a\nb"), ("perplexity", "-1 -2\n-0.5", "a b\nc"),
        ("f1", "a\nb\nb", "a\na\nb"),
    ]:
        write("metric", name, name, answers, references)
    write("report", "results", cut_json(world / "evaluated.json", 3))
    write("report", "probes", cut_json(world / "probes.json"))
    write("report", "stress", cut_json(world / "stress.json"))
    results = worlds.ROOT / "Docs" / "results"
    for name in ["prefixes", "transfer", "grid"]:
        if (results / f"{name}.json").exists():
            write("report", name, cut_json(results / f"{name}.json"))
    for run in ["run", "nli"]:
        write("report-run", run, (world / run / "run.json").read_bytes(), cut_json(world / run / "results.json"),
              (world / run / "events.jsonl").read_bytes()[:600])


def main():
    global executable
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graft", default=str(worlds.ROOT / ".build/release/graft"))
    parser.add_argument("--world", help="a folder that world.py filled; a temporary one by default")
    options = parser.parse_args()
    executable = options.graft.encode()
    with tempfile.TemporaryDirectory() as temporary:
        world = pathlib.Path(options.world or temporary)
        if not (world / "stress.json").exists():
            worlds.make(options.graft, world)
        for part in [tokenizers, models, definitions, tables, texts, records]:
            part(world)


if __name__ == "__main__":
    main()

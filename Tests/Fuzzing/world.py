"""A small world of files of every kind that graft reads, made by graft itself in a few seconds."""

import base64
import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests" / "Fixtures"

SMALL = ["--batch", "4", "--shards", "1", "--precision", "f32"]
TASK = ["--task", "micro-nli", "--tasks", "world", "--data", "world"]
PRESET = {
    "family": "t5", "width": 16, "heads": 2, "feedForward": 32, "encoderLayers": 1, "decoderLayers": 1,
    "activation": "relu", "epsilon": 1e-6,
}

PRESETS = {
    "tiny": PRESET,
    "gpt": {**PRESET, "family": "gpt", "encoderLayers": 0, "maximumLength": 64},
    "bert": {**PRESET, "family": "bert", "decoderLayers": 0, "maximumLength": 64, "nextSentence": True},
    "electra": {
        **PRESET, "family": "electra", "decoderLayers": 0, "maximumLength": 64, "embeddingWidth": 8,
        "generatorSize": 0.5},
}

# Folders of transformers, and adapters of PEFT with the folder that each is for.
PUBLISHED = [
    "albert", "bart", "bert", "deberta", "gpt2", "gpt-neox", "llama", "modernbert", "qwen3", "roberta", "umt5",
]
ADAPTERS = {"llama": "llama", "gpt2": "gpt2"}

GRID = """\
version: 2
pretrain: {tokenizer: tokenizer.json, corpus: [corpus.txt, "corpus.txt:2"], sequence-length: 32, tokens: 2000, batch: 4}
variations:
  muon: {optimizer: muon, learning-rate: 0.02}
  slow: {schedule: cosine}
  new: [muon, slow, {warmup: 2}]
leave-one-out: true
axes: {objective: [span-corruption, {name: dense, objective: span-corruption, set: noise-density=0.3}], size: [{name: t, backbone: tiny.json}]}
baseline: span-corruption@t
seeds: [0, 1]
evaluate: {task: micro-nli, split: test, limit: 8}
finetune: {steps: 2, batch: 4}
tasks: [micro-sentiment, {task: micro-nli, split: [validation], limit: 8}]
"""

GATE = """\
gate: release
version: 1
tasks: [micro-nli]
suites: [micro-nli-stress]
expectations:
  - micro-nli.validation.accuracy >= 0.0
  - {condition: "micro-nli-stress.accuracy[label=neutral] >= 0.0", because: chance}
"""

CHECKLIST = """\
checklist: small
version: 1
for: inference
lexicon:
  person: [man, woman]
  pair: [{special: dog, general: animal}, {special: cat, general: animal}]
tests:
  - name: the same again
    capability: vocabulary
    type: minimum-functionality
    templates: [{premise: "A {person} runs.", hypothesis: "A {person} runs."}]
    expect: entailment
  - name: a more general word
    capability: vocabulary
    type: minimum-functionality
    templates: [{premise: "A {person} sees a(n) {pair-special}.", hypothesis: "A {person} sees a(n) {pair-general}."}]
    expect: entailment
"""

MIXTURE = """\
mixture: both
version: 1
members: [micro-nli, {name: micro-sentiment, scale: 2}]
rates: proportional
cap: 1000
temperature: 2
"""


def task(name, form, file, more=""):
    return (
        f"task: {name}\nversion: 1\nsource:\n  folder: .\n  format: {form}\n{more}"
        f"  fields: {{text: text, label: label}}\nsplits: {{train: {file}, validation: {file}}}\n"
        'inputs: "say: {text}"\ntargets: "{label}"\nchoices: [bad, good]\noutput: choices\n'
        "metrics: [accuracy]\nprimaryMetric: accuracy\n"
    )


# Two rows in every form of table.
TABLES = {
    "tsv": (task("rows-tsv", "tsv", "rows.tsv"), "text\tlabel\nfine day\tgood\nawful \"day\"\tbad\n"),
    "csv": (task("rows-csv", "csv", "rows.csv"), 'text,label\n"fine, ""day""",good\nawful day,bad\n'),
    "jsonl": (
        task("rows-jsonl", "jsonl", "rows.jsonl"),
        '{"text": "fine day", "label": "good"}\n{"text": "awful \\u00e4", "label": "bad"}\n'),
    "json": (
        task("rows-json", "json", "rows.json", "  records: rows.items\n"),
        '{"rows": [{"items": [{"text": "fine", "label": "good"}]}, {"items": [{"text": "awful", "label": "bad"}]}]}\n'),
    "xml": (
        task("rows-xml", "xml", "rows.xml", "  records: row\n").replace("label: label", 'label: "@label"'),
        '<?xml version="1.0" encoding="UTF-8"?>\n<rows>\n<row label="good"><text>fine &amp; dry</text></row>\n'
        '<row label="bad"><text><![CDATA[awful]]></text><!-- no --></row>\n</rows>\n'),
    "blocks": (
        task("rows-blocks", "blocks", "rows.blocks").replace("text: text, label: label", 'text: "1", label: "2"'),
        "fine day\ngood\n\nawful day\nbad\n"),
}


def make(graft, folder):
    """Fills a folder; raises if a command fails."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, GRAFT_HOME=str(ROOT))
    environment.pop("GRAFT_DATA", None)

    def run(*arguments):
        done = subprocess.run([graft, *arguments], cwd=folder, env=environment, capture_output=True)
        if done.returncode:
            raise SystemExit(f"graft {' '.join(arguments)}\n{done.stderr.decode(errors='replace')}")

    run("microworld", "--output", "world", "--corpus-bytes", "20000", "--training-examples", "24",
        "--test-examples", "8")
    for file in (folder / "world").glob("*.jsonl"):
        file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:12]))
    (folder / "corpus.txt").write_bytes((folder / "world" / "corpus.txt").read_bytes())
    lines = (folder / "corpus.txt").read_text().split("\n\n")[:8]
    (folder / "corpus.jsonl").write_text("".join(json.dumps({"text": line}) + "\n" for line in lines))
    for name, preset in PRESETS.items():
        (folder / f"{name}.json").write_text(json.dumps(preset))
    shutil.copytree(FIXTURES / "wordnet", folder / "wordnet", dirs_exist_ok=True)
    # Folders as they are published, of every form that is read.
    for name in PUBLISHED:
        shutil.copytree(FIXTURES / "huggingface" / name, folder / "published" / name, dirs_exist_ok=True)
    shutil.copytree(FIXTURES / "translation" / "opus", folder / "published" / "opus", dirs_exist_ok=True)
    for name in ADAPTERS:
        shutil.copytree(FIXTURES / "adapters" / name, folder / "adapters" / name, dirs_exist_ok=True)
    torch = folder / "published" / "torch"
    shutil.copytree(FIXTURES / "huggingface" / "bert", torch, dirs_exist_ok=True)
    (torch / "model.safetensors").unlink()
    shutil.copy2(FIXTURES / "torch" / "bert.bin", torch / "pytorch_model.bin")
    pieces = [bytes([n]) for n in range(256)] + [b"he", b"the", b" the"]
    ranks = "".join(f"{base64.b64encode(piece).decode()} {rank}\n" for rank, piece in enumerate(pieces))
    (folder / "ranks.tiktoken").write_text(ranks)
    for name, text in [("grid", GRID), ("gate", GATE), ("checklist", CHECKLIST)]:
        (folder / f"{name}.yaml").write_text(text)
    (folder / "world" / "both.yaml").write_text(MIXTURE)
    (folder / "rows").mkdir(exist_ok=True)
    for form, (definition, rows) in TABLES.items():
        (folder / "rows" / f"{form}.yaml").write_text(definition)
        (folder / "rows" / f"rows.{form}").write_text(rows)
    lists = {"answers": "good\nbad\ngood\n", "references": "good\ngood\nbad\n", "numbers": "1\n2.5\n-3\n"}
    for name, text in lists.items():
        (folder / name).write_text(text)
    run("tokenizer", "train", "--corpus", "corpus.txt", "--output", "tokenizer.json", "--vocabulary-size", "400",
        "--sentinels", "24")
    run("tokenizer", "train", "--corpus", "corpus.txt", "--output", "masked.json", "--vocabulary-size", "400",
        "--sentinels", "8", "--special", "<mask>", "[MASK]")
    run("pretrain", "--corpus", "corpus.txt", "--tokenizer", "tokenizer.json", "--backbone", "tiny.json",
        "--output", "run", "--cache", "cache", "--sequence-length", "32", "--steps", "4", "--held-out", "0.05",
        "--document-boundary", "blank-lines", *SMALL)
    run("finetune", "--checkpoint", "run", *TASK, "--output", "nli", "--steps", "4", "--dynamics", *SMALL)
    run("evaluate", "--checkpoint", "nli", *TASK, "--json", "evaluated.json", "--no-baselines", "--no-overlap")
    run("probe", *TASK, "--json", "probes.json", "--output", "probes")
    run("cartography", "nli", "--tasks", "world", "--data", "world", "--output", "map")
    run("stress", "evaluate", "--checkpoint", "nli", *TASK, "--transform", "negation", "--checklist",
        "checklist.yaml", "--limit", "4", "--json", "stress.json")
    return folder

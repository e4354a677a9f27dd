"""Makes the tables of Docs/PERFORMANCE.md from what measure.py wrote.

    python3 Tests/Benchmarks/tables.py Docs/results/performance.json [--write Docs/PERFORMANCE.md README.md]

Prints them, or puts each between `<!-- measured: NAME -->` and `<!-- end -->` in the pages. What the file does not have
(measure.py --parts) stays as it is.
"""

import argparse
import json
import re
import statistics
import sys

PROFILE_ROWS = 15
SHAPES = [(2048, 256, 256), (2048, 1024, 256), (2048, 2048, 2048)]
NAMES = {"causal-lm": "causal LM", "masked-lm": "masked LM", "span-corruption": "span corruption"}


def table(columns, rows):
    """Markdown; a column that begins with `>` is aligned to the right."""
    head = "| " + " | ".join(c.removeprefix(">") for c in columns) + " |"
    rule = "|" + "|".join("---:" if c.startswith(">") else "---" for c in columns) + "|"
    return "\n".join([head, rule] + ["| " + " | ".join(row) + " |" for row in rows])


def count(value):
    return f"{value:,.0f}"


def rounded(value):
    """Three digits, for rates that no second run repeats more exactly."""
    digits = max(0, len(str(int(value))) - 3)
    return count(round(value, -digits))


def megabytes(value):
    return count(value / 1e6)


def machine(report):
    m = report["machine"]
    changed = " with changes" if m["changed"] else ""
    peers = ", ".join(
        f"{name} {m[key]}" for name, key in [
            ("PyTorch", "torch"), ("transformers", "transformers"), ("tokenizers", "tokenizers"), ("tiktoken", "tiktoken")]
        if m.get(key))
    return (
        f"{m['threads']} cores of an {m['processor']} (family {m['family']}, model {m['model']}; "
        f"{', '.join(m['features'])}), {m['memoryBytes'] / 2**30:.0f} GiB; {m['date']}, commit {m['commit']}{changed}; "
        f"{peers}{', with tcmalloc' if m['tcmalloc'] else ''}; {report['seconds'] / 60:.0f} minutes in all.")


def products(report):
    rows = []
    for isa, entries in report["products"].items():
        for key in dict.fromkeys((e["backend"], e["precision"]) for e in entries):
            # Only bf16 differs by the tiles.
            if isa == "avx512" and key[1] == "f32" and "amx" in report["products"]:
                continue
            rates = {(e["m"], e["n"], e["k"]): e["gflops"] for e in entries if (e["backend"], e["precision"]) == key}
            rows.append([*key, *(count(rates[shape]) for shape in SHAPES)])
    return table(["GFLOP/s", "precision", *(">" + " × ".join(map(str, s)) for s in SHAPES)], rows)


def ratio(entry):
    return entry["graft"]["tokensPerSecond"] / entry["pytorch"]["tokensPerSecond"]


def training(report, precision, isa=None):
    rows = []
    for entry in report["training"]:
        if entry["precision"] != precision or (isa and entry["isa"] != isa):
            continue
        ours, theirs = entry["graft"], entry.get("pytorch")
        rows.append([
            NAMES[entry["objective"]], entry["size"], rounded(ours["tokensPerSecond"]),
            rounded(theirs["tokensPerSecond"]) if theirs else "", f"{ratio(entry):.2f}" if theirs else "",
            f"{ours['fractionOfPeak']:.2f}", megabytes(ours["peakMemoryBytes"]),
            megabytes(theirs["peakMemoryBytes"]) if theirs else ""])
    return rows and table(
        ["objective", "size", ">Graft, tokens/s", ">PyTorch", ">ratio", ">of products alone", ">Graft, MB", ">PyTorch, MB"],
        rows)


def training_summary(report):
    def spread(precision, isa=None):
        ratios = [ratio(e) for e in report["training"]
                  if e["precision"] == precision and (isa is None or e["isa"] == isa) and "pytorch" in e]
        return f"{min(ratios):.1f} to {max(ratios):.1f}" if ratios else None

    m = report["machine"]
    said = [f"{times} times {how}" for times, how in [
        (spread("bf16", "amx"), "in bf16 on AMX tiles"), (spread("bf16", "avx512"), "in bf16 with AVX-512 alone"),
        (spread("f32"), "in f32")] if times]
    return said and f"{', '.join(said)} ({m['threads']} cores of an {m['processor']})"


def profile(report):
    p = report["profile"]
    lines = [
        f"{p['objective']} {p['size']} {p['precision']}, {p['shards']} shards, {p['backend']}: {p['parameters'] / 1e6:.2f}M "
        f"parameters, {count(p['tokensPerStep'])} tokens a step, {rounded(p['tokensPerSecond']['median'])} a second, "
        f"{100 * p['fractionOfPeak']:.1f} % of the {count(p['peakGFLOPS'])} GFLOP/s of products alone, "
        f"{megabytes(p['peakMemoryBytes'])} MB", ""]
    rows = []
    for o in p["operations"][:PROFILE_ROWS]:
        def rate(amount, scale):
            return count(amount / o["milliseconds"] * scale) if amount > 0 else ""
        rows.append([
            o["name"], f"{o['milliseconds']:.2f}", f"{100 * o['share']:.1f} %",
            f"{o['productMilliseconds']:.2f}" if o["productMilliseconds"] > 0 else "",
            f"{o['gigaFLOP']:.2f}" if o["gigaFLOP"] > 0 else "", rate(o["gigaFLOP"], 1e3),
            f"{o['megabytes']:.1f}" if o["megabytes"] > 0 else "", rate(o["megabytes"], 1)])
    return "\n".join(lines) + "\n" + table(
        ["operation, per step and thread", ">ms", ">share", ">ms in products", ">GFLOP", ">GFLOP/s", ">MB", ">GB/s"], rows)


def tokenizer_medians(report):
    """Rows of (what, Graft, Hugging Face tokenizers, tiktoken); None where there is none."""
    def median(get):
        try:
            return statistics.median(get(r) for r in report["tokenizer"])
        except (KeyError, TypeError):
            return None

    def row(what, ours, theirs, other=lambda r: {}["missing"]):
        return what, median(lambda r: ours(r["graft"])), median(lambda r: theirs(r["peers"]["tokenizers"])), median(
            lambda r: other(r["peers"]["tiktoken"]))

    threads = report["machine"]["threads"]
    return [
        row("training, MB/s", lambda g: g["train"]["megabytesPerSecond"], lambda p: p["trainMegabytesPerSecond"]),
        row("peak memory of training, MB", lambda g: g["train"]["peakMemoryBytes"] / 1e6,
            lambda p: p["trainPeakMemoryBytes"] / 1e6),
        row("encoding line by line, one thread, MB/s", lambda g: g["encode"]["oneThreadMegabytesPerSecond"],
            *2 * [lambda p: p["oneThreadMegabytesPerSecond"]]),
        row(f"encoding line by line, {threads} threads, MB/s", lambda g: g["encode"]["allThreadsMegabytesPerSecond"],
            *2 * [lambda p: p["allThreadsMegabytesPerSecond"]]),
        row("tokens per byte", lambda g: g["tokensPerByte"], *2 * [lambda p: p["tokensPerByte"]]),
    ]


def tokenizer(report):
    def cell(what, value):
        return "" if value is None else f"{value:.4f}" if what.startswith("tokens") else (
            count(value) if what.startswith("peak") else f"{value:.1f}")

    rows = [[what, *(cell(what, value) for value in values)] for what, *values in tokenizer_medians(report)]
    return table(
        [f"{report['text']['bytes'] / 1e6:.1f} MB of {report['text']['name']}", ">Graft", ">Hugging Face tokenizers",
         ">tiktoken"], rows)


def tokenizer_summary(report):
    (_, ours, theirs, _), _, (_, one, other, third), *_ = tokenizer_medians(report)
    if None in (ours, theirs, one, other, third):
        return ""
    return (
        f"trained at {ours / theirs:.0f} times the speed of Hugging Face tokenizers and encoding on one thread at "
        f"{one / other:.0f} times theirs and {one / third:.1f} times tiktoken's")


def decoding(report, precision):
    rounds = [r for r in report["decoding"] if r["precision"] == precision]
    rows = []
    for i, first in enumerate(rounds[0]["graft"] if rounds else []):
        ours = statistics.median(r["graft"][i]["tokensPerSecond"] for r in rounds)
        peers = [r["transformers"][i] for r in rounds if r["transformers"]]
        theirs = statistics.median(p["tokensPerSecond"] for p in peers) if peers else None
        rows.append([
            str(first["batch"]), "greedy" if first["beams"] == 1 else f"{first['beams']} beams", rounded(ours),
            rounded(theirs) if theirs else "", f"{ours / theirs:.1f}" if theirs else "",
            f"{peers[0]['answersTheSame']} of {peers[0]['answers']}" if peers else ""])
    return rows and table(
        [">inputs", "", ">Graft, tokens/s", ">transformers", ">ratio", "answers the same"], rows)


PARTS = {
    "machine": (["machine"], machine),
    "products": (["products"], products),
    "profile": (["profile"], profile),
    "tokenizer": (["tokenizer"], tokenizer),
    "tokenizer-summary": (["tokenizer"], tokenizer_summary),
    "decoding-f32": (["decoding"], lambda r: decoding(r, "f32")),
    "decoding-bf16": (["decoding"], lambda r: decoding(r, "bf16")),
    "training-amx": (["training"], lambda r: training(r, "bf16", "amx")),
    "training-avx512": (["training"], lambda r: training(r, "bf16", "avx512")),
    "training-f32": (["training"], lambda r: training(r, "f32")),
    "training-summary": (["training"], training_summary),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--write", nargs="+", default=[], metavar="PAGE")
    options = parser.parse_args()
    with open(options.file) as file:
        report = json.load(file)
    made = {name: make(report) for name, (needs, make) in PARTS.items() if all(n in report for n in needs)}
    made = {name: text for name, text in made.items() if text}
    for page in options.write:
        with open(page, encoding="utf-8") as file:
            text = file.read()

        def replaced(match):
            if match["name"] not in PARTS:
                sys.exit(f"{page}: no table is called {match['name']!r}; there are {', '.join(PARTS)}")
            new = made.get(match["name"])
            if new is None:
                return match[0]
            space = "\n" if match["body"].startswith("\n") else ""
            return f"<!-- measured: {match['name']} -->{space}{new}{space}<!-- end -->"

        text = re.sub(r"<!-- measured: (?P<name>\S+) -->(?P<body>.*?)<!-- end -->", replaced, text, flags=re.DOTALL)
        with open(page, "w", encoding="utf-8") as file:
            file.write(text)
    if not options.write:
        for name, text in made.items():
            print(f"{name}\n\n{text}\n")


if __name__ == "__main__":
    main()

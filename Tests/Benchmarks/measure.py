"""Measures what Docs/PERFORMANCE.md shows, beside other libraries on the same cores, and writes it as JSON.

From the project's root, after `make build`, on a machine that does nothing else:

    python3 Tests/Benchmarks/measure.py --data ../shared/data --output Docs/results/performance.json
    python3 Tests/Benchmarks/tables.py Docs/results/performance.json --write Docs/PERFORMANCE.md

The Python that runs it needs torch, transformers, tokenizers and tiktoken; --no-peers does without. tcmalloc is preloaded
for PyTorch where it is installed (libtcmalloc-minimal4). Graft and its peer take turns in rounds, and the order changes
from round to round; what counts is the median of all steps. Training in bf16 is measured twice where the processor has
AMX: as it is, and with AVX-512 alone (GRAFT_ISA=avx512; for PyTorch ONEDNN_MAX_CPU_ISA). About eleven minutes on two
cores; the last round is left out where --minutes are over.
"""

import argparse
import datetime
import glob
import gzip
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {"causal-lm": "clm", "masked-lm": "mlm", "span-corruption": "span"}
# Steps before those that are timed, and timed in each round. A step of M in f32 takes several seconds.
STEPS = {("S", "bf16"): (2, 6), ("S", "f32"): (1, 4), ("M", "bf16"): (1, 3), ("M", "f32"): (1, 1)}
MICRO_BATCHES = {"S": 1, "M": 2, "L": 4}
MAX_ISA = "AVX512_CORE_BF16"

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--output", required=True)
parser.add_argument("--graft", default=".build/release/graft")
parser.add_argument("--data", default=os.environ.get("GRAFT_DATA"), help="folder of the data sets; of english-novels")
parser.add_argument("--text", help="a text for the tokenizers instead of english-novels")
parser.add_argument("--parts", nargs="+", default=["products", "profile", "tokenizer", "decoding", "training"])
parser.add_argument("--sizes", nargs="+", default=["S", "M"])
parser.add_argument("--precisions", nargs="+", default=["bf16", "f32"])
parser.add_argument("--objectives", nargs="+", default=list(PEERS), choices=PEERS)
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--steps", type=int, help="steps of a round instead of those of the size and precision")
parser.add_argument("--lines", type=int, default=120000, help="lines that tokenizers encode")
parser.add_argument("--target-length", type=int, default=64, help="tokens of an answer")
parser.add_argument("--minutes", type=float, default=12)
parser.add_argument("--no-peers", action="store_true")
options = parser.parse_args()
begin = time.monotonic()
folder = tempfile.mkdtemp(prefix="graft-measure-")


def note(text):
    print(f"{time.monotonic() - begin:5.0f} s  {text}", file=sys.stderr, flush=True)


def run(command, environment=None):
    result = subprocess.run(command, env={**os.environ, **(environment or {})}, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}:\n{result.stderr}")
    return result.stdout


def graft(*words, isa=None):
    return run([options.graft, *words], {"GRAFT_ISA": isa} if isa and HAS_TILES else None)


def cpuinfo(key):
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith(key)), "unknown")


def tcmalloc():
    found = glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4") + glob.glob("/usr/lib/*/libtcmalloc.so.4")
    return found[0] if found else None


PRELOAD = {"LD_PRELOAD": tcmalloc()} if tcmalloc() else {}
HAS_TILES = "amx_bf16" in cpuinfo("flags").split()
WITHOUT_TILES = "avx512" if "avx512f" in cpuinfo("flags").split() else "avx2"


def machine():
    def version(package):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return None

    def git(*words):
        result = subprocess.run(["git", *words], capture_output=True, text=True)
        return result.stdout.strip() if result.returncode == 0 else None

    features = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"]
    return {
        "date": datetime.date.today().isoformat(), "commit": git("rev-parse", "--short", "HEAD"),
        "changed": bool(git("status", "--porcelain", "--untracked-files=no", "Sources", "Package.swift")),
        "graft": graft("--version").strip(), "processor": cpuinfo("model name"),
        "family": cpuinfo("cpu family"), "model": cpuinfo("model\t"), "threads": os.cpu_count(),
        "features": [f for f in features if f in cpuinfo("flags").split()],
        "memoryBytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "system": platform.platform(),
        "python": platform.python_version(), "tcmalloc": bool(PRELOAD),
        **{package: version(package) for package in ["torch", "transformers", "tokenizers", "tiktoken"]},
    }


def novels():
    """english-novels in one file, in the order of its names."""
    path = os.path.join(folder, "novels.txt")
    files = sorted(glob.glob(os.path.join(options.data or "", "english-novels", "*.txt.gz")))
    if not files:
        sys.exit("no english-novels: give --data (or $GRAFT_DATA), or --text FILE")
    with open(path, "wb") as output:
        for name in files:
            with gzip.open(name) as file:
                shutil.copyfileobj(file, output)
    return path


def products():
    """Matrix products by backend, precision and shape."""
    return {isa: json.loads(graft("benchmark", "gemm", "--json", "-", isa=isa))
            for isa in (["amx", "avx512"] if HAS_TILES else [WITHOUT_TILES])}


def profile():
    return json.loads(graft(
        "benchmark", "train", "--size", "S", "--precision", options.precisions[0], "--steps",
        str(options.steps or 15), "--profile", "--json", "-"))


def tokenizer(text):
    rounds = []
    for index in range(options.rounds):
        ours = json.loads(graft(
            "benchmark", "tokenizer", text, "--lines", str(options.lines), "--rounds", "1", "--json", "-"))
        ours["file"] = os.path.basename(ours["file"])
        peer = None
        if not options.no_peers:
            peer = json.loads(run([
                sys.executable, os.path.join(HERE, "bpe_throughput.py"), text, "--lines", str(options.lines)]))
        rounds.append({"graft": ours, "peers": peer})
        note(f"tokenizers, round {index + 1}")
    return rounds


def decoding(text):
    """t5-mini with weights after one update, which change what is written and not how fast."""
    path = lambda name: os.path.join(folder, name)
    with open(text, "rb") as file, open(path("part.txt"), "wb") as output:
        output.write(file.read(4_000_000).rsplit(b"\n", 1)[0])
    graft("tokenizer", "train", "--corpus", path("part.txt"), "--vocabulary-size", "8192", "--output", path("t.json"))
    graft("pretrain", "--objective", "span-corruption", "--backbone", "t5-mini", "--corpus", path("part.txt"),
          "--tokenizer", path("t.json"), "--steps", "1", "--batch", "2", "--output", path("run"))
    graft("convert", "--from", path("run"), "--to", path("t5-mini"))
    measured = []
    for precision in options.precisions[::-1]:
        for index in range(options.rounds):
            file = path(f"decode-{precision}.json")
            graft("benchmark", "decode", "--checkpoint", path("t5-mini"), "--precision", precision, "--rounds", "2",
                  "--target-length", str(options.target_length), "--json", file)
            with open(file) as opened:
                ours = json.load(opened)
            for report in ours:
                del report["inputs"], report["answers"]
            peer = None
            if not options.no_peers:
                peer = json.loads(run(
                    [sys.executable, os.path.join(HERE, "decode_peer.py"), path("t5-mini"), file, "--rounds", "2",
                     "--json", "-"], PRELOAD))
            measured.append({"precision": precision, "graft": ours, "transformers": peer})
            note(f"decoding, {precision}, round {index + 1}")
    return measured


class TorchServer:
    """torch_step.py, loaded once: every measurement is a process that it forks."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "torch_step.py"), "--serve"], env={**os.environ, **PRELOAD},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, **flags):
        words = [f"--{name.replace('_', '-')} {value}" for name, value in flags.items() if value is not None]
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.strip():
            sys.exit("torch_step.py ended: see above")
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def settings():
    for size in options.sizes:
        for precision in options.precisions:
            # f32 does not use the tiles.
            for isa in ["amx", "avx512"] if precision == "bf16" and HAS_TILES else [WITHOUT_TILES]:
                for objective in options.objectives:
                    yield objective, size, precision, isa


def training():
    server = None if options.no_peers else TorchServer()
    measured = {setting: {"graft": [], "pytorch": []} for setting in settings()}
    for index in range(options.rounds):
        for setting, entry in measured.items():
            if index > 0 and time.monotonic() - begin > 60 * options.minutes - 20:
                note("time is over: the rest of the rounds is left out")
                break
            objective, size, precision, isa = setting
            warm_up, steps = STEPS.get((size, precision), (1, 1))
            steps = options.steps or steps

            def ours():
                report = json.loads(graft(
                    "benchmark", "train", "--objective", objective, "--size", size, "--precision", precision,
                    "--steps", str(steps), "--warm-up", str(warm_up), "--micro-batches", str(MICRO_BATCHES[size]),
                    "--json", "-", isa=isa))
                entry["graft"].append(report)

            def theirs():
                if server:
                    entry["pytorch"].append(server.measure(
                        objective=PEERS[objective], size=size, mode=precision, steps=steps, warm_up=warm_up,
                        isa=MAX_ISA if isa == "avx512" and HAS_TILES else None))

            for body in [ours, theirs] if index % 2 == 0 else [theirs, ours]:
                body()
            note(f"training, {' '.join(setting)}, round {index + 1}")
    if server:
        server.stop()
    return [summary(setting, entry) for setting, entry in measured.items()]


def summary(setting, entry):
    """The rate of the median of all steps of all rounds, and the most memory."""
    def rate(reports):
        seconds = [s for report in reports for s in report["stepSeconds"]]
        return {
            "tokensPerSecond": reports[0]["tokensPerStep"] / statistics.median(seconds),
            "tokensPerSecondOfRounds": [r["tokensPerStep"] / statistics.median(r["stepSeconds"]) for r in reports],
            "steps": len(seconds), "tokensPerStep": reports[0]["tokensPerStep"],
            "parameters": reports[0]["parameters"],
            "peakMemoryBytes": max(r["peakMemoryBytes"] for r in reports),
        }

    result = dict(zip(["objective", "size", "precision", "isa"], setting))
    result["graft"] = rate(entry["graft"])
    result["graft"]["backend"] = entry["graft"][0]["backend"]
    result["graft"]["microBatches"] = MICRO_BATCHES[setting[1]]
    result["graft"]["peakGFLOPS"] = statistics.median(r["peakGFLOPS"] for r in entry["graft"])
    result["graft"]["fractionOfPeak"] = (
        result["graft"]["tokensPerSecond"] * entry["graft"][0]["modelGFLOPPerToken"] / result["graft"]["peakGFLOPS"])
    if entry["pytorch"]:
        result["pytorch"] = rate(entry["pytorch"])
    return result


try:
    report = {"machine": machine()}
    text = None
    if {"tokenizer", "decoding"} & set(options.parts):
        text = options.text or novels()
        report["text"] = {"name": options.text or "english-novels", "bytes": os.path.getsize(text)}
    for part in options.parts:
        note(part)
        body = {"products": products, "profile": profile, "training": training,
                "tokenizer": lambda: tokenizer(text), "decoding": lambda: decoding(text)}[part]
        report[part] = body()
    report["seconds"] = round(time.monotonic() - begin)
    with open(options.output, "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    note(f"wrote {options.output}")
finally:
    shutil.rmtree(folder)

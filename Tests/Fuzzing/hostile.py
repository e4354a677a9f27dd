#!/usr/bin/env python3
"""Runs graft with damaged files and odd arguments, and looks for ends that no user should see.

    make hostile HOSTILE_CASES=1000
    Tests/Fuzzing/hostile.py --graft .build/release/graft --cases 1000 [--seed 7] [--only evaluate] [--case 412]

Every case takes a command that works on a small world of files (world.py), and changes one thing: a file by its
structure (a number of a JSON tree, a key of a YAML file, a cell of a table, a field of a safetensors header; hashes of
a checkpoint's manifest are made to fit half of the time), a file by its bytes, or an argument. It fails if graft dies
of a signal, runs beyond its limits of time and memory, ends with a code that Docs/CLI.md does not list, shows an error
of a library or of the language instead of its own, says nothing about a failure, or prints more than a megabyte.
A case is a function of the seed and its number.
"""

import argparse
import collections
import gzip
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import string
import struct
import subprocess
import sys
import tempfile
import time

import world as worlds

CODES = {0, 3, 64, 65, 66, 70, 74}
# What libraries and the language say, not graft.
FOREIGN = re.compile(
    rb"NSCocoaErrorDomain|EncodingError|DecodingError|Fatal error|Stack dump|CodingKeys\(|Swift/|AddressSanitizer"
    rb"|Optional\(|Error Domain=|The operation could not be completed")
OUTPUT_LIMIT = 1 << 20

# Commands, `out` and what begins with it is written, and below each the files that may be changed.
COMMANDS = """
validate: validate world
  world/micro-nli.yaml world/both.yaml world/micro-nli-stress.yaml
validate-read: validate rows --read --data rows
  $TABLES
list: list tasks --tasks world
  world/micro-nli.yaml world/both.yaml
inspect-task: inspect task micro-nli --tasks world --data world
  world/micro-nli.yaml world/nli-train.jsonl
inspect-checkpoint: inspect checkpoint nli/model
  nli/model/config.json nli/model/manifest.json nli/model/model.safetensors nli/model/tokenizer.json
inspect-mixture: inspect mixture both --tasks world --data world
  world/both.yaml world/nli-train.jsonl
tokenizer-train: tokenizer train --corpus corpus.txt --output out.json --vocabulary-size 400
  corpus.txt
tokenizer-train-jsonl: tokenizer train --corpus corpus.jsonl --output out.json --vocabulary-size 400
  corpus.jsonl
tokenizer-encode: tokenizer encode --tokenizer tokenizer.json 'the cat'
  tokenizer.json
tokenizer-inspect: tokenizer inspect tokenizer.json
  tokenizer.json
metric: metric accuracy --predictions answers --references references --json out.json
  answers references
metric-pearson: metric pearson --predictions numbers --references numbers
  numbers
metric-bleu: metric bleu --predictions answers --references references
  answers references
compare: compare evaluated.json nli --resamples 50
  evaluated.json nli/results.json nli/predictions/micro-nli-test.jsonl
report: report nli run probes.json probes map stress.json --output out.html --no-attention --no-pairing
  ... --tasks world --data world
  nli/run.json nli/results.json nli/events.jsonl nli/dynamics.jsonl run/run.json run/results.json
  run/events.jsonl probes.json map/cartography.jsonl map/subsets-micro-nli.json stress.json
  probes/micro-nli/hard-subset-test.json probes/micro-nli/report.txt nli/predictions/micro-nli-test.jsonl
cartography: cartography nli --tasks world --data world --output out
  nli/dynamics.jsonl nli/run.json world/nli-train.jsonl
probe: probe $TASK --probe cue-words --json out.json
  world/micro-nli.yaml world/nli-train.jsonl
evaluate: evaluate --checkpoint nli $TASK --json out.json $QUICK
  nli/model/config.json nli/model/manifest.json nli/model/model.safetensors nli/model/tokenizer.json
  nli/run.json world/micro-nli.yaml world/nli-test.jsonl
evaluate-gate: evaluate --checkpoint nli --gate gate.yaml --tasks world --data world $QUICK
  gate.yaml
stress: stress evaluate --checkpoint nli $TASK --checklist checklist.yaml --limit 2
  checklist.yaml
generate: generate --checkpoint nli --target-length 4 'nli premise: a'
  nli/model/config.json nli/model/model.safetensors nli/model/tokenizer.json
score: score --checkpoint nli --input a --target b --json -
  nli/model/config.json nli/model/model.safetensors nli/model/tokenizer.json
convert: convert --from nli --to out
  nli/model/config.json nli/model/model.safetensors
pretrain: pretrain --corpus corpus.txt --tokenizer tokenizer.json --backbone tiny.json --output out --cache
  ... cache --sequence-length 32 $SMALL --steps 2
  corpus.txt tokenizer.json tiny.json tiny.json
pretrain-resume: pretrain --resume --corpus corpus.txt --tokenizer tokenizer.json --backbone tiny.json
  ... --output run --cache cache --sequence-length 32 --held-out 0.05 --document-boundary blank-lines $SMALL
  ... --steps 4
  run/run.json run/events.jsonl run/results.json run/checkpoints/step-000000004/training-state.json
  run/checkpoints/step-000000004/manifest.json run/checkpoints/step-000000004/optimizer.safetensors
finetune: finetune --checkpoint run $TASK --output out $SMALL --steps 2 --no-baselines --no-overlap
  run/model/config.json run/model/manifest.json run/run.json world/micro-nli.yaml world/nli-train.jsonl
transfer: transfer --task micro-nli --evaluate micro-nli:test --tasks world --data world --output out
  ... --checkpoint run --seeds 1 $SMALL --steps 2
  world/micro-nli.yaml run/model/config.json
prefixes: prefixes $TASK --output out --checkpoint run --seeds 1 --signal none $SMALL --steps 2
  run/run.json
stress-make: stress make $TASK --split train --transform synonym --wordnet wordnet --output out
  ... --keep-rejected
  wordnet/index.noun wordnet/data.noun wordnet/noun.exc wordnet/cntlist.rev world/nli-train.jsonl
predict: predict --checkpoint run --task micro-nli --tasks world --input world/nli-test.jsonl --output out.tsv
  world/nli-test.jsonl world/micro-nli.yaml run/run.json run/model/config.json
events: events run --csv out.csv --tensorboard out
  run/events.jsonl run/events.jsonl
microworld: microworld --output out --corpus-bytes 2000 --training-examples 4 --test-examples 4
tokenizer-export: tokenizer export --tokenizer tokenizer.json --output out
  tokenizer.json
tokenizer-import: tokenizer import ranks.tiktoken --output out.json --pattern gpt2
  ranks.tiktoken
tokenizer-compare: tokenizer compare tokenizer.json tokenizer.json --corpus corpus.txt
  corpus.txt tokenizer.json
tokenizer-decode: tokenizer decode --tokenizer tokenizer.json 5 6
  tokenizer.json
data-verify: data verify --tasks world --data world
  world/micro-nli.yaml
pretrain-gpt: pretrain --objective causal-lm --corpus corpus.jsonl --tokenizer tokenizer.json --backbone
  ... gpt.json --output out --cache cache --sequence-length 16 $SMALL --steps 2
  corpus.jsonl gpt.json gpt.json
pretrain-electra: pretrain --objective replaced-token-detection --corpus corpus.txt --tokenizer masked.json
  ... --backbone electra.json --output out --cache cache --sequence-length 16 $SMALL --steps 2
  electra.json masked.json
ablate: ablate grid.yaml --output out --tasks world --data world --list
  grid.yaml
published-convert: convert --from published/gpt2 --to out --layout graft
  published/gpt2/config.json published/gpt2/tokenizer.json published/gpt2/model.safetensors
published-torch: embed --checkpoint published/torch 'the cat'
  published/torch/pytorch_model.bin published/torch/config.json
published-opus: generate --checkpoint published/opus --target-length 4 'the cat'
  published/opus/config.json published/opus/source.spm published/opus/target.spm published/opus/vocab.json
  published/opus/tokenizer_config.json published/opus/generation_config.json published/opus/model.safetensors
$PUBLISHED
$ADAPTERS
"""

PUBLISHED_FILES = ["config.json", "config.json", "tokenizer.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]
WORDS = {
    "SMALL": " ".join(worlds.SMALL),
    "TASK": " ".join(worlds.TASK),
    "QUICK": "--no-baselines --no-overlap --limit 4",
    "PUBLISHED": "\n".join(
        f"published-{name}: {verb} --checkpoint published/{name} 'the cat'\n"
        + "  " + " ".join(f"published/{name}/{file}" for file in PUBLISHED_FILES)
        for name in worlds.PUBLISHED
        for verb in ["generate --target-length 4" if name in ("bart", "umt5", "llama", "qwen3") else "embed"]),
    "ADAPTERS": "\n".join(
        f"adapter-{name}: generate --checkpoint adapters/{name} --base published/{base} --target-length 4 'the cat'\n"
        f"  adapters/{name}/adapter_config.json adapters/{name}/adapter_config.json adapters/{name}/adapter_model.safetensors"
        for name, base in worlds.ADAPTERS.items()),
    "TABLES": " ".join(f"rows/{form}.yaml rows/rows.{form} rows/rows.{form}" for form in worlds.TABLES),
}


def commands_of(text):
    """Name, arguments and files of every command."""
    found = []
    for line in string.Template(text).substitute(WORDS).strip().split("\n"):
        if line.startswith("  ... "):
            found[-1][1].extend(shlex.split(line[6:]))
        elif line.startswith("  "):
            found[-1][2].extend(line.split())
        else:
            name, arguments = line.split(": ", 1)
            found.append((name, shlex.split(arguments), []))
    return found


ODD_NUMBERS = [
    0, -1, 1, 2, 3, 255, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64,
    -(2**63), -(2**64), 0.5, -0.0, 1e-320, 1e300, 1e308, -1e308, 1e400,
]
ODD_TEXTS = [
    "", " ", "\0", "a", "é", "e\u0301", "\ufeff", "\u202e", "💡" * 40, "x" * 5000, "../../x", "/",
    "{text}", "{", "}", "{}", "%n%s", "null", "true", "~", "NaN", "-", "--", "\n", "\r\n", "\t", "a" * 300 + "/b",
]
ODD_BYTES = [b"", b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"\r", b"\n\n\n", b"\x1f\x8b",
             b"\"", b"[" * 600, b"9" * 400, b"x" * 70000]
ODD_LINES = [
    "&a [*a]", "a: &a [1]\nb: *a", "? {a: b}", "---", "...", "%YAML 9.9", "!!binary x", "\t", "- - - -", "a: |\n  x",
    "<<: {a: 1}", "[" * 300, "{" * 300, '"', "'",
]
ODD_FILES = [
    b"", b"\n", b"\0" * 4096, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    gzip.compress(b"\0" * 8_000_000), "text".encode("utf-16"),
]
ODD_OUTPUTS = [
    b"o", b"o/p", b"o/p/q", b"./o", b"", b".", b"/", b"/dev/null", b"/dev/full", b"/dev/stdout", b"link", b"\xff",
    b"x" * 300, b"nli", b"corpus.txt", b"tokenizer.json", b"~", b"o\n", b"-",
]
ODD_ARGUMENTS = [
    b"", b" ", b"a", b"-", b"--", b".", b"..", b"/", b"./", b"a/b", b"a/", b"\xff", b"\xc3\xa9", b"0", b"-1",
    b"1e9", b"1e400", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"nan", b"inf", b"0x10",
    b"1,2", b",", b"=", b"a=b", b"/dev/null", b"/dev/full", b"/proc/self/mem", b"/nonexistent/x", b"x" * 300, b"x" * 5000,
    b"\n", b"*", b"[", b"~",
]


# A lot of work is no fault if it was asked for.
AMOUNTS = {
    "steps", "budget", "tokens", "flops", "resamples", "epochs", "seeds", "rounds", "corpus-bytes", "training-examples",
    "test-examples", "data-sets", "self-test-examples", "readings", "threads", "folds", "batch", "vocabulary-size",
    "shards", "micro-batches", "size", "evaluate-every", "save-every", "dynamics-every",
}


# MARK: Changes of files

def places(value, path=()):
    """Every place of a JSON tree."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], path + (index,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def odd_value(rng):
    kind = rng.randrange(8)
    if kind < 3:
        return rng.choice(ODD_NUMBERS)
    if kind < 5:
        return rng.choice(ODD_TEXTS)
    deep = []
    for _ in range(rng.choice([1, 10, 400])):
        deep = [deep]
    return rng.choice([None, True, False, [], {}, [[]], {"a": 1}, [1] * 1000, deep, "NaN", "Infinity"])


def changed_tree(rng, tree):
    paths = list(places(tree))
    path = rng.choice(paths)
    if not path:
        return odd_value(rng) if rng.random() < 0.5 else tree
    parent, last = at(tree, path[:-1]), path[-1]
    action = rng.randrange(10)
    if action < 6:
        parent[last] = odd_value(rng)
    elif action == 6:
        del parent[last]
    elif action == 7 and isinstance(parent, list):
        parent.extend([parent[last]] * rng.choice([1, 2, 300]))
    elif action == 8 and isinstance(parent, dict):
        parent[rng.choice(ODD_TEXTS)] = parent.pop(last)
    else:
        parent[last] = at(tree, rng.choice(paths))
    try:
        json.dumps(tree)
    except (ValueError, RecursionError):
        return odd_value(rng)
    return tree


def dumped(tree):
    text = json.dumps(tree, ensure_ascii=False)
    # Python writes what is no JSON; as bare words and as what overflows both are of interest.
    return text.replace("Infinity", "1e999").encode("utf-8", "surrogatepass")


def changed_json(rng, content):
    return dumped(changed_tree(rng, json.loads(content)))


def changed_json_lines(rng, content):
    lines = content.splitlines()
    index = rng.randrange(len(lines))
    if rng.random() < 0.2:
        lines.insert(index, rng.choice(lines))
    else:
        lines[index] = changed_json(rng, lines[index])
    return b"\n".join(lines) + b"\n"


def changed_safetensors(rng, content):
    length = struct.unpack("<Q", content[:8])[0]
    header, data = content[8:8 + length], content[8 + length:]
    kind = rng.randrange(4)
    if kind == 0:
        claimed = rng.choice([0, 1, length - 1, length + 1, 2**31, 2**63 - 1, 2**64 - 1])
        return struct.pack("<Q", claimed) + header + data
    if kind == 1:
        odd = rng.choice([b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\0\0\x80\xff", b"\xff\xff\x7f\x7f", b"\1\0\0\0"])
        place = rng.randrange(len(data) // 4) * 4
        return content[:8 + length] + data[:place] + odd + data[place + 4:]
    header = dumped(changed_tree(rng, json.loads(header)))
    return struct.pack("<Q", len(header)) + header + data


def changed_lines(rng, content):
    """YAML and tables: a word, a line or a mark is exchanged."""
    text = content.decode(errors="replace")
    lines = text.split("\n")
    index = rng.randrange(len(lines))
    kind = rng.randrange(8)
    if kind == 0:
        del lines[index]
    elif kind == 1:
        lines.insert(index, lines[rng.randrange(len(lines))])
    elif kind == 2:
        lines[index] = rng.choice(ODD_LINES)
    elif kind == 3:
        mark, other = rng.choice(":,\t{}\"<> "), rng.choice(["", "\t", ",", "\"", "\0"])
        lines[index] = lines[index].replace(mark, other)
    else:
        words = [m for m in re.finditer(r"[^\s,:{}\[\]<>]+", text)]
        if words:
            word = rng.choice(words)
            odd = rng.choice([str(rng.choice(ODD_NUMBERS)), rng.choice(ODD_TEXTS), rng.choice(words).group()])
            return (text[:word.start()] + odd + text[word.end():]).encode("utf-8", "surrogatepass")
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def changed_bytes(rng, content):
    kind = rng.randrange(8)
    place = rng.randrange(len(content) + 1)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + rng.choice(ODD_BYTES) + content[place:]
    if kind == 2:
        return content[:place] + bytes([rng.randrange(256)]) + content[place + 1:]
    if kind == 3:
        return content[:place] + content[place + rng.randrange(1, 64):]
    if kind == 4:
        return gzip.compress(content)[:rng.choice([None, 20, -4, -1])]
    if kind == 5:
        return rng.choice(ODD_FILES + [b"\xef\xbb\xbf" + content])
    if kind == 6:
        return content.replace(b"\n", b"\r\n")
    return content * rng.choice([2, 50])


def change_file(rng, folder, name):
    """Returns what was done."""
    path = folder / name
    content = path.read_bytes()
    kind = rng.random()
    if kind < 0.04:
        path.unlink()
        way = rng.choice(["removed", "folder", "loop", "dangling"])
        if way == "folder":
            path.mkdir()
        elif way == "loop":
            path.symlink_to(path.name)
        elif way == "dangling":
            path.symlink_to("nowhere")
        return f"{name}: {way}"
    structure = None
    if name.endswith(".json") or name.endswith("rows.json"):
        structure = changed_json
    elif name.endswith(".jsonl"):
        structure = changed_json_lines
    elif name.endswith(".safetensors"):
        structure = changed_safetensors
    elif not name.endswith((".txt", ".bin", ".spm")):
        structure = changed_lines
    if structure is None or kind < 0.3:
        structure = changed_bytes
    path.unlink()
    path.write_bytes(structure(rng, content))
    manifest = path.parent / "manifest.json"
    if manifest.exists() and name != "manifest.json" and rng.random() < 0.7:
        stated = json.loads(manifest.read_bytes())
        if isinstance(stated, dict) and path.name in (stated.get("files") or {}):
            new = path.read_bytes()
            stated["files"][path.name] = {"sha256": hashlib.sha256(new).hexdigest(), "size": len(new)}
            manifest.unlink()
            manifest.write_text(json.dumps(stated))
            return f"{name}: {structure.__name__}, hash made to fit"
    return f"{name}: {structure.__name__}"


def options_of(graft):
    """The names of a command's options, by the words that call it."""
    dump = json.loads(subprocess.run([graft, "--experimental-dump-help"], capture_output=True, check=True).stdout)
    found = {}

    def walk(command, words):
        found[words] = [
            name["name"] for argument in command.get("arguments", []) if argument["kind"] == "option"
            for name in argument["names"][:1] if name["kind"] == "long"]
        for inner in command.get("subcommands", []):
            walk(inner, words + (inner["commandName"],))

    walk(dump["command"], ())
    return found


def odd_option(rng, arguments, options):
    names = options.get(tuple(arguments[:2])) or options.get(tuple(arguments[:1])) or ["json"]
    name = rng.choice(names)
    value = rng.choice([str(rng.choice(ODD_NUMBERS)).encode(), rng.choice(ODD_ARGUMENTS), b"1", b"2", b"0.5"])
    if name in AMOUNTS and re.fullmatch(rb"[+]?[0-9.e+inf]{4,}|.*inf.*", value):
        value = b"3"
    return f"--{name}".encode(), value


def change_arguments(rng, arguments, options):
    if rng.random() < 0.6:
        name, odd = odd_option(rng, arguments, options)
        arguments = [os.fsencode(argument) for argument in arguments]
        if name in arguments and arguments.index(name) + 1 < len(arguments):
            arguments[arguments.index(name) + 1] = odd
        else:
            arguments += [name, odd]
        return arguments, f"{name.decode()} {odd[:40]!r}"
    arguments = [os.fsencode(argument) for argument in arguments]
    index = rng.randrange(1, len(arguments))
    kind = rng.randrange(10)
    odd = rng.choice(ODD_ARGUMENTS)
    if kind == 0:
        del arguments[index]
        return arguments, f"without argument {index}"
    if kind == 1:
        arguments.insert(index, odd)
        return arguments, f"before argument {index}: {odd[:40]!r}"
    outputs = [i for i, a in enumerate(arguments) if a.startswith(b"out")]
    if kind < 5 and outputs:
        index = rng.choice(outputs)
        odd = rng.choice(ODD_OUTPUTS)
    arguments[index] = odd
    return arguments, f"argument {index} is {odd[:40]!r}"


# MARK: Running

def limits(options):
    def apply():
        resource.setrlimit(resource.RLIMIT_CPU, (options.seconds, options.seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    return apply


def wait(process, options, started):
    """The status, or why there is none. Memory is watched, not limited: graft reserves addresses that it never uses."""
    pause = 0.002
    while process.poll() is None:
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
        try:
            fields = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            used = sum(int(kilobytes) for kilobytes in re.findall(r"Rss(?:Anon|Shmem):\s+(\d+)", fields)) >> 10
        except OSError:
            used = 0
        reason = None
        if used > options.megabytes:
            reason = f"more than {options.megabytes} MB of memory"
        elif time.monotonic() - started > options.seconds * 4:
            reason = f"no end within {options.seconds * 4} s"
        if reason:
            process.kill()
            process.wait()
            return None, reason
    return process.returncode, None


def fault(status, output, errors):
    """What is wrong with an end; None if nothing is."""
    if status < 0:
        return f"signal {-status}"
    if status >= 128:
        return f"code {status}"
    if status not in CODES:
        return f"code {status}"
    if status == 70 and not re.search(rb"finite|NaN|not a number|diverge", errors):
        return "code 70"
    found = FOREIGN.search(errors) or FOREIGN.search(output)
    if found:
        return f"says '{found.group().decode()}'"
    if status not in (0, 3) and b"error" not in errors.lower():
        return f"code {status} without a word"
    if len(output) + len(errors) > OUTPUT_LIMIT:
        return f"{len(output) + len(errors)} bytes of output"
    return None


def copy_world(world, folder):
    """Files are linked, for changes replace them; but what a run writes into is copied."""
    def link(source, target):
        if os.path.basename(source) in ("events.jsonl", "lock", "ledger.jsonl", "run-ledger.jsonl"):
            shutil.copy2(source, target)
        else:
            os.link(source, target)
    shutil.copytree(world, folder, copy_function=link)


def run_case(number, options, world, commands):
    rng = random.Random(f"{options.seed}/{number}")
    name, arguments, files = rng.choice(commands)
    folder = pathlib.Path(options.scratch) / f"case-{number}"
    shutil.rmtree(folder, ignore_errors=True)
    copy_world(world, folder)
    (folder / "link").symlink_to("elsewhere")
    changes = []
    if files and rng.random() < 0.65:
        for _ in range(rng.choice([1, 1, 1, 2])):
            try:
                changes.append(change_file(rng, folder, rng.choice(files)))
            except (ValueError, OSError, KeyError, struct.error, IndexError):
                pass
        arguments = [os.fsencode(argument) for argument in arguments]
    else:
        arguments, change = change_arguments(rng, arguments, options.names)
        changes.append(change)
    arguments = [argument for argument in arguments if b"\0" not in argument]
    environment = dict(os.environ, GRAFT_HOME=str(worlds.ROOT), ASAN_OPTIONS="detect_leaks=0:abort_on_error=1",
                       SWIFT_BACKTRACE="enable=no")
    environment.pop("GRAFT_DATA", None)
    started = time.monotonic()
    with open(folder / "stdout.txt", "wb") as output, open(folder / "stderr.txt", "wb") as errors:
        process = subprocess.Popen(
            [os.path.abspath(options.graft), *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=errors, preexec_fn=limits(options))
        status, reason = wait(process, options, started)
    output, errors = ((folder / f"{kind}.txt").read_bytes() for kind in ("stdout", "stderr"))
    if reason is None:
        reason = fault(status, output, errors)
    if reason is None:
        shutil.rmtree(folder, ignore_errors=True)
    shown = " ".join(argument.decode(errors="backslashreplace")[:60] for argument in arguments)
    return name, status, reason, shown, changes, errors, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graft", default=str(worlds.ROOT / ".build/release/graft"))
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="a command of the list, or a part of its name")
    parser.add_argument("--case", type=int, help="this case alone")
    parser.add_argument("--seconds", type=int, default=20, help="processor time of a case")
    parser.add_argument("--megabytes", type=int, default=2000, help="memory of a case, files that are mapped aside")
    parser.add_argument("--scratch", help="where cases are kept that failed; a temporary folder by default")
    parser.add_argument("--world", help="a folder that is made if it is not there")
    options = parser.parse_args()
    options.scratch = options.scratch or tempfile.mkdtemp(prefix="graft-hostile-")
    world = pathlib.Path(options.world or f"{options.scratch}/world")
    if not (world / "stress.json").exists():
        worlds.make(os.path.abspath(options.graft), world)
    commands = [command for command in commands_of(COMMANDS) if not options.only or options.only in command[0]]
    options.names = options_of(os.path.abspath(options.graft))
    counts = collections.Counter()
    faults = collections.defaultdict(list)
    numbers = [options.case] if options.case is not None else range(options.cases)
    started = time.monotonic()
    for number in numbers:
        name, status, reason, shown, changes, errors, seconds = run_case(number, options, world, commands)
        counts[name, status] += 1
        if reason or options.case is not None:
            faults[reason].append(number)
            text = errors.decode(errors="replace")
            print(f"case {number}: {reason} ({status}, {seconds:.1f} s)\n  graft {shown}", flush=True)
            print(f"  {'; '.join(changes)}\n  {text[:600]}", flush=True)
    codes = sorted({status for _, status in counts}, key=str)
    print("command".ljust(24) + "".join(f"{code}".rjust(7) for code in codes))
    for name in [command[0] for command in commands]:
        print(name.ljust(24) + "".join(f"{counts[name, code] or ''}".rjust(7) for code in codes))
    bad = sum(len(found) for reason, found in faults.items() if reason)
    print(f"{sum(counts.values())} cases in {time.monotonic() - started:.0f} s, {bad} failed"
          + (f"; they lie in {options.scratch}" if bad else ""))
    for reason, found in sorted(faults.items(), key=lambda item: -len(item[1])):
        if reason:
            print(f"  {len(found)} × {reason}: case {', '.join(map(str, found[:12]))}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

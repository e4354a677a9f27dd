"""Reads the task files a second time, in Python, and prints the first prompt of every split whose data is here.

    python3 Tests/Fixtures/tasks/read_tasks.py DATA [--digests]

Independent of Graft's own reading, which `graft validate --read` compares with it through the `sha256` of golden prompts.
Needs PyYAML.
"""

import csv
import glob
import gzip
import hashlib
import json
import os
import re
import string
import sys
import xml.etree.ElementTree

import yaml

TASKS = os.path.join(os.path.dirname(__file__), "../../../Tasks")
SOURCE_KEYS = """folder format encoding records header quoted fields patterns constants groups set label labels keep
drop unlabelled""".split()


def load(path):
    with open(path, encoding="utf-8") as file:
        definition = yaml.load(file, yaml.BaseLoader)
    definition["path"] = path
    return definition


def merged(definition, by_name):
    if "extends" not in definition:
        return definition
    name = definition["extends"]
    folder = os.path.dirname(definition["path"])
    base = load(os.path.join(folder, name)) if name.endswith(".yaml") else by_name[name]
    base = merged(base, by_name)
    result = {**base, **definition}
    for key in ("source", "splits"):
        result[key] = {**base.get(key, {}), **definition.get(key, {})}
    result["splits"] = {name: split for name, split in result["splits"].items() if split != "null"}
    return result


def definitions():
    paths = sorted(glob.glob(TASKS + "/*/*.yaml"))
    files = [load(path) for path in paths if not os.path.basename(path).startswith("_")]
    # Mixtures and checklists have no rows.
    by_name = {file.get("task", file.get("suite")): file for file in files if "task" in file or "suite" in file}
    return {name: merged(file, by_name) for name, file in sorted(by_name.items())}


def contents(path):
    if not os.path.exists(path):
        path = path[:-3] if path.endswith(".gz") else path + ".gz"
    with open(path, "rb") as file:
        data = file.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def text_of(path, settings):
    data = contents(path)
    if settings.get("encoding") == "windows-1252":
        return data.decode("cp1252")
    return data.decode("utf-8").removeprefix("\ufeff")


def lines_of(text):
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines and not lines[-1] else lines


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def at(path, value):
    if not path:
        return [value]
    if isinstance(value, dict):
        return at(path[1:], value[path[0]]) if path[0] in value else None
    if isinstance(value, list) and path[0] == "*":
        return [found for element in value for found in at(path[1:], element)]
    if isinstance(value, list) and path[0].isdigit() and int(path[0]) < len(value):
        return at(path[1:], value[int(path[0])])
    return None


class JSONRow:
    def __init__(self, scopes):
        self.scopes = scopes

    def __getitem__(self, column):
        for scope in self.scopes:
            found = at([column], scope) or at(column.split("."), scope)
            if found is not None:
                return "\n".join(scalar(value) for value in found)
        raise KeyError(column)


def json_rows(value, path, around=()):
    if isinstance(value, list):
        for element in value:
            yield from json_rows(element, path, around)
    elif path:
        yield from json_rows(value[path[0]], path[1:], (value,) + around)
    else:
        yield JSONRow((value,) + around)


def raw_rows(path, settings):
    form = settings.get("format", "tsv")
    if form == "documents":
        for name in sorted(os.listdir(path)):
            yield {"1": text_of(os.path.join(path, name), settings)}
        return
    text = text_of(path, settings)
    records = settings.get("records", "")
    if form in ("tsv", "csv"):
        quoted = settings.get("quoted", "true" if form == "csv" else "false") == "true"
        separator = "\t" if form == "tsv" else ","
        if quoted:
            rows = list(csv.reader(text.replace("\r\n", "\n").splitlines(keepends=True), delimiter=separator))
        else:
            rows = [line.split(separator) for line in lines_of(text)]
        rows = [row for row in rows if row and row != [""]]
        header = rows.pop(0) if settings.get("header", "true") == "true" else []
        for row in rows:
            yield {**{str(i + 1): cell for i, cell in enumerate(row)}, **dict(zip(header, row))}
    elif form == "jsonl":
        for line in lines_of(text):
            if line.strip():
                yield from json_rows(json.loads(line), [key for key in records.split(".") if key])
    elif form == "json":
        yield from json_rows(json.loads(text), [key for key in records.split(".") if key])
    elif form == "xml":
        for element in xml.etree.ElementTree.fromstring(text.encode("utf-8")).iter(records):
            row = {"@" + key: value for key, value in element.attrib.items()}
            yield {**row, **{child.tag: "".join(child.itertext()) for child in element}}
    elif form == "text":
        for line in lines_of(text):
            if line:
                yield {"1": line}
    elif form == "blocks":
        for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", "\n".join(lines_of(text)).strip("\n")):
            yield {str(i + 1): line for i, line in enumerate(block.split("\n"))}


def matched(pattern, text):
    pieces = re.split(r"\{([^}]*)\}", pattern)
    expression = "".join(
        f"(?P<{piece.replace('-', '_')}>.*?)" if i % 2 else re.escape(piece) for i, piece in enumerate(pieces)
    )
    return re.fullmatch(expression, text, re.DOTALL).groupdict()


def rows(definition, split, data):
    """Yields number, fields and whether the row is labelled."""
    specification = definition["splits"][split]
    parts = specification
    if isinstance(parts, dict) and "parts" in parts:
        parts = parts["parts"]
    if not isinstance(parts, list):
        parts = [parts]
    number = 0
    excluded = set()
    if isinstance(specification, dict) and "exclude" in specification:
        by = specification["exclude"]["by"]
        for other in specification["exclude"]["splits"]:
            excluded |= {content(fields, by) for _, fields, _ in rows(definition, other, data)}
    for part in parts:
        part = {"file": part} if isinstance(part, str) else part
        settings = {**definition["source"], **{key: part[key] for key in SOURCE_KEYS if key in part}}
        folder = settings.get("folder", "")
        if "lines" in part:
            columns = {
                name: lines_of(text_of(os.path.join(data, folder, file), settings))
                for name, file in part["lines"].items()
            }
            found = [dict(zip(columns, cells)) for cells in zip(*columns.values())]
            found = [(row, row) for row in found]
        else:
            found = [
                ({name: row[column] for name, column in settings.get("fields", {}).items()}, row)
                for row in raw_rows(os.path.join(data, folder, part["file"]), settings)
            ]
        first, last = (part.get("rows", "-")).split("-")
        found = found[int(first or 1) - 1 : int(last) if last else None]
        for fields, row in found:
            number += 1
            for column, pattern in settings.get("patterns", {}).items():
                fields.update(matched(pattern, row[column]))
            fields.update(settings.get("constants", {}))
            as_list = lambda value: value if isinstance(value, list) else [value]
            if any(fields[key] not in as_list(values) for key, values in settings.get("keep", {}).items()):
                continue
            if any(fields[key] in as_list(values) for key, values in settings.get("drop", {}).items()):
                continue
            label = settings.get("label", "label")
            if "choices" in definition and "labels" in settings and settings.get("unlabelled") != "true":
                fields[label] = settings["labels"][fields[label]]
            if excluded and content(fields, by) in excluded:
                continue
            yield number, fields, settings


def content(fields, by):
    """Letters and digits of some fields, case of ASCII letters ignored."""
    key = b""
    for name in by:
        key += re.sub(rb"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]", b"", fields[name].encode().lower()) + b"\x1f"
    return key


def philox(counter, key):
    """Philox4x32-10 of Salmon et al. 2011; the first two words of its block."""
    a, b, c, d = counter
    x, y = key
    mask = 0xFFFFFFFF
    for _ in range(10):
        left, right = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (right >> 32) ^ b ^ x, right & mask, (left >> 32) ^ d ^ y, left & mask
        x, y = (x + 0x9E3779B9) & mask, (y + 0xBB67AE85) & mask
    return a, b


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def folded(key, value):
    return philox((value & 0xFFFFFFFF, value >> 32, 0, 0x464F4C44), key)


def position(fields, by, label):
    """A number from 0 to 1 that decides in which split a row is held out."""
    key = content(fields, by or sorted(name for name in fields if name != label))
    high, low = folded(folded((0, 0), fnv(b"held-out")), fnv(key))
    return high / 2**32 + low / 2**64


def split_rows(definition, split, data):
    """The rows of a split, held-out shares gone or by themselves."""
    specification = definition["splits"][split]
    origin = specification.get("heldOutOf", split) if isinstance(specification, dict) else split
    shares, start = [], 0.0
    for name, other in definition["splits"].items():
        if isinstance(other, dict) and other.get("heldOutOf") == origin:
            shares.append((name, start, start + float(other["share"]), other.get("by")))
            start += float(other["share"])
    for number, fields, settings in rows(definition, origin, data):
        owner = origin
        for name, low, high, by in shares:
            if low <= position(fields, by, settings.get("label", "label")) < high:
                owner = name
                break
        if owner == split:
            yield number, fields, settings


JOINS_LEFT = set(". , ! ? ; : % ) ] n't 's 're 've 'll 'd 'm N'T 'S".split())
PRONOUNS = set("he him his she her hers it its they them their theirs himself herself itself themselves".split())
STARTS = set(
    """A An Another Every Everyone He Her His It Its Many More My No Our She Some That The Their There These They This
    Those We You Your""".split()
)


def join_punctuation(text):
    result, join = "", True
    for piece in text.split(" "):
        word = '"' if piece in ("``", "''") else piece
        if not join and word not in JOINS_LEFT and piece != "''":
            result += " "
        result += word
        join = word in ("(", "[", "$") or piece == "``"
    return result


def lowercase_start(text):
    word = re.match(r"[^\W\d_]*", text)[0]
    return word.lower() + text[len(word) :] if word in STARTS else text


def round_to_fifth(text):
    return f"{round(float(text) * 5) / 5:.1f}"


def bare(word):
    return re.sub(r"^[\W_]+|[\W_]+$", "", word)


def find_referent(fields, premise, hypothesis, marked, referent):
    words = [(match[0], match.start()) for match in re.finditer(r"\S+", fields[premise])]
    left = [bare(word).lower() for word, _ in words]
    right = [bare(word).lower() for word in fields[hypothesis].split()]
    best = None
    for i, word in enumerate(left):
        if word not in PRONOUNS:
            continue
        after = next(n for n in range(len(right) - 1, -1, -1) if right[len(right) - n :] == left[i + 1 : i + 1 + n])
        limit = len(right) - 1 - after
        before = next(n for n in range(min(limit, i), -1, -1) if right[:n] == left[i - n : i])
        if best is None or before + after > best[0]:
            best = (before + after, i, before, len(right) - after)
    _, i, start, end = best
    word, place = words[i]
    place += re.match(r"[\W_]*", word).end()
    pronoun = bare(word)
    text = fields[premise]
    fields[marked] = f"{text[:place]}*{pronoun}*{text[place + len(pronoun):]}"
    fields[referent] = " ".join(fields[hypothesis].split()[start:end]).rstrip('.,;:!?"”')


def find_words(fields, text, into, words=(), fields_of_words=()):
    wanted = list(dict.fromkeys([*words, *(fields[name] for name in fields_of_words)]))
    found = []
    for word in wanted:
        place = re.search(r"(?<![^\W_])" + re.escape(word.lower()) + r"(?![^\W_])", fields[text].lower())
        if place:
            found.append((place.start(), -place.end(), word))
    names, end = list(into), 0
    for start, minus_end, word in sorted(found):
        if start >= end and names:
            fields[names.pop(0)] = word
            end = -minus_end


def mark_word(fields, text, into, index=None, word=None, offset=None):
    whole = fields[text]
    if offset is not None:
        start, end = int(fields[offset]), int(fields[offset]) + len(fields[word])
        assert whole[start:end] == fields[word]
        fields[into] = f"{whole[:start]}*{fields[word]}*{whole[end:]}"
        return
    if index is not None:
        found = list(re.finditer(r"\S+", whole))[int(fields[index])]
    else:
        found = re.search(r"(?<![^\W_])" + re.escape(fields[word]) + r"(?![^\W_])", whole)
    fields[into] = f"{whole[:found.start()]}*{found[0]}*{whole[found.end():]}"


def cut_spans(fields, text, starts, ends, into):
    pieces = []
    for start, end in zip(fields[starts].split(), fields[ends].split()):
        piece = fields[text][int(start) : int(end) + 1]
        if piece not in pieces:
            pieces.append(piece)
    fields[into] = ", ".join(pieces)


FIELDWISE = {
    "collapse-spaces": lambda text: " ".join(text.split()),
    "join-punctuation": join_punctuation,
    "lowercase": str.lower,
    "lowercase-first": lambda text: text[:1].lower() + text[1:],
    "lowercase-start": lowercase_start,
    "trim": str.strip,
}


def preprocess(steps, fields, label):
    for step in steps:
        name, options = (step, {}) if isinstance(step, str) else next(iter(step.items()))
        names = options.get("fields", [key for key in fields if key != label])
        if name in FIELDWISE:
            for key in names:
                fields[key] = FIELDWISE[name](fields[key])
        elif name == "replace":
            replacement = re.sub(r"\$(\d)", r"\\\1", options.get("with", ""))
            for key in names:
                fields[key] = re.sub(options["pattern"], replacement, fields[key])
        elif name == "round-to-fifth":
            fields[options["into"]] = round_to_fifth(fields[options["from"]])
        elif name == "map-values":
            fields[options.get("into", options["from"])] = options["values"][fields[options["from"]]]
        elif name == "fill":
            fields[options["into"]] = rendered(options["with"], fields)
        elif name == "find-words":
            named = {key: value for key, value in options.items() if key != "fields"}
            find_words(fields, **named, fields_of_words=options.get("fields", ()))
        elif name == "mark-word":
            mark_word(fields, **options)
        elif name == "cut-spans":
            cut_spans(fields, **options)
        elif name == "find-referent":
            find_referent(fields, **options)
        else:
            raise ValueError(name)


def rendered(template, fields):
    return re.sub(r"\{([^}]*)\}", lambda match: fields[match[1]], template)


def prompt(definition, task, fields, settings):
    """Inputs, targets and the candidates' targets of a row."""
    label = settings.get("label", "label")
    if "suite" in definition:
        preprocess(definition.get("preprocess", []), fields, label)
    preprocess(task.get("preprocess", []), fields, label)
    if "suite" in definition:
        return rendered(task["inputs"], fields), fields[label], None
    choices = task.get("choices", [])
    if any("{" in choice for choice in choices) or choices and f"{{{label}}}" in task["inputs"]:
        texts = [(choice, rendered(choice, fields)) for choice in choices]
        texts = [(choice, text) for choice, text in texts if text]
        right = next(
            i for i, (choice, text) in enumerate(texts) if fields[label] == (choice if "labels" in settings else text)
        )
        made = [
            [rendered(task[key], {**fields, label: text}) for key in ("inputs", "targets")] for _, text in texts
        ]
        return made[right][0], made[right][1], [targets for _, targets in made]
    return rendered(task["inputs"], fields), rendered(task["targets"], fields), None


def digest(inputs, targets):
    return hashlib.sha256(f"{inputs}\n{targets}".encode()).hexdigest()


def main():
    data = sys.argv[1]
    everything = definitions()
    for name, definition in everything.items():
        task = everything[definition["through"]] if "suite" in definition else definition
        for split in definition["splits"]:
            try:
                found = list(split_rows(definition, split, data))
            except FileNotFoundError:
                print(f"{name}\t{split}\tabsent")
                continue
            number, fields, settings = found[0]
            inputs, targets, candidates = prompt(definition, task, fields, settings)
            for _, other, settings in found[1:]:
                prompt(definition, task, other, settings)
            print(f"{name}\t{split}\t{len(found)}\t{number}\t{digest(inputs, targets)}")
            if "--digests" not in sys.argv:
                print(f"    {inputs!r}\n    {targets!r} {candidates or ''}")


if __name__ == "__main__":
    main()

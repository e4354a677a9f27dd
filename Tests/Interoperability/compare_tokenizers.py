"""The comparison of tokenizers.sh, which says what it does."""

import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TRAINING = pathlib.Path(__file__).parents[1] / "Fixtures/tokenizer/training.txt"
CORPORA = [
    "multi30k/val.en.gz", "multi30k/val.de.gz", "multi30k/val.fr.gz", "multi30k/val.cs.gz", "iwslt15-en-vi/tst2012.vi.gz",
    "iwslt15-en-vi/tst2013.en.gz", "tatoeba-deu-eng/deu.txt.gz"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
# As published tokenizers have them, and some that the two engines could see differently.
EXPRESSIONS = {
    "gpt4": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]"
    r"|\s+(?!\S)|\s+",
    "o200k": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "bloom": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "clip": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "deepseek": r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "han": r"[一-龥぀-ゟ゠-ヿ]+", "line end": r"\s+$", "start": r"^\w", "words": r"\w+", "edge": r"\b", "not": r"[^\w\s]",
    "thousands": r"\d{1,3}(?=(?:\d{3})*\b)", "script": r"[\p{Han}\p{Hiragana}]+|\p{Latin}+", "any": r"[\s\S]",
    "lazy": r"\w+?e", "atomic": r"(?>[a-e]+)\w", "behind": r"(?<=[aeiou])[^aeiou]", "both": r"[\w&&[^\d_]]+",
    "empty": r"x*", "space": r"[[:space:]]+|\p{P}", "end": r"(?<!\s)\z|\Ae?", "two": r"(?:[a-z]{2}){2}+", "dot": r".{3}",
}


def data_lines(rng, count):
    lines = TRAINING.read_text(encoding="utf-8").split("\n")
    folder = os.environ.get("GRAFT_DATA")
    for name in CORPORA if folder else []:
        path = pathlib.Path(folder, name)
        if path.exists():
            lines += gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")[:4000]
    return [rng.choice(lines) for _ in range(count)]


BLOCKS = [
    (0x20, 0x7F), (0x20, 0x7F), (0x0, 0x20), (0x80, 0x250), (0x2B0, 0x370), (0x370, 0x590), (0x590, 0x700),
    (0x900, 0xE00), (0xE00, 0x1000), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2190), (0x2460, 0x2500),
    (0x2580, 0x2590), (0x3000, 0x3100), (0x4E00, 0x9F00), (0xAC00, 0xD7A4), (0xF900, 0xFB50), (0xFE00, 0x10000),
    (0x10000, 0x11000), (0x1D400, 0x1D800), (0x1F1E6, 0x1F200), (0x1F300, 0x1F700), (0x20000, 0x20100), (0xE0000, 0xE0100),
    (0x10FF00, 0x110000)]


def random_line(rng, is_old):
    """Characters of a few places; `is_old` leaves out what newer versions of Unicode normalize otherwise."""
    kind = rng.random()
    if kind < 0.02:
        return ""
    if kind < 0.04:
        return rng.choice(["ab", "é", "x1", "  ", "—", "'s"]) * rng.randint(50, 700)
    blocks = [rng.choice(BLOCKS) for _ in range(3)] + [(0x20, 0x21), (0x300, 0x340), (0x61, 0x67), (0x30, 0x3A)]
    points = [rng.randrange(*rng.choice(blocks)) for _ in range(rng.randint(1, 40))]
    if not is_old and rng.random() < 0.2:
        points += [rng.randrange(0x110000) for _ in range(8)]
    text = "".join(chr(point) for point in points if point != 10 and not 0xD800 <= point < 0xE000)
    text += rng.choice(["", "", "👨‍👩‍👧", "e\u0301", "\r", "  ", "'S", "…", "\u200d", "1234567", "don't", "İ"])
    return "".join(c for c in text if unicodedata.ucd_3_2_0.category(c) != "Cn") if is_old else text


# Stages: what is printed, and the stage itself.


def normalizer(rng):
    choices = [
        ("NFC", normalizers.NFC), ("NFD", normalizers.NFD), ("NFKC", normalizers.NFKC), ("NFKD", normalizers.NFKD),
        ("Lowercase", normalizers.Lowercase), ("StripAccents", normalizers.StripAccents), ("Strip", normalizers.Strip),
        ("Bert", normalizers.BertNormalizer), ("Nmt", normalizers.Nmt),
        ("Replace(s)", lambda: normalizers.Replace(Regex(r"\s+"), " ")),
        ("Replace(e)", lambda: normalizers.Replace(Regex(r"[éèê]|(?<=a)e"), "e")),
        ("Replace(a)", lambda: normalizers.Replace("a", "")), ("Prepend", lambda: normalizers.Prepend("_"))]
    chosen = [rng.choice(choices) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]
    names = [name for name, _ in chosen]
    # Case and order of marks are of one Unicode only where one side normalizes at all.
    is_old = any(name.startswith("NF") or name == "Bert" for name in names)
    stages = [make() for _, make in chosen]
    return "+".join(names), stages, is_old


def cutter(rng, first):
    kind = rng.choice([
        "Digits", "Punctuation", "Whitespace", "WhitespaceSplit", "Split", "Split", "Split", "Bert", "ByteLevel",
        "Metaspace", "UnicodeScripts", "FixedLength", "Delimiter", "SplitText"])
    if kind == "Digits":
        flag = rng.random() < 0.5
        return f"Digits({flag:d})", pre_tokenizers.Digits(flag)
    if kind == "Punctuation":
        behavior = rng.choice(BEHAVIORS)
        return f"Punctuation({behavior})", pre_tokenizers.Punctuation(behavior)
    if kind == "Split":
        (name, expression), behavior = rng.choice(list(EXPRESSIONS.items())), rng.choice(BEHAVIORS)
        invert = rng.random() < 0.3
        return f"Split({name},{behavior}{',inverted' if invert else ''})", pre_tokenizers.Split(
            Regex(expression), behavior, invert)
    if kind == "SplitText":
        text, behavior = rng.choice(["e", " ", "th", "ss"]), rng.choice(BEHAVIORS)
        return f"Split('{text}',{behavior})", pre_tokenizers.Split(text, behavior, rng.random() < 0.3)
    if kind == "ByteLevel":
        prefix, cuts = rng.random() < 0.4, rng.random() < 0.6
        return f"ByteLevel({prefix:d}{cuts:d})", pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=cuts)
    if kind == "Metaspace":
        scheme, split = rng.choice(["always", "never"] + ["first"] * first), rng.random() < 0.7
        return f"Metaspace({scheme})", pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    if kind == "FixedLength":
        return "FixedLength(4)", pre_tokenizers.FixedLength(4)
    if kind == "Delimiter":
        return "Delimiter(t)", pre_tokenizers.CharDelimiterSplit("t")
    simple = {"Whitespace": pre_tokenizers.Whitespace, "WhitespaceSplit": pre_tokenizers.WhitespaceSplit,
              "Bert": pre_tokenizers.BertPreTokenizer, "UnicodeScripts": pre_tokenizers.UnicodeScripts}
    return kind, simple[kind]()


def model(rng):
    """A model without words and what trains it."""
    special = ["<unk>", "</s>", "<pad>"]
    kind = rng.choice(["bytes", "bytes", "bytes", "characters", "characters", "suffix", "WordPiece", "Unigram", "WordLevel"])
    options = {"special_tokens": special, "show_progress": False}
    if kind == "bytes":
        return kind, models.BPE(ignore_merges=rng.random() < 0.3), trainers.BpeTrainer(
            vocab_size=600, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **options)
    if kind == "characters":
        unknown = rng.choice(["<unk>", "<unk>", None])
        bpe = models.BPE(unk_token=unknown, fuse_unk=rng.random() < 0.5)
        return kind, bpe, trainers.BpeTrainer(vocab_size=500, limit_alphabet=rng.choice([40, 400]), **options)
    if kind == "suffix":
        affixes = {"end_of_word_suffix": "</w>"} | rng.choice([{}, {"continuing_subword_prefix": "##"}])
        return "+".join(affixes.values()), models.BPE(unk_token="<unk>", **affixes), trainers.BpeTrainer(
            vocab_size=500, **affixes, **options)
    if kind == "WordPiece":
        return kind, models.WordPiece(unk_token="<unk>"), trainers.WordPieceTrainer(vocab_size=600, **options)
    if kind == "Unigram":
        return kind, models.Unigram(), trainers.UnigramTrainer(vocab_size=400, unk_token="<unk>", **options)
    return kind, models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=500, **options)


def decoder(rng, kind, has_bytes):
    if has_bytes:
        return "ByteLevel", decoders.ByteLevel()
    if "</w>" in kind:
        return "BPE", decoders.BPEDecoder("</w>")
    if kind == "WordPiece":
        return "WordPiece", decoders.WordPiece(cleanup=rng.random() < 0.5)
    choices = [
        ("none", None), ("Fuse", decoders.Fuse()), ("Metaspace", decoders.Metaspace()),
        ("Llama", decoders.Sequence([
            decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])),
        ("Strips", decoders.Sequence([decoders.Replace(Regex("[eé]"), "E"), decoders.Strip("E", 0, 1)]))]
    return rng.choice(choices)


def added_tokens(rng):
    if rng.random() < 0.5:
        return []
    names = ["ing", "  ", "   ", "the", "E", "\t", "…", "1", "é", "an a", "Å", "👨"]
    return [AddedToken(
        name, single_word=rng.random() < 0.2, lstrip=rng.random() < 0.2, rstrip=rng.random() < 0.2,
        normalized=rng.random() < 0.5, special=False) for name in rng.sample(names, rng.randint(1, 4))]


def combination(rng, training):
    """A random tokenizer; nil if the library itself cannot train it."""
    kind, base, trainer = model(rng)
    tokenizer = Tokenizer(base)
    normalizing, stages, is_old = normalizer(rng)
    if stages:
        tokenizer.normalizer = normalizers.Sequence(stages) if len(stages) > 1 else stages[0]
    cutters = [cutter(rng, first=index == 0 and not stages) for index in range(rng.choice([0, 1, 1, 2, 2, 3]))]
    if kind == "bytes" and rng.random() < 0.8:
        flag = rng.random() < 0.7
        cutters.append((f"ByteLevel(0{flag:d})", pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=flag)))
    if cutters:
        steps = [stage for _, stage in cutters]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps) if len(steps) > 1 else steps[0]
    tokenizer.train_from_iterator(training, trainer)
    decoding, tokenizer.decoder = decoder(rng, kind, any(name.startswith("ByteLevel") for name, _ in cutters))
    added = added_tokens(rng)
    tokenizer.add_tokens(added)
    name = " | ".join([
        kind, normalizing or "-", "+".join(name for name, _ in cutters) or "-", decoding,
        " ".join(repr(token.content) for token in added) or "-"])
    # The names of special tokens are text, as they are to Graft.
    tokenizer.encode_special_tokens = True
    return name, tokenizer, is_old


def run(graft, *arguments, lines):
    result = subprocess.run([graft, "tokenizer", *arguments], input=("\n".join(lines) + "\n").encode(), capture_output=True)
    if result.returncode:
        return None, result.stderr.decode().strip().split("\n")[0]
    return result.stdout.decode("utf-8", "replace").split("\n")[:-1], None


def main(graft, combinations=100, count=1000, seed=1):
    rng = random.Random(int(seed))
    training = [line for line in data_lines(rng, 1500) if line.strip()]
    total = [0, 0, 0]
    print("model | normalizer | pre-tokenizer | decoder | added tokens\tlines\tids differ\ttexts differ")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/tokenizer.json"
        for number in range(int(combinations)):
            rng = random.Random(f"{seed}/{number}")
            try:
                name, tokenizer, is_old = combination(rng, training)
                tokenizer.save(path)
            except Exception as error:  # The library trains no unigram model on some cuts.
                print(f"(not trained: {error})")
                continue
            lines = data_lines(rng, int(count) // 2)
            lines += [random_line(rng, is_old) for _ in range(int(count) - len(lines))]
            lines = [line.replace("\n", " ") for line in lines]
            try:
                expected = [tokenizer.encode(line, add_special_tokens=False).ids for line in lines]
            except BaseException as error:
                print(f"{name}\t(the library fails: {error})")
                continue
            found, error = run(graft, "encode", "--tokenizer", path, lines=lines)
            if error:
                print(f"{name}\trefused: {error}")
                total[1] += 1
                continue
            expected = [" ".join(map(str, ids)) for ids in expected]
            wrong = [index for index in range(len(lines)) if index >= len(found) or found[index] != expected[index]]
            some = [row for row in expected if row]
            texts, error = run(graft, "decode", "--tokenizer", path, "--skip-special", lines=some)
            decoded = [tokenizer.decode([int(word) for word in row.split()]) for row in some]
            others = [index for index in range(len(some)) if error or texts[index:index + 1] != [decoded[index]]]
            total = [total[0] + len(lines), total[1] + len(wrong), total[2] + len(others)]
            print(f"{name}\t{len(lines)}\t{len(wrong)}\t{len(others)}", flush=True)
            if os.environ.get("KEEP") and (wrong or others):
                kept = pathlib.Path(os.environ["KEEP"])
                tokenizer.save(str(kept / f"{number}.json"))
                cases = [[lines[index], expected[index], found[index]] for index in wrong[:5]]
                cases += [[some[index], decoded[index], (texts or [error])[index:index + 1]] for index in others[:5]]
                (kept / f"{number}.cases.json").write_text(json.dumps(cases, ensure_ascii=False, indent=1))
    print(f"all\t{total[0]}\t{total[1]}\t{total[2]}")
    return 1 if total[1] or total[2] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Writes the character tables of Sources/Tokenization/Characters, as Hugging Face tokenizers sees characters:

- CharacterRanges.swift: letters, numbers and white space of the byte-level pre-tokeniser;
- BertCharacterRanges.swift: what BERT's normaliser and pre-tokeniser remove, cut off and lower;
- CharacterRuns.swift: categories and scripts, for regular expressions and the pre-tokenisers by character.

Requires: python3 with `tokenizers` (0.23, whose tables of letters are of Unicode 16).

    python3 make_character_classes.py
"""

import pathlib

from tokenizers import Regex, normalizers, pre_tokenizers

FOLDER = pathlib.Path(__file__).parents[3] / "Sources/Tokenization/Characters"
CHARACTERS = [chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF]


def ranges(characters):
    result = []
    for point in map(ord, characters):
        if result and sum(result[-1]) == point:
            result[-1][1] += 1
        else:
            result.append([point, 1])
    return result


def lowercase_runs(lower):
    """Runs of (first, count, step, delta): `count` characters, `step` apart, that become `delta` more."""
    result = []
    for character in CHARACTERS:
        small = lower(character)
        if small == character or len(small) != 1:
            continue
        point, delta = ord(character), ord(small) - ord(character)
        if result and result[-1][3] == delta:
            first, count, step, _ = result[-1]
            distance = point - (first + (count - 1) * step)
            if distance <= 2 and (count == 1 or distance == step):
                result[-1][1:3] = [count + 1, distance]
                continue
        result.append([point, 1, 1, delta])
    return result


def array(name, what, numbers):
    lines = [f"  /// {what}", f"  static let {name}: [{'Int32' if name == 'lowercase' else 'UInt32'}] = ["]
    line = "   "
    for group in numbers:
        item = f" 0x{group[0]:X}," + "".join(f" {number}," for number in group[1:])
        if len(line) + len(item) > 108:
            lines.append(line)
            line = "   "
        line += item
    return lines + [line, "  ]", ""]


def write(name, comment, arrays):
    lines = ["// Made by Tests/Fixtures/tokenizer/make_character_classes.py; do not edit.", ""]
    lines += [f"/// {line}" for line in comment] + [f"enum {name} {{"]
    for entry in arrays:
        lines += array(*entry)
    lines[-1] = "}"
    (FOLDER / f"{name}.swift").write_text("\n".join(lines) + "\n", encoding="utf-8")


def byte_level():
    # `xC` stays one word if C is a letter, `0C` if it is a number; `!C` stays one if C is neither, nor white
    # space.
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    classes = {"letters": [], "numbers": [], "spaces": []}
    for character in CHARACTERS:
        if len(splitter.pre_tokenize_str("x" + character)) == 1:
            classes["letters"].append(character)
        elif len(splitter.pre_tokenize_str("0" + character)) == 1:
            classes["numbers"].append(character)
        elif len(splitter.pre_tokenize_str("!" + character)) != 1:
            classes["spaces"].append(character)
    write(
        "CharacterRanges",
        [
            "Characters by kind, as pairs of a first code point and how many follow each other from there. A",
            "table of our own, so that text is cut alike whatever Unicode the system's libraries know.",
        ],
        [
            ("letters", "General category L*, Unicode 16.", ranges(classes["letters"])),
            ("numbers", "General category N*, Unicode 16.", ranges(classes["numbers"])),
            ("spaces", "The property White_Space.", ranges(classes["spaces"])),
        ],
    )


def bert():
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    cleaner = normalizers.BertNormalizer(**(off | {"clean_text": True}))
    stripper = normalizers.BertNormalizer(**(off | {"strip_accents": True}))
    splitter = pre_tokenizers.BertPreTokenizer()
    marks = normalizers.StripAccents()
    write(
        "BertCharacterRanges",
        [
            "What BERT's normaliser and pre-tokeniser ask of characters, as pairs of a first code point and how many",
            "follow each other from there. A table of our own: the categories that Hugging Face tokenizers goes by",
            "are of an old Unicode, which no library on the machine has.",
        ],
        [
            (
                "controls", "What `clean_text` removes: Cc, Cf, Co, U+0000, U+FFFD.",
                ranges(c for c in CHARACTERS if cleaner.normalize_str(c) == ""),
            ),
            (
                "punctuation", "What stands alone: P* and the ASCII symbols.",
                ranges(c for c in CHARACTERS if len(splitter.pre_tokenize_str(f"a{c}b")) == 3),
            ),
            (
                "nonspacingMarks", "What `strip_accents` removes after decomposition: Mn.",
                ranges(c for c in CHARACTERS if stripper.normalize_str(c) == ""),
            ),
            (
                "marks", "What the normaliser StripAccents removes: M*.",
                ranges(c for c in CHARACTERS if marks.normalize_str(c) == ""),
            ),
            (
                "lowercase",
                "Runs of (first, count, step, delta): `count` capitals, `step` apart, whose small form is `delta` more.",
                lowercase_runs(normalizers.Lowercase().normalize_str),
            ),
        ],
    )


CATEGORIES = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co"]
SCRIPTS = {
    "Arabic": "Ar", "Armenian": "Am", "Bengali": "Be", "Cyrillic": "Cy", "Devanagari": "De", "Ethiopic": "Et",
    "Georgian": "Ge", "Greek": "Gr", "Gujarati": "Gu", "Gurmukhi": "Gm", "Han": "Ha", "Hangul": "Hn", "Hebrew": "He",
    "Hiragana": "Hi", "Kannada": "Kn", "Katakana": "Ka", "Khmer": "Kh", "Lao": "La", "Latin": "Lt",
    "Malayalam": "Ml", "Mongolian": "Mo", "Myanmar": "My", "Oriya": "Or", "Sinhala": "Si", "Tamil": "Ta",
    "Telugu": "Te", "Thai": "Th", "Tibetan": "Ti"}


def members(expression):
    """The characters that a regular expression matches."""
    kept = set(normalizers.Replace(Regex(expression), "").normalize_str("".join(CHARACTERS)))
    return {character for character in CHARACTERS if character not in kept}


def runs(codes, names):
    """What stands in the file: for each run of characters of one kind its code and its length."""
    result = []
    for point in range(0x110000):
        code = codes.get(chr(point), "--") if not 0xD800 <= point <= 0xDFFF else "--"
        if result and result[-1][0] == code:
            result[-1][1] += 1
        else:
            result.append([code, 1])
    if result[-1][0] == "--":
        result.pop()
    lines, line = [], ""
    for code, length in result:
        item = code + (str(length) if length > 1 else "")
        if len(line) + len(item) > 104:
            lines.append(line)
            line = ""
        line += item
    return [names[0], names[1], lines + [line]]


def unigram_scripts():
    """The pre-tokeniser UnicodeScripts never cuts before or after a character without a code."""
    splitter = pre_tokenizers.UnicodeScripts()

    def cuts(left, right):
        return len(splitter.pre_tokenize_str(left + right)) == 2

    kinds, codes, last = [], {}, None
    for character in CHARACTERS:
        if not cuts("a", character) and not cuts("\u044f", character):
            continue
        if last is None or cuts(kinds[last], character):
            last = next((number for number, kind in enumerate(kinds) if not cuts(kind, character)), None)
            if last is None:
                last = len(kinds)
                kinds.append(character)
        codes[character] = chr(ord("a") + last // 26) + chr(ord("a") + last % 26)
    return codes


def character_runs():
    categories = {c: name for name in CATEGORIES for c in members(r"\p{" + name + "}")}
    scripts = {c: code for name, code in SCRIPTS.items() for c in members(r"\p{" + name + "}")}
    words = members(r"\w")
    plain = {c for c, name in categories.items() if name[0] in "LM" or name in ("Nd", "Nl", "Pc")}
    assert plain <= words
    whitespace = pre_tokenizers.Whitespace()
    rust_words = {c for c in CHARACTERS if whitespace.pre_tokenize_str("a" + c)[0][0] == "a" + c}
    digits = pre_tokenizers.Digits(True)
    digits = {c for c in CHARACTERS if len(digits.pre_tokenize_str("a" + c)) == 2}
    numbers = {c for c, name in categories.items() if name[0] == "N"}
    assert numbers <= digits

    def array(name, what, characters):
        items = [f"0x{first:X}, {count}" for first, count in ranges(sorted(characters))]
        return [f"  /// {what}", f"  static let {name}: [UInt32] = [{', '.join(items)}]", ""]

    lines = ["// Made by Tests/Fixtures/tokenizer/make_character_classes.py; do not edit.", ""]
    lines += [
        "/// Kinds of characters: a code of two letters for each run of characters of one kind and its length if it is",
        "/// not 1, from U+0000 on; characters without a kind are `--`. Pairs of numbers are a first code point and how",
        "/// many follow each other from there.", "enum CharacterRuns {"]
    for name, what, text in [
        runs(categories, ["categories", "General categories of Unicode 16; those without one are unassigned."]),
        runs(scripts, ["scripts", "Scripts of Unicode 16, as `scriptCodes` has them."]),
        runs(unigram_scripts(), [
            "scriptKinds", "Scripts as the pre-tokeniser UnicodeScripts sees them; it never cuts at those without."]),
    ]:
        lines += [f"  /// {what}", f'  static let {name} = """']
        lines += [f"    {line}\\" for line in text[:-1]] + [f"    {text[-1]}", '    """', ""]
    lines += ["  /// The scripts that regular expressions may name.", "  static let scriptCodes: [String: String] = ["]
    items = [f'"{name.lower()}": "{code}",' for name, code in SCRIPTS.items()]
    lines += ["    " + " ".join(items[at:at + 6]) for at in range(0, len(items), 6)] + ["  ]", ""]
    lines += array(
        "moreWords", "What `\\w` of regular expressions is besides L, M, Nd, Nl and Pc.", words - plain)
    lines += array(
        "wordsElsewhere", "What is a word to single_word and the pre-tokeniser Whitespace, and not to `\\w`.",
        rust_words - words)
    lines += array(
        "noWordsElsewhere", "What is no word to these, but to `\\w`.", words - rust_words)
    lines += array("moreDigits", "What the pre-tokeniser Digits takes for one, besides N.", digits - numbers)
    lines[-1] = "}"
    (FOLDER / "CharacterRuns.swift").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    byte_level()
    bert()
    character_runs()

"""Writes the character tables of Sources/Tokenization/Characters, as Hugging Face tokenizers sees characters:

- CharacterRanges.swift: letters, numbers and white space of the byte-level pre-tokeniser;
- BertCharacterRanges.swift: what BERT's normaliser and pre-tokeniser remove, cut off and lower.

Requires: python3 with `tokenizers` (0.23, whose tables of letters are of Unicode 16).

    python3 make_character_classes.py
"""

import pathlib

from tokenizers import normalizers, pre_tokenizers

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


if __name__ == "__main__":
    byte_level()
    bert()

"""Writes Sources/Tokenization/CharacterRanges.swift: letters, numbers and white space as the byte-level
pre-tokeniser of Hugging Face tokenizers sees them.

Requires: python3 with `tokenizers` (0.23, whose tables are of Unicode 16).

    python3 make_character_classes.py
"""

import pathlib

from tokenizers import pre_tokenizers

TARGET = pathlib.Path(__file__).parents[3] / "Sources/Tokenization/CharacterRanges.swift"


def ranges(points):
    result = []
    for point in points:
        if result and sum(result[-1]) == point:
            result[-1][1] += 1
        else:
            result.append([point, 1])
    return result


def main():
    # `xC` stays one word if C is a letter, `0C` if it is a number; `!C` stays one if C is neither, nor white
    # space.
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    classes = {"letters": [], "numbers": [], "spaces": []}
    for point in range(0x110000):
        if 0xD800 <= point <= 0xDFFF:
            continue
        character = chr(point)
        if len(splitter.pre_tokenize_str("x" + character)) == 1:
            classes["letters"].append(point)
        elif len(splitter.pre_tokenize_str("0" + character)) == 1:
            classes["numbers"].append(point)
        elif len(splitter.pre_tokenize_str("!" + character)) != 1:
            classes["spaces"].append(point)

    lines = [
        "// Made by Tests/Fixtures/tokenizer/make_character_classes.py; do not edit.",
        "",
        "/// Characters by kind, as pairs of a first code point and how many follow each other from there. A",
        "/// table of our own, so that text is cut alike whatever Unicode the system's libraries know.",
        "enum CharacterRanges {",
    ]
    for name, what in [
        ("letters", "General category L*, Unicode 16."),
        ("numbers", "General category N*, Unicode 16."),
        ("spaces", "The property White_Space."),
    ]:
        lines += [f"  /// {what}", f"  static let {name}: [UInt32] = ["]
        line = "   "
        for first, count in ranges(classes[name]):
            item = f" 0x{first:X}, {count},"
            if len(line) + len(item) > 108:
                lines.append(line)
                line = "   "
            line += item
        lines += [line, "  ]", ""]
    lines[-1] = "}"
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Writes a tiny database in the format of wndb(5WN), beside this script. The words and relations are made up for tests.

python3 make.py
"""

import os

HEADER = "  1 A tiny database for tests, in the format of wndb(5WN).  \n"
# name: (part, lexicographer file, words, pointers, gloss); a pointer is (symbol, name, source word, target word).
SYNSETS = {
    "animal": ("n", 5, ["animal", "beast"], [("~", "canine"), ("~", "feline"), ("~", "horse")], "a living thing"),
    "canine": ("n", 5, ["canine"], [("@", "animal"), ("~", "dog"), ("~", "wolf")], "a dog or the like"),
    "dog": ("n", 5, ["dog", "domestic_dog"], [("@", "canine"), ("~", "poodle")], "it barks"),
    "wolf": ("n", 5, ["wolf"], [("@", "canine")], "it howls"),
    "poodle": ("n", 5, ["poodle"], [("@", "dog")], "it is curly"),
    "feline": ("n", 5, ["feline"], [("@", "animal"), ("~", "cat")], "a cat or the like"),
    "cat": ("n", 5, ["cat"], [("@", "feline")], "it purrs"),
    "horse": ("n", 5, ["horse"], [("@", "animal")], "it neighs"),
    "man": ("n", 18, ["man"], [("!", "woman", 1, 1)], "an adult male"),
    "woman": ("n", 18, ["woman"], [("!", "man", 1, 1)], "an adult female"),
    "sofa": ("n", 6, ["sofa", "couch"], [], "one sits on it"),
    "play-noun": ("n", 10, ["play"], [], "a drama"),
    "play": ("v", 33, ["play"], [], "do as children do"),
    "big": ("a", 0, ["large", "big"], [("!", "small", 2, 2), ("!", "small", 1, 1)], "of great size"),
    "small": ("a", 0, ["small", "little"], [("!", "big", 1, 1), ("!", "big", 2, 2)], "of no great size"),
    "quickly": ("r", 2, ["quickly"], [], "with speed"),
}
FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
# How often a sense was tagged.
COUNTS = {"dog": 42, "animal": 60, "cat": 18, "play": 30, "play-noun": 5, "man": 90, "woman": 80, "big": 50, "small": 40}


def line(name, offset_of):
    part, file, words, pointers, gloss = SYNSETS[name]
    cells = [f"{offset_of[name]:08d}", f"{file:02d}", part, f"{len(words):02x}"]
    for word in words:
        cells += [word, "0"]
    cells.append(f"{len(pointers):03d}")
    for symbol, target, *places in pointers:
        source, to = places or (0, 0)
        cells += [symbol, f"{offset_of[target]:08d}", SYNSETS[target][0], f"{source:02x}{to:02x}"]
    if part == "v":
        cells += ["01", "+", "02", "00"]
    return " ".join(cells) + f" | {gloss}  \n"


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    zero = {name: 0 for name in SYNSETS}
    offsets = {}
    for part in FILES:
        position = len(HEADER)
        for name in SYNSETS:
            if SYNSETS[name][0] == part:
                offsets[name] = position
                position += len(line(name, zero))
    for part, suffix in FILES.items():
        names = [name for name in SYNSETS if SYNSETS[name][0] == part]
        with open(f"{folder}/data.{suffix}", "w") as file:
            file.write(HEADER + "".join(line(name, offsets) for name in names))
        index = {}
        for name in names:
            for word in SYNSETS[name][2]:
                index.setdefault(word, []).append(name)
        with open(f"{folder}/index.{suffix}", "w") as file:
            file.write(HEADER)
            for word in sorted(index):
                symbols = sorted({p[0] for name in index[word] for p in SYNSETS[name][3]})
                cells = [word, part, str(len(index[word])), str(len(symbols)), *symbols, str(len(index[word])), "1"]
                cells += [f"{offsets[name]:08d}" for name in index[word]]
                file.write(" ".join(cells) + "  \n")
    for suffix, lines in {"noun": ["men man", "women woman", "wolves wolf"], "verb": [], "adj": [], "adv": []}.items():
        with open(f"{folder}/{suffix}.exc", "w") as file:
            file.write("".join(sorted(entry + "\n" for entry in lines)))
    types = {"n": 1, "v": 2, "a": 3, "r": 4}
    with open(f"{folder}/cntlist.rev", "w") as file:
        file.write("".join(sorted(
            f"{word}%{types[SYNSETS[name][0]]}:{SYNSETS[name][1]:02d}:00:: 1 {count}\n"
            for name, count in COUNTS.items() for word in SYNSETS[name][2])))


main()

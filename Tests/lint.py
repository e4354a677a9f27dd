#!/usr/bin/env python3
"""What `swift format lint` does not look at: long lines of comment, and public declarations without a doc comment.

    python3 Tests/lint.py           # part of `make lint`
    python3 Tests/lint.py --list    # names every public declaration without a doc comment

Counted are the declarations of Sources that another module can see: those that say `public` or `open`, the requirements
of public protocols, the cases of public enums (`case a, b` is one) and what stands in a public extension. Extensions
themselves are not counted.

Documented is a declaration with a `///` on the line above it and its attributes, and one that carries out a documented
requirement of a protocol of this repository, as it inherits that comment. That is a matter of names: the type, or one
of its extensions, names the protocol, or one that refines it, and the requirement has the same base name.

Scopes are told by indentation: the sources must have been formatted. Exits with 1 if a comment has over 120 columns or
fewer than 90 % of the declarations are documented. Needs Python 3.8, nothing else.
"""

import re
import sys
from collections import Counter, defaultdict, namedtuple
from pathlib import Path

COLUMNS, SHARE = 120, 0.9

MODIFIER = (
    r"public|open|package|internal|fileprivate|private|static|final|override|indirect|lazy|weak|mutating|nonmutating"
    r"|nonisolated|convenience|required|prefix|postfix|isolated|unowned|class(?=\s+(?:func|var)\b)"
)
KIND = r"let|var|func|init|subscript|struct|class|actor|enum|protocol|extension|typealias|associatedtype|case"
LINE = re.compile(rf" *((?:@\w+(?:\([^)]*\))?\s+|(?:{MODIFIER})(?:\(\w+\))?\s+)*)({KIND})\b(.*)")
SCOPES = {"struct", "class", "actor", "enum", "protocol", "extension"}

Scope = namedtuple("Scope", "indentation kind name public")
Declaration = namedtuple("Declaration", "path line kind name scope public documented")
FILE = Scope(-2, "file", "", True)


def lines(path):
    """(number, line) of what is not in a string of many lines."""
    quoted = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not quoted:
            yield number, line
        quoted ^= line.count('"""') % 2 == 1


def is_public(modifiers, kind, around):
    if re.search(r"\b(public|open)\b(?!\()", modifiers):
        return around.public or around.kind == "extension"
    if not around.public or re.search(r"\b(private|fileprivate|internal|package)\b(?!\()", modifiers):
        return False
    return around.kind in ("protocol", "extension") or around.kind == "enum" and kind == "case"


def declarations(path, parents):
    """The declarations of a file that are not local; what its types conform to and inherit from is added to parents."""
    scopes, documented = [], False
    for number, line in lines(path):
        text = line.strip()
        indentation = len(line) - len(line.lstrip())
        while text and scopes and indentation <= scopes[-1].indentation and not text.startswith((")", "{", "where")):
            scopes.pop()
        around = scopes[-1] if scopes else FILE
        match = LINE.match(line)
        if match and indentation == around.indentation + 2:
            modifiers, kind, rest = match.groups()
            name = kind if kind in ("init", "subscript") else re.match(r"[\s`(]*([\w.]+|[^\s(]+)", rest).group(1)
            name = name.split(".")[-1] if kind == "extension" else name
            public = is_public(modifiers, kind, around)
            if kind in SCOPES:
                inherited = re.match(r"\s*[\w.]+(?:<.*?>)?\s*:\s*([^{]*)", rest.split(" where ")[0])
                parents[name].update(re.findall(r"\w+", inherited.group(1)) if inherited else ())
                if not text.endswith("}"):
                    scopes.append(Scope(indentation, kind, name, public))
            if kind != "extension":
                yield Declaration(path, number, kind, name, around, public, documented)
        documented = text.startswith("///") or documented and not match and text.startswith("@")


def inherits(declaration, parents, comments):
    """Whether a protocol that the declaration's type names, directly or not, has a comment for its name."""
    seen, waiting = set(), {declaration.scope.name}
    while waiting:
        seen |= waiting
        waiting = set().union(*(parents[name] for name in waiting)) - seen
    if declaration.scope.kind != "extension":  # One of a protocol carries out its requirements.
        seen.remove(declaration.scope.name)
    return any(declaration.name in comments[name] for name in seen)


def main():
    long = 0
    for path in sorted([*Path("Sources").rglob("*.swift"), *Path("Tests").rglob("*.swift"), Path("Package.swift")]):
        for number, line in lines(path):
            if len(line) > COLUMNS and ".build" not in path.parts and re.search(r"(^|\s)//", line):
                print(f"{path}:{number}: a comment of {len(line)} columns; there are {COLUMNS}")
                long += 1
    parents, comments = defaultdict(set), defaultdict(set)
    found = [item for path in sorted(Path("Sources").rglob("*.swift")) for item in declarations(path, parents)]
    for item in found:
        if item.documented and item.scope.kind == "protocol":
            comments[item.scope.name].add(item.name)
    public = [item for item in found if item.public]
    missing = [item for item in public if not item.documented and not inherits(item, parents, comments)]
    if "--list" in sys.argv[1:]:
        for item in missing:
            print(f"{item.path}:{item.line}: {item.kind} {item.scope.name}.{item.name}")
    documented = len(public) - len(missing)
    share = documented / max(1, len(public))
    print(f"{documented} of {len(public)} public declarations have a doc comment ({100 * share:.1f} %)")
    if share < SHARE:
        for path, count in Counter(item.path for item in missing).most_common(10):
            print(f"{path}: {count} without one")
    sys.exit(1 if long or share < SHARE else 0)


if __name__ == "__main__":
    main()

"""Writes a small text, what modified Kneser-Ney smoothing makes of it, and what KenLM makes of that.

    pip install kenlm
    python3 make_ngram_fixtures.py

train.txt and held-out.txt are drawn from a chain of words whose frequencies fall as Zipf's. scores.json has for some
orders and cut-offs the discounts and log10 of the probability of every held-out word, computed here from dictionaries
and from the definitions of Chen & Goodman (1998) and Heafield et al. (2013): no n-gram tool takes part. model.arpa is
one of these models, and scores.json has what KenLM says of the held-out words by that file.
"""

import collections
import functools
import json
import math
import os
import random

import kenlm

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = [(1, []), (2, []), (3, []), (5, []), (3, [0, 0, 1]), (4, [0, 1, 1, 2])]


def draw(count, seed):
    generator = random.Random(seed)
    words = [f"w{number}" for number in range(400)]
    weights = [1 / (number + 1) for number in range(400)]
    lines = []
    for _ in range(count):
        line, last = [], 0
        while len(line) < 14:
            # Half of the words follow from the one before.
            if generator.random() < 0.5:
                last = (7 * last + generator.choice([1, 2, 5])) % 400
            else:
                last = generator.choices(range(400), weights)[0]
            line.append(words[last])
            if generator.random() < 0.12:
                break
        lines.append(" ".join(line))
    return lines


class KneserNey:
    def __init__(self, sentences, order, cut_offs):
        self.order = order
        cut_offs = (cut_offs + [cut_offs[-1] if cut_offs else 0] * order)[:order]
        raw = collections.Counter()
        for sentence in sentences:
            padded = ["<s>"] + sentence + ["</s>"]
            for start in range(len(padded)):
                for length in range(1, order + 1):
                    if start + length <= len(padded):
                        raw[tuple(padded[start : start + length])] += 1
        before = collections.defaultdict(set)
        for gram in raw:
            if len(gram) > 1:
                before[gram[1:]].add(gram[0])
        self.counts = {}
        for gram, count in raw.items():
            keeps = len(gram) == order or (gram[0] == "<s>" and len(gram) > 1)
            if gram != ("<s>",):
                self.counts[gram] = count if keeps else len(before[gram])
        self.kept = {gram for gram in self.counts if raw[gram] > cut_offs[len(gram) - 1]}
        self.vocabulary = {gram[0] for gram in self.counts if len(gram) == 1} | {"<unk>"}
        self.discounts = [self.estimate(length) for length in range(1, order + 1)]
        self.followers = collections.defaultdict(list)
        for gram in self.counts:
            self.followers[gram[:-1]].append(gram)
        self.probability = functools.lru_cache(None)(self.probability)

    def estimate(self, length):
        numbers = collections.Counter(count for gram, count in self.counts.items() if len(gram) == length)
        if not all(numbers[k] for k in (1, 2, 3)):
            return [0.5, 1, 1.5]
        share = numbers[1] / (numbers[1] + 2 * numbers[2])
        found = [k - (k + 1) * share * numbers[k + 1] / numbers[k] for k in (1, 2, 3)]
        return found if all(0 <= d <= k for k, d in zip((1, 2, 3), found)) else [0.5, 1, 1.5]

    def discount(self, gram):
        return self.discounts[len(gram) - 1][min(self.counts[gram], 3) - 1]

    def backoff(self, context):
        grams = self.followers.get(context, [])
        if not grams:
            return 1.0
        left = sum(self.discount(g) if g in self.kept else self.counts[g] for g in grams)
        return left / sum(self.counts[g] for g in grams)

    def probability(self, gram):
        if not gram:
            return 1 / len(self.vocabulary)
        context = gram[:-1]
        lower = self.probability(gram[1:])
        if not self.followers.get(context):
            return lower
        own = 0.0
        if gram in self.kept:
            own = (self.counts[gram] - self.discount(gram)) / sum(self.counts[g] for g in self.followers[context])
        return own + self.backoff(context) * lower

    def scores(self, sentence):
        padded = ["<s>"] + [w if w in self.vocabulary else "<unk>" for w in sentence] + ["</s>"]
        result = []
        for place in range(1, len(padded)):
            gram = tuple(padded[max(0, place - self.order + 1) : place + 1])
            result.append(math.log10(self.probability(gram)))
        return result

    def write(self, path):
        grams = {length: sorted(g for g in self.kept if len(g) == length) for length in range(1, self.order + 1)}
        grams[1] = [("<unk>",), ("<s>",)] + [g for g in grams[1] if g != ("<unk>",)]
        with open(path, "w") as file:
            file.write("\\data\\\n")
            for length, own in grams.items():
                file.write(f"ngram {length}={len(own)}\n")
            for length, own in grams.items():
                file.write(f"\n\\{length}-grams:\n")
                for gram in own:
                    value = -99 if gram == ("<s>",) else math.log10(self.probability(gram))
                    line = f"{value:.7g}\t{' '.join(gram)}"
                    if length < self.order:
                        line += f"\t{math.log10(self.backoff(gram)):.7g}"
                    file.write(line + "\n")
            file.write("\n\\end\\\n")


def main():
    train, held_out = draw(700, 1), draw(40, 2)
    held_out[3] += " unheard-of"
    for name, lines in (("train.txt", train), ("held-out.txt", held_out)):
        with open(os.path.join(HERE, name), "w") as file:
            file.write("\n".join(lines) + "\n")
    result = {"models": [], "kenlm": []}
    for order, cut_offs in SETTINGS:
        model = KneserNey([line.split() for line in train], order, cut_offs)
        result["models"].append(
            {
                "order": order,
                "cutOffs": cut_offs,
                "discounts": model.discounts,
                "scores": [model.scores(line.split()) for line in held_out],
            }
        )
        if (order, cut_offs) == (3, [0, 0, 1]):
            path = os.path.join(HERE, "model.arpa")
            model.write(path)
            other = kenlm.Model(path)
            for line in held_out:
                result["kenlm"].append([score for score, _, _ in other.full_scores(line, bos=True, eos=True)])
    with open(os.path.join(HERE, "scores.json"), "w") as file:
        json.dump(result, file)
        file.write("\n")


if __name__ == "__main__":
    main()

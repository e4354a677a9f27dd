"""Writes word vectors in gensim's files, what gensim answers by them, and what a twin of GloVe in NumPy comes to.

    pip install gensim
    python3 make_word_vector_fixtures.py

vectors.txt and vectors.bin are one set of vectors in word2vec's two formats, written by gensim; answers.json has what
gensim's KeyedVectors says of them: neighbours, analogies by section, Spearman's rho. questions.txt and pairs.tsv are what
it was asked. glove.json has the co-occurrence counts of text.txt from dictionaries, first values, the order of the cells
and what AdaGrad in NumPy makes of them: no program for GloVe takes part, the formulas are those of the paper.
"""

import collections
import json
import os
import random

import numpy
from gensim.models import KeyedVectors

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


def dump(value, name):
    with open(path(name), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
        file.write("\n")


def vectors():
    generator = numpy.random.default_rng(1)
    topics = generator.normal(size=(6, 20))
    words = [f"w{number}" for number in range(58)] + ["naïve", "日本"]
    rows = numpy.stack([topics[number % 6] + generator.normal(size=20) for number in range(60)])
    keyed = KeyedVectors(20)
    keyed.add_vectors(words, rows.astype(numpy.float32))
    keyed.save_word2vec_format(path("vectors.txt"), binary=False)
    keyed.save_word2vec_format(path("vectors.bin"), binary=True)
    keyed = KeyedVectors.load_word2vec_format(path("vectors.txt"))

    draw = random.Random(2)
    with open(path("pairs.tsv"), "w", encoding="utf-8") as file:
        for _ in range(40):
            a, b = draw.sample(words + ["absent"], 2)
            file.write(f"{a}\t{b}\t{draw.randrange(0, 21) / 2}\n")
    with open(path("questions.txt"), "w", encoding="utf-8") as file:
        for section in ["first", "second part"]:
            file.write(f": {section}\n")
            for _ in range(30):
                a, b, c = draw.sample(words, 3)
                # Half of the answers are gensim's own, so that some are right.
                d = keyed.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] if draw.random() < 0.5 else "w7"
                if draw.random() < 0.1:
                    d = "absent"
                file.write(f"{a} {b} {c} {d}\n")
    _, sections = keyed.evaluate_word_analogies(path("questions.txt"), case_insensitive=False)
    rho = keyed.evaluate_word_pairs(path("pairs.tsv"), case_insensitive=False)[1][0]
    dump(
        {
            "neighbours": {word: keyed.most_similar(word, topn=5) for word in ["w0", "naïve"]},
            "sum": keyed.most_similar(positive=["w1", "w2"], negative=["w3"], topn=5),
            "correct": [len(section["correct"]) for section in sections],
            "covered": [len(section["correct"]) + len(section["incorrect"]) for section in sections],
            "spearman": float(rho),
        },
        "answers.json",
    )


def glove():
    draw = random.Random(3)
    sentences = []
    for _ in range(30):
        topic = draw.randrange(3)
        sentences.append([f"{'abc'[topic]}{int(draw.paretovariate(0.8)) % 5}" for _ in range(draw.randrange(1, 12))])
    with open(path("text.txt"), "w", encoding="utf-8") as file:
        file.writelines(" ".join(sentence) + "\n" for sentence in sentences)
    window, limit, power, rate, size = 4, 3.0, 0.75, 0.05, 7
    counts = collections.Counter()
    for sentence in sentences:
        for i, word in enumerate(sentence):
            for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
                if i != j:
                    counts[word, sentence[j]] += 1 / abs(i - j)
    words = sorted({word for pair in counts for word in pair})
    place = {word: number for number, word in enumerate(words)}
    # Steps in 64 bits, from first values that 32 bits hold.
    generator = numpy.random.default_rng(4)
    first = (generator.uniform(-0.5, 0.5, size=(2, len(words), size + 1)) / size).astype(numpy.float32)
    w, v = first[0].astype(float), first[1].astype(float)
    ws, vs = numpy.ones_like(w), numpy.ones_like(v)
    cells = [[place[a], place[b], x] for (a, b), x in sorted(counts.items())]
    losses, orders = [], []
    for _ in range(3):
        order = generator.permutation(len(cells)).tolist()
        orders.append(order)
        loss = 0.0
        for number in order:
            i, j, x = cells[number]
            weight = min(1.0, (x / limit) ** power)
            error = w[i, :size] @ v[j, :size] + w[i, size] + v[j, size] - numpy.log(x)
            loss += weight * error**2 / 2
            gi = weight * error * numpy.append(v[j, :size], 1.0) * rate
            gj = weight * error * numpy.append(w[i, :size], 1.0) * rate
            w[i] -= gi / numpy.sqrt(ws[i])
            v[j] -= gj / numpy.sqrt(vs[j])
            ws[i] += gi**2
            vs[j] += gj**2
        losses.append(loss)
    dump(
        {
            "window": window, "limit": limit, "power": power, "rate": rate, "size": size, "words": words,
            "counts": cells, "first": first.tolist(), "orders": orders, "losses": losses,
            "rows": w.tolist(), "columns": v.tolist(),
        },
        "glove.json",
    )


vectors()
glove()

"""Texts of drawn words, and what scikit-learn makes of them: words.json.

    pip install scikit-learn
    python3 Tests/Fixtures/baselines/make_baselines.py
"""
import json, pathlib, random

import numpy
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

random.seed(1)
words = [f"w{i}" for i in range(40)]
texts, labels = [], []
for i in range(90):
    label = i % 3
    weights = [1 + 2 * (j % 3 == label) for j in range(40)]
    texts.append(" ".join(random.choices(words, weights, k=random.randint(2, 9))))
    labels.append(label)
train, test = slice(0, 60), slice(60, 90)
counts = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\S+")
x = counts.fit_transform(texts[train]).toarray().astype(float)
z = counts.transform(texts[test]).toarray().astype(float)
y = numpy.array(labels)
bayes = MultinomialNB(alpha=1).fit(x, y[train])


def svm(x, positive):
    machine = LinearSVC(C=1, loss="squared_hinge", dual=True, tol=1e-9, max_iter=1_000_000).fit(x, positive)
    return machine.coef_[0], machine.intercept_[0]


decisions, interpolated = [], []
for label in range(3):
    positive = y[train] == label
    w, b = svm(x, positive)
    decisions.append((z @ w + b).tolist())
    p, q = 1 + x[positive].sum(0), 1 + x[~positive].sum(0)
    r = numpy.log(p / p.sum()) - numpy.log(q / q.sum())
    w, b = svm(x * r, positive)
    # The bias of naive Bayes is the log-ratio of the classes' sizes.
    mean = numpy.abs(w).mean()
    b = 0.75 * mean * numpy.log(positive.sum() / (~positive).sum()) + 0.25 * b
    w = 0.75 * mean + 0.25 * w
    interpolated.append(((z * r) @ w + b).tolist())
fixture = {"texts": texts, "labels": labels, "training": 60, "svm": decisions, "nbSVM": interpolated,
           "naiveBayes": bayes.predict_log_proba(z).tolist()}
pathlib.Path(__file__).with_name("words.json").write_text(json.dumps(fixture) + "\n")

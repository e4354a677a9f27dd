"""Writes references.json: sentences with several references and the scores that the reference implementations give them.

sacrebleu: BLEU and chrF with as many references as there are, or fewer for some lines.   rouge-score: `score_multi`.

Needs: sacrebleu, rouge-score.
Usage: python3 make_reference_fixtures.py
"""

import json
import pathlib
import random

import sacrebleu
from rouge_score import rouge_scorer

random.seed(11)
WORDS = "the a house red big cat, dog. sat on mat; 3.5 U.S. runs Über café isn't — 'quoted' (so) 1,000 end!".split()


def sentence(longest=14):
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, longest)))


def near(text):
    """The same with words exchanged, dropped and added."""
    words = []
    for word in text.split():
        draw = random.random()
        if draw < 0.15:
            continue
        words.append(random.choice(WORDS) if draw < 0.35 else word)
        if draw > 0.92:
            words.append(random.choice(WORDS))
    return " ".join(words)


def corpus(name, count, number):
    """number: how many references a line has, or None for one to four."""
    predictions, references = [], []
    for line in range(count):
        prediction = sentence()
        wanted = number or random.randint(1, 4)
        found = [near(prediction) or "end" for _ in range(wanted)]
        predictions.append("" if line == 5 else prediction)
        references.append(found)
    most = max(map(len, references))
    streams = [[row[i] if i < len(row) else None for row in references] for i in range(most)]
    case = {"name": name, "predictions": predictions, "references": references, "scores": {}, "signatures": {}}
    for key, metric in [
        ("bleu", sacrebleu.BLEU()), ("bleu-intl", sacrebleu.BLEU(tokenize="intl")),
        ("bleu-char", sacrebleu.BLEU(tokenize="char")), ("chrf", sacrebleu.CHRF()),
    ]:
        case["scores"][key] = metric.corpus_score(predictions, streams).score
        case["signatures"][key] = str(metric.get_signature()).split("|")[0]
    for key, kind in [("rouge-1", "rouge1"), ("rouge-2", "rouge2"), ("rouge-l", "rougeL")]:
        scorer = rouge_scorer.RougeScorer([kind])
        values = [scorer.score_multi(r, p)[kind].fmeasure for p, r in zip(predictions, references)]
        case["scores"][key] = sum(values) / len(values)
    return case


cases = [
    corpus("one", 20, 1), corpus("three", 60, 3), corpus("several", 60, None),
    corpus("two", 2, 2),
]
path = pathlib.Path(__file__).parent / "references.json"
path.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")
for case in cases:
    print(case["name"], case["scores"], case["signatures"]["bleu"])

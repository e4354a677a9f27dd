"""Writes metrics.json: inputs and the scores that scikit-learn, scipy and sacrebleu give them.

Needs: numpy, scipy, scikit-learn, sacrebleu.   Usage: python3 make_metric_fixtures.py
"""

import json
import math
import pathlib
import random
import warnings

import numpy
import sacrebleu
import scipy.stats
import sklearn.metrics

warnings.filterwarnings("ignore")
random.seed(7)


def finite(value):
    value = float(value)
    return value if math.isfinite(value) else None


def classification(name, gold, predicted, classes):
    """predicted is -1 for an answer that is none of the choices."""
    case = {
        "name": name,
        "gold": gold,
        "predicted": predicted,
        "accuracy": finite(sklearn.metrics.accuracy_score(gold, predicted)),
        "matthews": finite(sklearn.metrics.matthews_corrcoef(gold, predicted)),
    }
    if classes == 2:
        # An invalid answer is the wrong one of the two.
        valid = [p if p >= 0 else 1 - g for g, p in zip(gold, predicted)]
        case["f1"] = finite(sklearn.metrics.f1_score(gold, valid, zero_division=0))
    return case


def draw(count, classes, agreement, invalid=0.0):
    gold = [random.randrange(classes) for _ in range(count)]
    predicted = []
    for label in gold:
        if random.random() < invalid:
            predicted.append(-1)
        elif random.random() < agreement:
            predicted.append(label)
        else:
            predicted.append(random.randrange(classes))
    return gold, predicted


def correlation(name, gold, predicted):
    return {
        "name": name,
        "gold": gold,
        "predicted": predicted,
        "pearson": finite(scipy.stats.pearsonr(gold, predicted)[0]),
        "spearman": finite(scipy.stats.spearmanr(gold, predicted)[0]),
    }


def translation(name, hypotheses, references):
    return {
        "name": name,
        "hypotheses": hypotheses,
        "references": references,
        "bleu": sacrebleu.corpus_bleu(hypotheses, [references]).score,
        "bleu-intl": sacrebleu.corpus_bleu(hypotheses, [references], tokenize="intl").score,
        "chrf": sacrebleu.corpus_chrf(hypotheses, [references]).score,
    }


def tokens(text):
    thirteen = sacrebleu.metrics.bleu.BLEU(tokenize="13a")
    international = sacrebleu.metrics.bleu.BLEU(tokenize="intl")
    return {
        "text": text,
        "13a": thirteen._preprocess_segment(text).split(),
        "intl": international._preprocess_segment(text).split(),
    }


fixed = {"classification": [], "correlation": [], "translation": [], "tokens": [], "student": []}
add = fixed["classification"].append
add(classification("binary", *draw(200, 2, 0.7), 2))
add(classification("binary with invalid answers", *draw(150, 2, 0.6, 0.1), 2))
add(classification("three classes", *draw(300, 3, 0.5), 3))
add(classification("three classes with invalid answers", *draw(300, 3, 0.5, 0.2), 3))
add(classification("constant answer", [0, 1, 1, 0, 1], [1, 1, 1, 1, 1], 2))
add(classification("constant negative answer", [0, 1, 1, 0, 1], [0, 0, 0, 0, 0], 2))
add(classification("one class in the references", [1, 1, 1], [1, 0, 1], 2))
add(classification("one class everywhere", [0, 0, 0], [0, 0, 0], 2))
add(classification("only invalid answers", [0, 1, 0], [-1, -1, -1], 2))
add(classification("a single example", [1], [1], 2))

add = fixed["correlation"].append
gold = [round(random.uniform(0, 5), 1) for _ in range(200)]
add(correlation("noisy", gold, [round(g + random.gauss(0, 1), 3) for g in gold]))
add(correlation("many ties", [random.randrange(4) for _ in range(100)], [random.randrange(4) for _ in range(100)]))
add(correlation("fifths", gold, [round(round(5 * (g + random.gauss(0, 0.5))) / 5, 1) for g in gold]))
add(correlation("constant predictions", [1.0, 2.0, 3.0], [0.1, 0.1, 0.1]))
add(correlation("constant references", [2.5, 2.5, 2.5], [1.0, 2.0, 3.0]))
add(correlation("perfectly inverse", [1.0, 2.0, 3.0, 4.0], [8.0, 6.0, 4.0, 2.0]))
add(correlation("two points", [1.0, 2.0], [5.0, 9.0]))

english = [
    "The cat sat on the mat.",
    "A man, a plan, a canal: Panama!",
    'He said "it costs $3.50 (or 4,000 yen)" & left.',
    "state-of-the-art 3-year-old U.S. students' don't",
    "Ein Mädchen in einem Karateanzug bricht ein Brett mit einem Tritt.",
    "Ein Boston Terrier läuft über saftig-grünes Gras vor einem weißen Zaun.",
    "In 2016, 1.5 million people ... left - maybe.",
    "&quot;Quoted&quot; &amp; &lt;tagged&gt; text",
]


def disturbed(sentence):
    words = sentence.split()
    for _ in range(2):
        kind = random.randrange(3)
        place = random.randrange(len(words))
        if kind == 0 and len(words) > 1:
            words.pop(place)
        elif kind == 1:
            words.insert(place, random.choice(["the", "ein", "very", ","]))
        else:
            other = random.randrange(len(words))
            words[place], words[other] = words[other], words[place]
    return " ".join(words)


add = fixed["translation"].append
add(translation("identical", english, english))
add(translation("disturbed", [disturbed(s) for s in english], english))
add(translation("disturbed, many", [disturbed(s) for s in english * 12], english * 12))
add(translation("shorter", [" ".join(s.split()[:3]) for s in english], english))
add(translation("longer", [s + " and so on and so forth" for s in english], english))
add(translation("one empty", [""] + english[1:], english))
add(translation("all empty", ["" for _ in english], english))
add(translation("nothing in common", ["xyz qqq" for _ in english], english))
add(translation("no matching 4-grams", ["The cat lay on a mat today ."], ["The cat sat on the mat ."]))
add(translation("no matching bigrams", ["mat the on cat"], ["cat sat on the mat"]))
add(translation("a single word", ["cat"], ["cat"]))
add(translation("case matters", [s.lower() for s in english], english))
add(translation("trailing white space", [s + " \t" for s in english], english))

fixed["tokens"] = [
    tokens(text)
    for text in english
    + [
        "",
        " ",
        "a..b,,c 1.,2 .5 5. x.5 5.x",
        "1,000.50-20 a-b 3-b b-3 --",
        "it's 'quoted' ``so'' ok",
        "»Guillemets« „deutsch“ – dash … ellipsis",
        "€5 £6 ¥7 ©2020 ™ 50° ±3 §4",
        "½ cup, Ⅷ. 3½. ²x",
        "中文。日本語、テスト！",
        "e\u0301\u0301 caf\u00e9 cafe\u0301",
        "no\u00a0break\u2003em\u200bzero",
        "line -\nbreak and\nanother <skipped> segment",
        "emoji 🙂! 👩\u200d👩\u200d👧.",
        "http://a.b/c?d=e&f=g #tag @user ~tilde^ _under_ {brace} [bracket] \\ | `",
        "tab\tseparated\x1cfields",
    ]
]

for freedom in [1, 2, 3, 4, 9, 30, 200]:
    fixed["student"].append({"freedom": freedom, "quantile": float(scipy.stats.t.ppf(0.975, freedom))})

path = pathlib.Path(__file__).parent / "metrics.json"
path.write_text(json.dumps(fixed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

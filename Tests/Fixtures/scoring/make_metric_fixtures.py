"""Writes metrics.json and texts.json.gz: inputs and the scores that the reference implementations give them.

scikit-learn: F1 (binary, macro, micro), Matthews, accuracy, calibration curve.   scipy: correlations, tests, intervals.
sacrebleu: BLEU, chrF and their paired tests.   rouge-score: ROUGE.   nltk: stems.   torchmetrics: SQuAD.

Needs: numpy, scipy, scikit-learn, sacrebleu, rouge-score, nltk, torchmetrics.
Usage: GRAFT_DATA=DIR python3 make_metric_fixtures.py, DIR the data sets, of which multi30k is read.
"""

import gzip
import json
import math
import os
import pathlib
import random
import warnings

import nltk.stem.porter
import numpy
import sacrebleu
import sacrebleu.significance
import scipy.stats
import sklearn.calibration
import sklearn.metrics
import torchmetrics.functional.text
from rouge_score import rouge_scorer

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
    # An invalid answer is missed by its class and belongs to no other.
    labels = sorted(set(gold) | {p for p in predicted if p >= 0})
    for average in ["macro", "micro"]:
        precision, recall, f1, _ = sklearn.metrics.precision_recall_fscore_support(
            gold, predicted, labels=labels, average=average, zero_division=0
        )
        case[average] = {"f1": finite(f1), "precision": finite(precision), "recall": finite(recall)}
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
        "scores": translation_scores(hypotheses, references),
    }


def translation_scores(hypotheses, references):
    scores = {}
    for lowercase in [False, True]:
        ending = " lowercase" if lowercase else ""
        for name, tokenizer in [("bleu", "13a"), ("bleu-intl", "intl"), ("bleu-char", "char")]:
            metric = sacrebleu.metrics.BLEU(tokenize=tokenizer, lowercase=lowercase)
            scores[name + ending] = metric.corpus_score(hypotheses, [references]).score
        metric = sacrebleu.metrics.CHRF(lowercase=lowercase)
        scores["chrf" + ending] = metric.corpus_score(hypotheses, [references]).score
    return scores


def squad(name, predictions, references):
    """references: a list of right answers for each prediction."""
    scores = torchmetrics.functional.text.squad(
        [{"prediction_text": p, "id": str(i)} for i, p in enumerate(predictions)],
        [
            {"answers": {"answer_start": [0] * len(r), "text": r}, "id": str(i)}
            for i, r in enumerate(references)
        ],
    )
    return {
        "name": name,
        "predictions": predictions,
        "references": references,
        "exactMatch": float(scores["exact_match"]) / 100,
        "f1": float(scores["f1"]) / 100,
    }


def rouge(name, predictions, references):
    kinds = {"rouge-1": "rouge1", "rouge-2": "rouge2", "rouge-l": "rougeL", "rouge-lsum": "rougeLsum"}
    case = {"name": name, "predictions": predictions, "references": references, "scores": {}}
    for stemmer in [False, True]:
        scorer = rouge_scorer.RougeScorer(list(kinds.values()), use_stemmer=stemmer)
        scores = [scorer.score_multi(r, p) for p, r in zip(predictions, references)]
        for ours, theirs in kinds.items():
            case["scores"][ours + (" stemmer" if stemmer else "")] = {
                "f1": float(numpy.mean([s[theirs].fmeasure for s in scores])),
                "precision": float(numpy.mean([s[theirs].precision for s in scores])),
                "recall": float(numpy.mean([s[theirs].recall for s in scores])),
            }
    return case


def calibration(name, probabilities, gold, bins):
    probabilities = numpy.array(probabilities)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == numpy.array(gold)
    edges = numpy.linspace(0, 1, bins + 1)
    counts = numpy.bincount(numpy.searchsorted(edges[1:-1], confidence), minlength=bins)
    share, mean = sklearn.calibration.calibration_curve(right, confidence, n_bins=bins)
    error = float(numpy.sum(numpy.abs(share - mean) * counts[counts > 0]) / len(gold))
    return {
        "name": name,
        "probabilities": probabilities.tolist(),
        "gold": gold,
        "bins": bins,
        "error": error,
    }


def language_model(name, log_probabilities, texts):
    total = -sum(math.fsum(line) for line in log_probabilities)
    tokens = sum(len(line) for line in log_probabilities)
    count = sum(len(text.encode()) for text in texts)
    return {
        "name": name,
        "logProbabilities": log_probabilities,
        "texts": texts,
        "perplexity": math.exp(total / tokens) if tokens else None,
        "bitsPerByte": total / math.log(2) / count if count else None,
    }


def share_right(predicted, gold, axis):
    return numpy.mean(predicted == gold, axis=axis)


def pearson(predicted, gold, axis):
    x = predicted - predicted.mean(axis=axis, keepdims=True)
    y = gold - gold.mean(axis=axis, keepdims=True)
    return (x * y).sum(axis=axis) / numpy.sqrt((x**2).sum(axis=axis) * (y**2).sum(axis=axis))


def paired(name, first, second, gold, statistic):
    """The exact permutation test and the percentile interval of a difference between two systems."""
    first, second, gold = numpy.array(first), numpy.array(second), numpy.array(gold)

    def exchanged(a, b, axis=-1):
        return statistic(b, gold, axis) - statistic(a, gold, axis)

    def resampled(a, b, g, axis=-1):
        return statistic(b, g, axis) - statistic(a, g, axis)

    test = scipy.stats.permutation_test(
        (first, second), exchanged, permutation_type="samples", n_resamples=10**6
    )
    interval = scipy.stats.bootstrap(
        (first, second, gold), resampled, paired=True, n_resamples=20000, method="percentile", rng=7
    ).confidence_interval
    return {
        "name": name,
        "first": first.tolist(),
        "second": second.tolist(),
        "gold": gold.tolist(),
        "difference": float(test.statistic),
        "p": float(test.pvalue),
        "lower": float(interval.low),
        "upper": float(interval.high),
    }


def paired_texts(first, second, references):
    """sacrebleu's paired bootstrap (bs) and approximate randomisation (ar)."""
    case = {"first": first, "second": second, "references": references, "p": {}}
    for test in ["bs", "ar"]:
        for name, metric in [("bleu", sacrebleu.metrics.BLEU()), ("chrf", sacrebleu.metrics.CHRF())]:
            metric = type(metric)(references=[references])
            _, scores = sacrebleu.significance.PairedTest(
                [("first", first), ("second", second)], {name: metric}, None, test, n_samples=10000
            )()
            (column,) = [v for k, v in scores.items() if k != "System"]
            case["p"][name + " " + test] = column[1].p_value
    return case


def tokens(text):
    thirteen = sacrebleu.metrics.bleu.BLEU(tokenize="13a")
    international = sacrebleu.metrics.bleu.BLEU(tokenize="intl")
    return {
        "text": text,
        "13a": thirteen._preprocess_segment(text).split(),
        "intl": international._preprocess_segment(text).split(),
    }


fixed = {"classification": [], "correlation": [], "translation": [], "tokens": [], "student": []}
fixed |= {"squad": [], "rouge": [], "calibration": [], "languageModel": [], "paired": []}
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
add(classification("one class in the references, others answered", [1, 1, 1, 1], [0, 1, 2, -1], 3))
add(classification("a class that is never answered", [0, 1, 2, 2], [0, 1, 1, 0], 3))

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

add(translation("references too short for some orders", ["abcdefgh", "a longer one"], ["abc", "a longer 1"]))
add(translation("one empty reference", ["something", "a longer one"], ["", "a longer one"]))
add(translation("all references empty", ["something", "else"], ["", ""]))
add(translation("capitals beyond ASCII", ["ΟΔΟΣ ΣΕ ΑΣ. İSTANBUL ẞ", "ÉTÉ Ǆ"], ["οδος σε ας. i̇stanbul ß", "été ǆ"]))

add = fixed["squad"].append
add(squad("articles, case and punctuation", ["The Eiffel Tower!", "an apple", "U.S."], [["eiffel tower"], ["Apple"], ["US"]]))
add(squad("best of several", ["the cat sat"], [["a dog", "cat", "the cat sat down", "cat  SAT"]]))
add(squad("shared words count as often as both have them", ["no no no yes"], [["no no maybe yes yes"]]))
add(squad("nothing in common", ["blue"], [["red", "green"]]))
add(squad("empty prediction", ["", ""], [["something"], [""]]))
add(squad("only articles and punctuation", ["the", "...", "a"], [["an"], ["!"], ["word"]]))
add(squad("articles beside other signs", ["“the” end’s a", "the_an", "thé the-a a\u00a0b"], [["“ ” end’s"], ["thean"], ["thé thea b"]]))
add(squad("one example", ["1 the 2"], [["1 2", "3"]]))

add = fixed["rouge"].append
add(rouge("worked example", ["the cat sat"], [["the cat is sad"]]))
add(rouge("identical", english, [[s] for s in english]))
add(rouge("disturbed", [disturbed(s) for s in english * 4], [[s] for s in english * 4]))
add(rouge("several references", [disturbed(s) for s in english], [[disturbed(s), s, "cat mat"] for s in english]))
add(rouge("empty prediction", ["", "word"], [["some words"], [""]]))
add(rouge("empty everywhere", [""], [[""]]))
add(rouge("no letters or digits", ["… — €"], [["!!!"]]))
add(rouge("one word", ["cat", "cat"], [["cat"], ["dog"]]))
add(rouge("beyond ASCII", ["Über İstanbul 5\u2009km café"], [["ber istanbul 5km caf"]]))
add(rouge("inflected", ["the flies enjoyed hopping relations"], [["a fly enjoys hops relational and related"]]))
lines = ["\n".join(random.choice(english) for _ in range(random.randrange(1, 5))) for _ in range(30)]
add(rouge("several sentences", lines, [["\n".join(disturbed(s) for s in line.split("\n")[::-1])] for line in lines]))
add(rouge("empty sentences", ["\n\na b\n", "\n"], [["b a\n\n\nc"], ["\n\n"]]))

add = fixed["calibration"].append
for classes, count, bins in [(2, 200, 15), (3, 200, 10), (5, 50, 1), (2, 300, 100)]:
    rows = numpy.random.default_rng(count).dirichlet([0.7] * classes, count)
    add(calibration(f"{classes} classes, {bins} bins", rows.tolist(), [random.randrange(classes) for _ in rows], bins))
add(calibration("worked example", [[0.9, 0.05, 0.05], [0.7, 0.2, 0.1], [0.4, 0.3, 0.3]], [0, 1, 1], 2))
add(calibration("certain and right", [[1.0, 0.0], [0.0, 1.0]], [0, 1], 15))
add(calibration("certain and wrong", [[1.0, 0.0], [0.0, 1.0]], [1, 0], 15))
add(calibration("constant scores", [[0.5, 0.5]] * 6, [0, 0, 0, 1, 1, 1], 10))
add(calibration("on the edges of bins", [[0.6, 0.4], [0.8, 0.2]], [0, 1], 5))
add(calibration("one example", [[0.25, 0.75]], [1], 15))

add = fixed["languageModel"].append
add(language_model("worked example", [[math.log(1 / 2), math.log(1 / 8)]], ["abcd"]))
add(language_model("several texts", [[-0.1, -2.5, -7.25], [-0.001], []], ["über", "a b c", ""]))
add(language_model("certain", [[0.0, 0.0]], ["ab"]))
add(language_model("no tokens", [[]], ["ab"]))
add(language_model("no bytes", [[-1.0]], [""]))

add = fixed["paired"].append
gold = [random.randrange(2) for _ in range(14)]
add(paired("accuracy", [g if i % 3 else 1 - g for i, g in enumerate(gold)], [g if i % 7 else 1 - g for i, g in enumerate(gold)], gold, share_right))
add(paired("accuracy, the same answers", gold, gold, gold, share_right))
gold = [round(random.uniform(0, 5), 2) for _ in range(14)]
add(paired("pearson", [round(g + random.gauss(0, 2), 2) for g in gold], [round(g + random.gauss(0, 1), 2) for g in gold], gold, pearson))
references = english * 15
weaker = [disturbed(disturbed(s)) if i % 4 else s for i, s in enumerate(references)]
stronger = [disturbed(s) if i % 3 else s for i, s in enumerate(references)]
fixed["pairedTexts"] = paired_texts(weaker, [s if i % 5 == 0 else w for i, (s, w) in enumerate(zip(stronger, weaker))], references)

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

# Words of every kind for the stemmer: each base with each ending.
bases = "relat hop hopp fl sk tr enjo agre f feed fall fizz sens rat ceas control roll formal oper predic viet"
bases += " radic vil analog feud decis call geo archaeo philo theo effect homo commun activ adjust depend adopt"
bases += " trouble siz conflat plaster motor happ a b yy syzyg 3 4t"
endings = "- s es ies sses ss ed ing ied eed e y ational tional enci anci izer bli abli alli entli eli ousli ization"
endings += " ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful"
endings += " ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize ll lle"
words = [base + ending.strip("-") for base in bases.split() for ending in endings.split()]
words += "sky skies dying lying tying news inning innings outing outings canning cannings howe".split()
words += "proceed exceed succeed".split()
stemmer = nltk.stem.porter.PorterStemmer()

# Sentence pairs with punctuation, numbers and many scripts.
pieces = """the a cat house runs Street don't state-of-the-art U.S. e.g. 3.14 1,000.50 -5 10% $4.99 €20 12:30 2016-05-01
No.7 x.5 5.x ... .. , ; : ! ? " ' `` '' ( ) [ ] { } <tag> &amp; &quot; &lt;b&gt; & # @user ~ ^ _ | \\ / + = * a-3 3-b
Mädchen STRASSE Straße ß ẞ œuvre ŒUVRE naïve e\u0301t\u00e9 Ĳssel İzmir ılık ΟΔΟΣ ὈΔΥΣΣΕΎΣ Σίσυφος Москва ЩИ
中文 日本語、テスト。 「引用」 한국어 ไทย हिन्दी العربية עברית ½ Ⅷ ² ٣ ५ № ™ © ° ± § ¿Qué? ¡Sí! «guillemets» „deutsch“ ‘x’ “y”
– — … · • 🙂 👩\u200d👧 🇩🇪 👍🏽 \u200b \u00ad zero\u200bwidth no\u00a0break thin\u2009space""".split()
pieces += ["no\u00a0break", "thin\u2009space", "\u3000", "tab\there", ""]


def sentence():
    return random.choice([" ", " ", " ", "  ", ""]).join(random.choice(pieces) for _ in range(random.randrange(0, 16)))


def answer(reference):
    kind = random.randrange(6)
    words = reference.split(" ")
    if kind == 0:
        return reference
    if kind == 1:
        return sentence()
    if kind == 2:
        return reference.swapcase()
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(words))
        words[place : place + random.randrange(0, 2)] = random.choice([[], [random.choice(pieces)]])
        words = words or [""]
    return " ".join(words)


references = [sentence() for _ in range(2000)]
hypotheses = [answer(r) for r in references]
parts = [(0, 2000)] + [(i, i + 50) for i in range(0, 2000, 50)] + [(i, i + 1) for i in range(0, 100)]

# Three systems on Multi30k: the English source itself, and the German reference with words left out or in capitals.
folder = pathlib.Path(os.environ["GRAFT_DATA"]) / "multi30k"


def lines(name):
    return gzip.open(folder / name, "rt", encoding="utf-8", newline="\n").read().removesuffix("\n").split("\n")


def without_every_fifth(line):
    return " ".join(w for i, w in enumerate(line.split(" ")) if i % 5 != 4)


german, source = lines("test_2016_flickr.de.gz"), lines("test_2016_flickr.en.gz")
systems = {"source": source, "shortened": [without_every_fifth(s) for s in german], "capitals": [s.upper() for s in german]}
texts = {
    "stems": {word: stemmer.stem(word) for word in words},
    "hypotheses": hypotheses,
    "references": references,
    "parts": [{"from": a, "to": b, "scores": translation_scores(hypotheses[a:b], references[a:b])} for a, b in parts],
    "multi30k": {name: translation_scores(system, german) for name, system in systems.items()},
}

folder = pathlib.Path(__file__).parent


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def case_per_line(value):
    return "[\n" + ",\n".join(map(compact, value)) + "\n]" if isinstance(value, list) else compact(value)


sections = ",\n".join(f'"{name}": {case_per_line(cases)}' for name, cases in fixed.items())
(folder / "metrics.json").write_text("{\n" + sections + "\n}\n", encoding="utf-8")
with gzip.GzipFile(folder / "texts.json.gz", "wb", compresslevel=9, mtime=0) as file:
    file.write(compact(texts).encode())

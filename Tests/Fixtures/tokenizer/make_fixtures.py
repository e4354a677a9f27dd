"""Makes the tokenizer fixtures: what Hugging Face tokenizers does with a tokenizer trained by Graft.

Requires: python3 with `tokenizers` (0.23).

    python3 make_fixtures.py training       writes training.txt
    graft tokenizer train --corpus training.txt --document-boundary blank-lines --vocabulary-size 700 \
        --sentinels 10 --output tokenizer.json
    python3 make_fixtures.py expected       writes expected.json from tokenizer.json and training.txt

expected.json holds:
- cases: texts with the ids Hugging Face gives them under no normaliser, NFC and NFKC;
- merges: the merges that Hugging Face's own trainer learns from training.txt at the same size.
"""

import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).parent

WORDS = {
    "english": "the cat sat near an old river and nobody said that it would rain again before winter "
    "ships houses carried letters through quiet valleys while children counted stones".split(),
    "german": "der große Bär läuft über die Brücke und fängt süße Äpfel für die schöne Müllerin".split(),
    "french": "où était la forêt déjà brûlée près du château où l'élève rêvait".split(),
    "greek": "η θάλασσα είναι μπλε και ο ουρανός γκρίζος σήμερα".split(),
    "russian": "река течёт через город и впадает в холодное море".split(),
    "thai": "แมว นั่ง อยู่ ริม แม่น้ำ เก่า".split(),
    "japanese": "古い川のそばに猫がいる 雨が降る 東京は大きい".split(),
}
ENDINGS = [".", "?", "!", "...", ";", ",", " -", ":"]
CONTRACTIONS = ["I've", "don't", "she'll", "we're", "it's", "I'm", "he'd", "'tis", "dogs'"]


def make_training():
    rng = random.Random(7)
    documents = []
    for _ in range(120):
        language = rng.choices(list(WORDS), weights=[8, 3, 2, 1, 1, 1, 1])[0]
        sentences = []
        for _ in range(rng.randint(2, 6)):
            words = [rng.choice(WORDS[language]) for _ in range(rng.randint(4, 12))]
            if rng.random() < 0.3:
                words.insert(rng.randrange(len(words)), rng.choice(CONTRACTIONS))
            if rng.random() < 0.3:
                words.insert(rng.randrange(len(words)), str(rng.randint(0, 99999)))
            if rng.random() < 0.1:
                words.insert(rng.randrange(len(words)), rng.choice(["👍", "👩‍👩‍👧", "→", "€", "½"]))
            sentences.append(" ".join(words) + rng.choice(ENDINGS))
        documents.append(rng.choice([" ", "\n", "  "]).join(sentences))
    (HERE / "training.txt").write_text("\n\n".join(documents) + "\n", encoding="utf-8")


def cases():
    rng = random.Random(11)
    texts = [
        "",
        " ",
        "   ",
        "the cat sat",
        " the  cat   sat \n\n\n near\t\tan old river  ",
        "I've don't SHE'LL we're it's I'm he'd 'tis 'S 'LL dogs' '' 'll'll 'r 've",
        "a'sb 's't're x'y'z' can''t ''s",
        "0 1 12 123 1234567890 3.14 1,000 ½ ² ⅷ ٣٤٥ १२३ 五",
        "cafe\u0301 e\u0301e\u0301 A\u030a \u1112\u1161\u11ab n\u0303",
        "caf\u00e9 \u00e9 \u00c5 \ud55c \u00f1",
        "\ufb01 \uff21\uff22 \u2460 \u33a1 \u00bd \u1e9b\u0323",
        "👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷 ❤️ 🏳️‍🌈 e👍e",
        "แมวนั่งอยู่ริมแม่น้ำ เก่า ที่นี่",
        "हिन्दी में लिखा हुआ पाठ தமிழ் മലയാളം",
        "السلام عليكم ١٢٣ שָׁלוֹם",
        "a\u0000b\u0000\u0000 \u0001\u007f\u0080\u009f",
        "line\r\nline\rline\n\r\n  \r\n x",
        "\u00a0nbsp\u00a0\u00a0two \u2003em\u2003 \u3000ideographic\u3000 \u2028sep\u2029 \u0085nel\u0085",
        " \u00a0x \u00a0 y\u00a0 z",
        "\u200b zero\u200bwidth \ufeffbom \u180e \u2060",
        "\t\tdef f(x):\n\t\treturn x**2  # comment\n\n\n",
        "a" * 300 + " " + "ab" * 150 + " " + " " * 100 + "end",
        "!!!???...---___***   $$$ €uro £5 #tag @user a_b a-b",
        "\u0301 leading mark \u0301\u0301 a\u0301\u0301 \u20dd",
        "ꙮ 𝒜𝓁𝓅𝒽𝒶 𐍈 𠀀𠀁 \U0001d7d8 \U00010330 \U000e0041 \U0010fffd",
        "ǅ ʰ ª º ⁿ Ⅳ ۝ ‿ ﹏ \u00ad soft\u00adhyphen",
        # Letters and digits of Unicode 14, 15, 15.1 and 16, which older tables take for symbols.
        "x\ua7cbx x\U00010582x x\U0001e4d0x x\U0002ebf0x x\U00010d40x 0\U00010d40 x\U000105c0x x\U00016d40x",
        "</s",
        "tail spaces then newline   \n",
        "\n",
        "\n\n",
        " \n",
        "\n ",
        "x \n y",
    ]
    alphabet = list("ab c'stlvdmr019.,!\n\t  éäßøñ€½²٣あ猫กั้👍")
    alphabet += ["\u0301", "\u00a0", "\u200d", "\u2028", "'ll", " '"]
    for _ in range(150):
        texts.append("".join(rng.choice(alphabet) for _ in range(rng.randint(1, 40))))
    return texts


def make_expected():
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    path = str(HERE / "tokenizer.json")
    rows = []
    loaded = {}
    for name, normalizer in [("none", None), ("nfc", normalizers.NFC()), ("nfkc", normalizers.NFKC())]:
        loaded[name] = Tokenizer.from_file(path)
        if normalizer is not None:
            loaded[name].normalizer = normalizer
    for text in cases():
        row = {"text": text}
        for name, tokenizer in loaded.items():
            row[name] = tokenizer.encode(text).ids
        assert loaded["none"].decode(row["none"]) == text
        rows.append(row)

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    trainer = trainers.BpeTrainer(
        vocab_size=690, min_frequency=2, special_tokens=["<pad>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    )
    text = (HERE / "training.txt").read_text(encoding="utf-8").rstrip("\n")
    tokenizer.train_from_iterator(text.split("\n\n"), trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]

    lines = ["{", '"cases": [']
    lines.append(",\n".join(json.dumps(row) for row in rows))
    lines.append("],")
    lines.append('"merges": ' + json.dumps(merges))
    lines.append("}")
    (HERE / "expected.json").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    {"training": make_training, "expected": make_expected}[sys.argv[1]]()

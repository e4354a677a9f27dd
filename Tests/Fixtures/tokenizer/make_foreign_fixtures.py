"""Makes the fixtures of tokenizers that Graft did not train: what Hugging Face tokenizers does with them.

Requires: python3 with `tokenizers` (0.23), `transformers` (5) and `sentencepiece` (0.2).

    python3 make_foreign_fixtures.py tokenizers CORPUS...   writes foreign/*.tokenizer.json.gz, trained on text files
    python3 make_foreign_fixtures.py expected               writes foreign/cases.json.gz from them

The tokenizers in foreign/ are of the kinds of GPT-2, RoBERTa, BERT and T5; T5's has the character map of SentencePiece's
`nmt_nfkc` and was converted by transformers. A variant is one of them with some keys of its file replaced. cases.json
holds:
- texts: without the name of any special token; for each variant their ids without added tokens, and these decoded;
- marked: texts with names of special tokens; for each variant their ids where the names are recognised, and these
  decoded with special tokens by name.
"""

import gzip
import json
import pathlib
import random
import sys
import tempfile

import make_fixtures

FOLDER = pathlib.Path(__file__).parent / "foreign"
CHARACTER_MAP = "@character map"


def write(name, data):
    with gzip.GzipFile(FOLDER / name, "wb", mtime=0) as file:
        file.write(data.encode("utf-8"))


def read(name):
    return json.loads(gzip.decompress((FOLDER / name).read_bytes()))


# Training


def save(name, tokenizer):
    write(f"{name}.tokenizer.json.gz", tokenizer.to_str(pretty=True))


def byte_level(lines, size, specials):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        lines,
        trainers.BpeTrainer(
            vocab_size=size, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return tokenizer


def make_gpt2(lines):
    from tokenizers import AddedToken, processors

    # In GPT-2's own file the special token is the last and merges are strings.
    tokenizer = byte_level(lines, 1200, [])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", normalized=True, special=True)])
    content = json.loads(tokenizer.to_str())
    content["model"]["vocab"]["<|endoftext|>"] = len(content["model"]["vocab"])
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    write("gpt2.tokenizer.json.gz", json.dumps(content, ensure_ascii=False, indent=1))


def make_roberta(lines):
    from tokenizers import AddedToken, processors

    tokenizer = byte_level(lines, 700, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    save("roberta", tokenizer)


def make_bert(lines):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        lines,
        trainers.WordPieceTrainer(
            vocab_size=2000, limit_alphabet=400, show_progress=False,
            special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        ),
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    save("bert", tokenizer)


def make_t5(lines):
    import sentencepiece
    from transformers import T5Tokenizer

    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "text").write_text("\n".join(lines), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/text", model_prefix=f"{folder}/spiece", vocab_size=1000, model_type="unigram",
            pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_name="nmt_nfkc", num_threads=1,
        )
        T5Tokenizer.from_pretrained(folder).save_pretrained(f"{folder}/out")
        text = pathlib.Path(folder, "out/tokenizer.json").read_text(encoding="utf-8")
    write("t5.tokenizer.json.gz", text)
    # A small one whose unknown characters are spelled in bytes.
    content = json.loads(text)
    content["normalizer"] = None
    content["added_tokens"] = content["added_tokens"][:3]
    pieces = content["model"]["vocab"]
    content["model"]["vocab"] = pieces[:3] + [[f"<0x{byte:02X}>", -9.5] for byte in range(256)] + pieces[3:150]
    content["model"]["byte_fallback"] = True
    write("bytes.tokenizer.json.gz", json.dumps(content, ensure_ascii=False, indent=1))


def make_tokenizers(paths):
    FOLDER.mkdir(exist_ok=True)
    lines = []
    for path in paths:
        data = pathlib.Path(path).read_bytes()
        text = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8")
        lines += [line for line in text.split("\n") if line][:3000]
    lines += (make_fixtures.HERE / "training.txt").read_text(encoding="utf-8").split("\n")
    make_gpt2(lines)
    make_roberta(lines)
    make_bert(lines)
    make_t5(lines)


# Texts and what becomes of them


def texts():
    rng = random.Random(23)
    result = make_fixtures.cases() + [
        "Hello, World! It's (really) \"good\" -- isn't it?  We've   won 3.5% of $1,000; do not stop , he said .",
        "naïve Ångström, ÇA VA? İstanbul ıI ΌΣΟΣ ẞß ǅ ŉ Ⅷ ﬀ ﬃ \u212a\u212b ὈΔΥΣΣΕΎΣ",
        "e\u0301 o\u0308\u0304 q\u0307\u0323 \ufb01\u0301 ½\u0301 ①\u0301 \u00e9\u0301 A\u0308\u0304\u0301\u0302",
        "a\r\nb\rc\n\r \x0b\x0c\x1c\x85 \u2028\u2029 \u200b\u200c\u200d\u2060\ufeff\u00ad x",
        "ｆｕｌｌｗｉｄｔｈ　１２３ ｶﾞｷﾞ ｱﾊﾟ ㍿ ㌔ ℡ № ﷺ ﷽ ㍻ ㋿",
        "我是中国人。東京タワー 서울특별시 한국어 \u1112\u1161\u11ab 𠮷野家 豈更車 \U0002f800 々〆ヶ",
        "क्षत्रिय ज्ञान ত্ৰ ꦏ꧀ꦱ ม้า နိုင်ငံ",
        "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽👍🏿 🇩🇪🇫🇷🇺 ©\u200d® ™️ ❤️‍🔥 1️⃣ \U0001f1e6",
        "x" * 99 + " " + "y" * 100 + " " + "z" * 101 + " " + "é" * 100 + " " + "é" * 101,
        "ab" * 400,
        "▁under▁score ▁ ▁▁ a▁b",
        "##ing ## un##able [ CLS ] <0x41> < extra_id_0 >",
        "\u0600\u0661 \u06ddx \u070f\u0712 \u0d4e\u0d15",
        "\ufffd \uffff \ue000 \U0010fffe \U000e0001 \x7f",
        " lead", "trail ", "\u3000wide\u3000", "\u00a0", "\u200b", "\u0000", "\ufeff", "\u0301", "  \t\n ",
    ]
    words = [word for group in make_fixtures.WORDS.values() for word in group] + make_fixtures.CONTRACTIONS
    for _ in range(100):
        line = [rng.choice(words) for _ in range(rng.randint(1, 14))]
        line = [rng.choice([word, word, word, word.upper(), word.title()]) for word in line]
        result.append(rng.choice([" ", " ", "  "]).join(line) + rng.choice(make_fixtures.ENDINGS))
    # Any characters of Unicode 9, which all sides know, from a few places at a time.
    blocks = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE00)]
    blocks += [(0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2190), (0x2460, 0x2500), (0x3000, 0x3400)]
    blocks += [(0x4E00, 0x9F00), (0xAC00, 0xD7A4), (0xF900, 0xFB50), (0xFB50, 0x10000), (0x1D400, 0x1D800)]
    import unicodedata

    old = unicodedata.ucd_3_2_0
    for _ in range(100):
        chosen = [rng.choice(blocks) for _ in range(2)] + [(0x300, 0x340), (0x20, 0x22)]
        points = [rng.randrange(*rng.choice(chosen)) for _ in range(rng.randint(2, 24))]
        result.append("".join(chr(point) for point in points if old.category(chr(point)) != "Cn"))
    return result


def marked(names):
    rng = random.Random(29)
    result = ["", names[0], f"a {names[-1]} b", f" {names[0]}{names[-1]} ", f"x{names[-1]}y  {names[0]}  z"]
    for _ in range(30):
        parts = [rng.choice(["The cat", " sat ", "É", "  ", "\n", "x", "don't", rng.choice(names)]) for _ in range(7)]
        result.append("".join(parts))
    result += [names[-1][:-1], names[-1][1:], f"<{names[-1]}>"]
    return result


def metaspace(scheme, split=True):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def bert_normalizer(**changes):
    content = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    return {"type": "BertNormalizer", **content, **changes}


def sequence(key, *steps):
    return {"type": "Sequence", key: list(steps)}


def variants():
    prefix = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    precompiled = {"type": "Precompiled", "precompiled_charsmap": CHARACTER_MAP}
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}
    strip = {"type": "Strip", "strip_left": False, "strip_right": True}
    split = {"type": "WhitespaceSplit"}
    bert_processing = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    quotes = {"type": "Replace", "pattern": {"String": "''"}, "content": '"'}
    return [
        ("gpt2", "gpt2", {}),
        ("gpt2 prefix", "gpt2", {"pre_tokenizer": prefix}),
        ("gpt2 nfd", "gpt2", {"normalizer": sequence("normalizers", {"type": "NFD"}, {"type": "StripAccents"})}),
        ("roberta", "roberta", {}),
        ("bert uncased", "bert", {}),
        ("bert cased", "bert", {"normalizer": bert_normalizer(lowercase=False), "post_processor": bert_processing}),
        ("electra", "bert", {"normalizer": bert_normalizer(strip_accents=False)}),
        ("accents", "bert", {"normalizer": bert_normalizer(strip_accents=True, lowercase=False)}),
        ("unclean", "bert", {
            "normalizer": bert_normalizer(clean_text=False, handle_chinese_chars=False),
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False}}),
        ("bare", "bert", {"normalizer": None, "pre_tokenizer": split, "decoder": None, "post_processor": None}),
        ("t5", "t5", {}),
        ("t5 stripped", "t5", {
            "normalizer": sequence("normalizers", precompiled, strip, spaces), "pre_tokenizer": metaspace("always")}),
        ("t5 first", "t5", {
            "normalizer": precompiled, "pre_tokenizer": metaspace("first", False), "decoder": metaspace("first")}),
        ("t5 never", "t5", {
            "normalizer": None, "pre_tokenizer": metaspace("never"), "decoder": metaspace("never")}),
        ("t5 lower", "t5", {
            "normalizer": sequence(
                "normalizers", {"type": "Strip", "strip_left": True, "strip_right": True}, quotes, {"type": "NFD"},
                {"type": "Lowercase"}, {"type": "StripAccents"}),
            "pre_tokenizer": metaspace("always")}),
        ("t5 nfc", "t5", {"normalizer": {"type": "NFC"}, "pre_tokenizer": None, "decoder": None}),
        ("bytes", "bytes", {}),
    ]


def replaced(value, character_map):
    if value == CHARACTER_MAP:
        return character_map
    if isinstance(value, dict):
        return {key: replaced(member, character_map) for key, member in value.items()}
    if isinstance(value, list):
        return [replaced(member, character_map) for member in value]
    return value


def make_expected():
    from tokenizers import Tokenizer

    character_map = read("t5.tokenizer.json.gz")["normalizer"]["precompiled_charsmap"]
    plain = texts()
    rows = []
    for name, base, changes in variants():
        content = read(f"{base}.tokenizer.json.gz")
        content.update(replaced(changes, character_map))
        tokenizer = Tokenizer.from_str(json.dumps(content))
        names = [token["content"] for token in content["added_tokens"]]
        row = {"name": name, "base": base, "changes": changes}
        row["ids"] = [tokenizer.encode(text, add_special_tokens=False).ids for text in plain]
        row["decoded"] = [tokenizer.decode(ids) for ids in row["ids"]]
        row["marked"] = marked(names)
        row["markedIDs"] = [tokenizer.encode(text, add_special_tokens=False).ids for text in row["marked"]]
        row["markedDecoded"] = [tokenizer.decode(ids, skip_special_tokens=False) for ids in row["markedIDs"]]
        rows.append(row)
    write("cases.json.gz", json.dumps({"texts": plain, "variants": rows}, ensure_ascii=False))


if __name__ == "__main__":
    if sys.argv[1] == "tokenizers":
        make_tokenizers(sys.argv[2:])
    else:
        make_expected()

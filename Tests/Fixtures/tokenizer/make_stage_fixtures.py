"""Makes small tokenizers whose stages no scanner of Graft's has, in the forms of published models, and what Hugging Face
tokenizers does with them.

    python3 make_stage_fixtures.py      writes stages/*.json.gz beside itself

Requires: python3 with `tokenizers` (0.23), `transformers` (5) and `sentencepiece` (0.2).

The vocabularies are trained on training.txt; three forms are files that make_published_forms.py made (bloom, phi2 and
smollm). FORM.tokenizer.json.gz is the file; expected.json.gz has the texts and for each form their ids without added
tokens, these decoded, and the ids and types of two texts, one alone and both together, with what the post-processor adds. NAME.model.gz are models of SentencePiece, whose ids are those
of transformers' tokenizers of their families.
"""

import gzip
import json
import os
import pathlib
import tempfile

import make_fixtures
import make_foreign_fixtures
from make_published_forms import byte_level, special
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers)

FOLDER = pathlib.Path(__file__).parent / "stages"
PUBLISHED = ["bloom", "phi2", "smollm"]
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])


def template(tokenizer, single, pair, *names):
    return processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[(name, tokenizer.token_to_id(name)) for name in names])


def falcon(lines):
    # What follows ByteLevel sees the characters that it has made of bytes.
    tokenizer = byte_level(lines, 400, after=[">>TITLE<<", "<|endoftext|>"])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    return tokenizer


def o200k(lines):
    return byte_level(lines, 400, after=["<|endoftext|>", "<|endofprompt|>"], split=O200K, ignore=True)


def opt(lines):
    tokenizer = byte_level(lines, 400, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False), template(tokenizer, "</s> $A", "</s> $A </s> $B:0", "</s>")])
    return tokenizer


def deepseek(lines):
    tokenizer = byte_level(lines, 400, after=["<|begin▁of▁sentence|>", "<|end▁of▁sentence|>"])
    tokenizer.normalizer = normalizers.Sequence([])
    steps = [r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"\s+$"]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(step), "isolated") for step in steps]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def clip(lines):
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(
            Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<|startoftext|>", "<|endoftext|>"], end_of_word_suffix="</w>",
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0))
    return tokenizer


def gpt1(lines):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False))
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    return tokenizer


def gemma(lines):
    # Runs of line feeds and spaces are tokens of the vocabulary that any text has.
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=700, limit_alphabet=90, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"] + bytes_,
        show_progress=False))
    content = json.loads(tokenizer.to_str())
    vocab = content["model"]["vocab"]
    for token in ["\n\n", "\n\n\n", "▁▁", "▁▁▁", "<h1>"]:
        vocab.setdefault(token, len(vocab))
    content["added_tokens"] = content["added_tokens"][:4]
    for token in ["\n\n", "\n\n\n", "▁▁", "▁▁▁", "<h1>"]:
        content["added_tokens"].append({
            "id": vocab[token], "content": token, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": False})
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = template(tokenizer, "<bos> $A", "<bos> $A <bos>:1 $B:1", "<bos>")
    return tokenizer


def words(lines):
    # Added tokens of every kind, with a normalizer that changes some of them.
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)])
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(
        vocab_size=500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_tokens([
        AddedToken("The", normalized=True), AddedToken("cat", single_word=True, normalized=False),
        AddedToken("É", normalized=True, single_word=True), AddedToken("  ", normalized=False),
        AddedToken("!", lstrip=True, rstrip=True, normalized=False), AddedToken("ship", rstrip=True, normalized=True)])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def scripts(lines):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Nmt()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.UnicodeScripts(), pre_tokenizers.Punctuation("merged_with_previous"),
        pre_tokenizers.FixedLength(7)])
    tokenizer.train_from_iterator(lines, trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False))
    tokenizer.decoder = decoders.Sequence([decoders.Strip("e", 0, 1), decoders.Replace(Regex("[aá]"), "A")])
    return tokenizer


FORMS = [falcon, o200k, opt, deepseek, clip, gpt1, gemma, words, scripts]


# Of each family the name of its file and how its model is trained.
MODELS = {
    "t5": ("spiece.model", dict(model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)),
    "albert": ("spiece.model", dict(
        model_type="unigram", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols="[CLS],[SEP],[MASK]")),
    "xlm_roberta": ("sentencepiece.bpe.model", dict(model_type="unigram", unk_id=0, bos_id=1, eos_id=2)),
    "llama": ("tokenizer.model", dict(
        model_type="bpe", unk_id=0, bos_id=1, eos_id=2, byte_fallback=True, character_coverage=0.99,
        remove_extra_whitespaces=False, split_digits=True, user_defined_symbols="<tool>")),
}


def sentencepiece_models():
    """Of each family the file, its content and the tokenizer that transformers makes of it."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import sentencepiece
    from transformers import AlbertTokenizer, LlamaTokenizer, T5Tokenizer, XLMRobertaTokenizer

    classes = {"t5": T5Tokenizer, "albert": AlbertTokenizer, "xlm_roberta": XLMRobertaTokenizer, "llama": LlamaTokenizer}
    result = {}
    for name, (file, options) in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            sentencepiece.SentencePieceTrainer.train(
                input=str(make_fixtures.HERE / "training.txt"), model_prefix=f"{folder}/m", minloglevel=2, num_threads=1,
                vocab_size=600 if name == "llama" else 350, normalization_rule_name="identity", **options)
            model = pathlib.Path(folder, "m.model")
            model.rename(pathlib.Path(folder, file))
            classes[name].from_pretrained(folder).save_pretrained(f"{folder}/out")
            tokenizer = Tokenizer.from_file(f"{folder}/out/tokenizer.json")
            result[name] = (file, pathlib.Path(folder, file).read_bytes(), tokenizer)
    return result


def write(name, data):
    with gzip.GzipFile(FOLDER / name, "wb", mtime=0) as file:
        file.write(data if isinstance(data, bytes) else data.encode("utf-8"))


def main():
    FOLDER.mkdir(exist_ok=True)
    lines = [line for line in (make_fixtures.HERE / "training.txt").read_text(encoding="utf-8").split("\n") if line.strip()]
    tokenizers = {}
    for name in PUBLISHED:
        data = (FOLDER.parent / f"published/{name}.tokenizer.json.gz").read_bytes()
        tokenizers[name] = Tokenizer.from_str(gzip.decompress(data).decode("utf-8"))
    for make in FORMS:
        tokenizers[make.__name__] = make(lines)
        content = json.loads(tokenizers[make.__name__].to_str())
        write(f"{make.__name__}.tokenizer.json.gz", json.dumps(content, ensure_ascii=False, separators=(",", ":")))
    texts = make_foreign_fixtures.texts()[::4] + [
        "", "a\r\n\n\nb\n\n\n\n c", "12345 x²½ ٣٤٥ Ⅷ", "I'VE don't 'S 'ſ we'LL", "The cats; a cat. (cat) Ship! É élan",
        "for (i = 0;  i < 10; i++) {\n    x[i] += 1;\n\t\treturn;\n}\n", "こんにちは世界 Yes。ок Да", "x" * 200, "  ",
        "trailing   ", "<tool> a<tool>b", "``quoted'' É", "<h1>▁▁ ▁a</h1>", "e\u0301e\u0302 \u0301", "HelloWorld fooBarBAZ ǅungla"]
    forms = {}
    for name, tokenizer in tokenizers.items():
        tokenizer.encode_special_tokens = True
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        pair = "The old ship.", "Two cats"
        alone, both = tokenizer.encode(pair[0]), tokenizer.encode(*pair)
        forms[name] = {
            "ids": ids, "decoded": [tokenizer.decode(row) for row in ids], "single": alone.ids,
            "singleTypes": alone.type_ids, "pair": both.ids, "pairTypes": both.type_ids}
    folders = {}
    for name, (file, content, tokenizer) in sentencepiece_models().items():
        write(f"{name}.model.gz", content)
        tokenizer.encode_special_tokens = True
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        folders[name] = {"file": file, "ids": ids, "decoded": [tokenizer.decode(row) for row in ids]}
    content = {"texts": texts, "forms": forms, "folders": folders}
    write("expected.json.gz", json.dumps(content, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()

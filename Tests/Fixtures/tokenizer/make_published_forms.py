"""Makes small tokenizers in the forms that well-known models are published in, and what Hugging Face tokenizers does
with them.

    python3 make_published_forms.py CORPUS...      writes published/*.json.gz beside itself

Requires: python3 with `tokenizers` (0.23), `transformers` (5) and `sentencepiece` (0.2).

The vocabularies are trained on the text files; every other key is that of the published file: normalizer, pre-tokenizer,
post-processor, decoder, the model's switches and the special tokens. FORM.tokenizer.json.gz is the file, the character
map of `nmt_nfkc` left out, which foreign/t5.tokenizer.json.gz has;
expected.json.gz has the texts and, for each form, their ids without added tokens and these decoded.
"""

import base64
import gzip
import json
import pathlib
import sys
import tempfile

import make_fixtures
import make_foreign_fixtures
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers)

FOLDER = pathlib.Path(__file__).parent / "published"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)"
    r"|\s+")
QWEN = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")


def special(*names, **options):
    return [AddedToken(name, special=True, normalized=False, **options) for name in names]


def byte_level(lines, size, before=(), after=(), split=None, prefix_space=False, normalizer=None, ignore=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=split is None)
    if split:
        byte_level = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated"), byte_level])
    tokenizer.pre_tokenizer = byte_level
    tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(before), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    tokenizer.add_special_tokens(special(*after))
    return tokenizer


def roberta(lines):
    tokenizer = byte_level(lines, 500, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens(special("<mask>", lstrip=True))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


def gpt2(lines):
    return byte_level(lines, 500, after=["<|endoftext|>"])


def smollm(lines):
    # Digits are cut one by one before the pattern of GPT-2.
    tokenizer = byte_level(lines, 500, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return tokenizer


def phi2(lines):
    # Runs of spaces are tokens that any text has.
    tokenizer = byte_level(lines, 500, after=["<|endoftext|>"])
    tokenizer.add_tokens([AddedToken(" " * count, normalized=True) for count in range(31, 1, -1)])
    tokenizer.add_tokens([AddedToken("\t" * count, normalized=True) for count in range(9, 1, -1)])
    return tokenizer


def llama3(lines):
    tokenizer = byte_level(
        lines, 500, after=["<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>"], split=CL100K,
        ignore=True)
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
            special_tokens=[("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))])])
    return tokenizer


def qwen2(lines):
    return byte_level(
        lines, 500, after=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], split=QWEN, normalizer=normalizers.NFC())


def bloom(lines):
    tokenizer = byte_level(
        lines, 500, ["<unk>", "<s>", "</s>", "<pad>"],
        split=" ?[^(\\s|[.,!?…。，、।۔،])]+")
    return tokenizer


def modernbert(lines):
    tokenizer = byte_level(
        lines, 500, after=["[UNK]", "[CLS]", "[SEP]", "[PAD]"], normalizer=normalizers.NFC())
    tokenizer.add_special_tokens(special("[MASK]", lstrip=True))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:0 [SEP]:0",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ["[CLS]", "[SEP]"]])
    return tokenizer


def bert_multilingual(lines):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=None)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(
        vocab_size=900, limit_alphabet=300, show_progress=False,
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def minilm(lines):
    tokenizer = bert_multilingual(lines)
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)
    return tokenizer


def pieces(lines, kind, size, rule="nmt_nfkc", **options):
    """The pieces of a model of SentencePiece with their scores."""
    import sentencepiece

    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "text").write_text("\n".join(lines), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/text", model_prefix=f"{folder}/m", vocab_size=size, model_type=kind,
            normalization_rule_name=rule, num_threads=1, minloglevel=2, **options)
        model = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")
    return [(model.id_to_piece(index), model.get_score(index)) for index in range(len(model))]


def unigram(vocabulary, normalizer=(), unk=0, scheme="always"):
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unk))
    # The character map of `nmt_nfkc` is the same in every model.
    character_map = make_foreign_fixtures.read("t5.tokenizer.json.gz")["normalizer"]["precompiled_charsmap"]
    steps = list(normalizer) + [normalizers.Precompiled(base64.b64decode(character_map))]
    steps.append(normalizers.Replace(Regex(" {2,}"), " "))
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=scheme)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme=scheme)
    return tokenizer


def t5(lines):
    proto = pieces(lines, "unigram", 600, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    tokenizer = unigram(proto, unk=2)
    tokenizer.add_special_tokens(special("<pad>", "</s>", "<unk>", *[f"<extra_id_{i}>" for i in range(5)]))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=["$A", "</s>"], pair=["$A", "</s>", "$B", "</s>"], special_tokens=[("</s>", 1)])
    return tokenizer


def albert(lines):
    proto = pieces(
        lines, "unigram", 600, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, user_defined_symbols="[CLS],[SEP],[MASK]")
    tokenizer = unigram(proto, unk=1, normalizer=[
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
        normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.add_special_tokens(special("<pad>", "<unk>", "[CLS]", "[SEP]"))
    tokenizer.add_special_tokens(special("[MASK]", lstrip=True))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ["[CLS]", "[SEP]"]])
    return tokenizer


def xlm_roberta(lines):
    proto = pieces(lines, "unigram", 600, unk_id=0, bos_id=1, eos_id=2)
    tokenizer = unigram([("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + proto[3:], unk=3)
    tokenizer.add_special_tokens(special("<s>", "<pad>", "</s>", "<unk>"))
    tokenizer.add_special_tokens(special("<mask>", lstrip=True))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=["<s>", "$A", "</s>"], pair=["<s>", "$A", "</s>", "</s>", "$B", "</s>"],
        special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def deberta_v3(lines):
    proto = pieces(lines, "unigram", 600, pad_id=0, bos_id=1, eos_id=2, unk_id=3, bos_piece="[CLS]",
                   eos_piece="[SEP]", pad_piece="[PAD]", unk_piece="[UNK]")
    tokenizer = unigram(proto, unk=3, normalizer=[normalizers.Strip()])
    tokenizer.add_special_tokens(special("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"))
    return tokenizer


def llama2(lines, size=700):
    proto = pieces(lines, "bpe", size, rule="identity", unk_id=0, bos_id=1, eos_id=2, byte_fallback=True,
                   character_coverage=0.99, remove_extra_whitespaces=False, split_digits=True)
    vocabulary = {piece: index for index, (piece, _) in enumerate(proto)}
    merges = []
    for piece, _ in proto:
        pairs = [(piece[:i], piece[i:]) for i in range(1, len(piece))]
        pairs = [pair for pair in pairs if pair[0] in vocabulary and pair[1] in vocabulary]
        merges += sorted(pairs, key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
    tokenizer = Tokenizer(models.BPE(
        vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.add_special_tokens(special("<unk>", "<s>", "</s>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def mistral(lines):
    # As later versions write it: the spaces are the pre-tokenizer's.
    tokenizer = llama2(lines, 650)
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False)
    return tokenizer


# Graft reads these to the same ids …
FORMS = [
    albert, bert_multilingual, deberta_v3, gpt2, llama2, llama3, minilm, mistral, modernbert, qwen2, roberta, t5,
    xlm_roberta]
# … and these; what is expected of them is in stages/expected.json.gz.
ELSEWHERE = [bloom, phi2, smollm]


def write(name, data):
    with gzip.GzipFile(FOLDER / name, "wb", mtime=0) as file:
        file.write(data.encode("utf-8"))


def main(paths):
    FOLDER.mkdir(exist_ok=True)
    lines = []
    for path in paths:
        data = pathlib.Path(path).read_bytes()
        text = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8")
        lines += [line for line in text.split("\n") if line][:1500]
    lines += (make_fixtures.HERE / "training.txt").read_text(encoding="utf-8").split("\n")
    lines = [line for line in lines if line.strip()]
    texts = make_foreign_fixtures.texts()
    forms = {}
    for make in FORMS + ELSEWHERE:
        tokenizer = make(lines)
        name = make.__name__
        content = json.loads(tokenizer.to_str())
        for step in (content["normalizer"] or {}).get("normalizers", []):
            if "precompiled_charsmap" in step:
                step["precompiled_charsmap"] = make_foreign_fixtures.CHARACTER_MAP
        write(f"{name}.tokenizer.json.gz", json.dumps(content, ensure_ascii=False, indent=1))
        if make in ELSEWHERE:
            continue
        tokenizer.no_truncation()
        tokenizer.no_padding()
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        forms[name] = {"ids": ids, "decoded": [tokenizer.decode(row) for row in ids]}
    write("expected.json.gz", json.dumps({"texts": texts, "forms": forms}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])

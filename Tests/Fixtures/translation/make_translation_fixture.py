"""Makes a small Marian as Helsinki-NLP publishes opus-mt, and what transformers does with it.

    python3 make_translation_fixture.py        # writes beside itself

Needs torch, transformers and sentencepiece. Everything is float32 on one thread.

opus/               config.json, generation_config.json, model.safetensors in 16 bits, source.spm, target.spm, vocab.json and
                    tokenizer_config.json, as save_pretrained of MarianMTModel and MarianTokenizer writes them. Trained to
                    translate the sentences below. Its vocabulary lacks two pieces of source.spm; the character ß is none of
                    source.spm, but stands in the vocabulary; <pad> is the last token and begins what the decoder reads
opus.json
    texts           for each text `source` and `target`: its ids as either language, without the end, special tokens
                    in it being text, and what the ids of the target are as `text`
    pairs           for each pair `input` and `target`, and the `scores`: the log-probability of each token of the target and
                    of the end
    answers         for each input the ids of the greedy answer and its text, and the same of beam search with its score
"""

import io
import json
import os
import random

import sentencepiece
from sentencepiece.sentencepiece_model_pb2 import ModelProto
import torch
from transformers import MarianConfig, MarianMTModel, MarianTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "opus")
STEPS, LIMIT, BEAMS = 400, 16, 4
THINGS = [
    ("dog", "Hund", "der", "einen"), ("cat", "Katze", "die", "eine"), ("child", "Kind", "das", "ein"),
    ("street", "Straße", "die", "eine"), ("house", "Haus", "das", "ein"), ("ball", "Ball", "der", "einen"),
    ("horse", "Pferd", "das", "ein"), ("boat", "Boot", "das", "ein"), ("woman", "Frau", "die", "eine"),
    ("mountain", "Berg", "der", "einen"), ("river", "Fluss", "der", "einen"), ("tree", "Baum", "der", "einen")]
DEEDS = [("sees", "sieht"), ("paints", "malt"), ("finds", "findet"), ("carries", "trägt"), ("greets", "grüßt")]
CODES = [">>deu<<", ">>bar<<"]
# The first two are keys of their own, the third begins with the second: the longest is taken.
RULES = [("ﬁ", "fi"), ("é", "e"), ("é̂", "ê"), ("\t", " "), ("\u3000", " "), ("…", ". . ."), ("\u200b", ""), ("e\u0301", "e")]
ODD = [
    "", " ", "a", "the  dog   sees", "  the dog ", "Straße", "ß", "ßß", "the ß dog", "☃", "☃☃ dog", "a☃ß", "the\tdog", "\u3000dog\u3000",
    "…", "the… dog", "café é̂ e\u0301", "ﬁnds", "\u200bdog", "\u200b", "▁", "▁▁dog", "dog▁", "</s>", "the </s> dog <pad>", "<unk>",
    ">>deu<< the dog", ">>deu<<the dog", ">>bar<<", ">>xyz<< the dog", ">> a << b", ">><<", ">>deu", "the >>deu<< dog", " >>deu<< a",
    "The DOG sees.", "123", "hyper-long" * 40, "a\nb", "\U0001F600 dog \U0001F600",
]


def sentences():
    drawn = random.Random(3)
    result = []
    for english, german, article, _ in THINGS:
        for deed, tat in DEEDS:
            thing, ding, _, einen = drawn.choice(THINGS)
            result.append((f"the {english} {deed} a {thing}.", f"{article} {german} {tat} {einen} {ding}."))
    return result


def train_pieces(texts, size):
    rules = os.path.join(HERE, "rules.tsv")
    with open(rules, "w") as file:
        for key, value in RULES:
            file.write(" ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value) + "\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=size, normalization_rule_tsv=rules,
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2, num_threads=1)
    os.remove(rules)
    trained = ModelProto.FromString(model.getvalue())
    # The rules are compiled into the model; where their file lay is this machine's.
    trained.normalizer_spec.ClearField("normalization_rule_tsv")
    return trained.SerializeToString()


def make_tokenizer(pairs):
    os.makedirs(FOLDER, exist_ok=True)
    for name, texts, size in [("source", [p[0] for p in pairs], 70), ("target", [p[1] for p in pairs], 90)]:
        with open(os.path.join(FOLDER, f"{name}.spm"), "wb") as file:
            file.write(train_pieces(texts, size))
    pieces = ["</s>", "<unk>"]
    for name in ["source", "target"]:
        model = sentencepiece.SentencePieceProcessor(model_file=os.path.join(FOLDER, f"{name}.spm"))
        own = [model.id_to_piece(i) for i in range(3, len(model))]
        if name == "source":
            assert not any("ß" in piece for piece in own)
            own = [piece for piece in own if piece not in own[5:7]]
        else:
            assert "ß" in own
        pieces += [piece for piece in own if piece not in pieces]
    pieces += CODES + ["<pad>"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    with open(os.path.join(FOLDER, "vocab.json"), "w") as file:
        json.dump(vocabulary, file)
    return MarianTokenizer(
        *[os.path.join(FOLDER, name) for name in ["source.spm", "target.spm", "vocab.json"]], source_lang="eng",
        target_lang="deu")


def ids(tokenizer, text):
    """As what is read, with an end."""
    return tokenizer(text, split_special_tokens=True).input_ids


def target_ids(tokenizer, text):
    return tokenizer(text_target=text, split_special_tokens=True).input_ids


def padded(rows, padding):
    width = max(map(len, rows))
    return torch.tensor([row + [padding] * (width - len(row)) for row in rows])


def train(model, tokenizer, pairs):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    inputs = padded([ids(tokenizer, source) for source, _ in pairs], tokenizer.pad_token_id)
    labels = padded([target_ids(tokenizer, target) for _, target in pairs], -100)
    mask = (inputs != tokenizer.pad_token_id).long()
    model.train()
    for step in range(STEPS):
        rows = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(step))[:16]
        loss = model(input_ids=inputs[rows], attention_mask=mask[rows], labels=labels[rows]).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()


def main():
    torch.set_num_threads(1)
    torch.manual_seed(7)
    pairs = sentences()
    tokenizer = make_tokenizer(pairs)
    size, padding = len(tokenizer.encoder), tokenizer.pad_token_id
    model = MarianMTModel(MarianConfig(
        vocab_size=size, d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=512,
        activation_function="swish", scale_embedding=True, dropout=0.0, attention_dropout=0.1, pad_token_id=padding,
        eos_token_id=0, bos_token_id=0, decoder_start_token_id=padding, forced_eos_token_id=0))
    train(model, tokenizer, pairs)
    with torch.no_grad():
        # A probability worth mentioning for what is never written.
        model.final_logits_bias[0, padding] = 4.0
    model.generation_config.update(
        bad_words_ids=[[padding]], renormalize_logits=True, num_beams=6, max_length=512, forced_eos_token_id=0)
    model.to(torch.float16).save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)
    model = MarianMTModel.from_pretrained(FOLDER, dtype=torch.float32).eval()
    tokenizer = MarianTokenizer.from_pretrained(FOLDER)
    texts = []
    for text in ODD + [text for pair in pairs[::5] for text in pair]:
        source, target = ids(tokenizer, text)[:-1], target_ids(tokenizer, text)[:-1]
        texts.append({
            "input": text, "source": source, "target": target, "text": tokenizer.decode(target, skip_special_tokens=True)})
    scored, answers = [], []
    for source, target in pairs[::6] + [("a ß ☃", "Straße"), (">>deu<< the dog", "der Hund")]:
        encoder, labels = ids(tokenizer, source), target_ids(tokenizer, target)
        logits = model(
            input_ids=torch.tensor([encoder]), decoder_input_ids=torch.tensor([[padding] + labels[:-1]])).logits[0]
        logarithms = torch.log_softmax(logits, -1)
        scored.append({
            "input": source, "target": target,
            "scores": [logarithms[row, token].item() for row, token in enumerate(labels)]})
        answer = {"input": source}
        for name, beams in [("greedy", 1), ("beam", BEAMS)]:
            output = model.generate(
                torch.tensor([encoder]), do_sample=False, max_new_tokens=LIMIT, num_beams=beams, length_penalty=1.0,
                early_stopping=False, return_dict_in_generate=True, output_scores=True, use_cache=False)
            written = output.sequences[0].tolist()[1:]
            answer[name] = written[:written.index(0) + 1] if 0 in written else written
            answer[name + "Text"] = tokenizer.decode(written, skip_special_tokens=True)
        answer["score"] = output.sequences_scores[0].item()
        answers.append(answer)
    with open(os.path.join(HERE, "opus.json"), "w") as file:
        # A line for each text.
        lists = [f'"{name}": [\n' + ",\n".join(json.dumps(one, ensure_ascii=False) for one in values) + "]"
                 for name, values in [("texts", texts), ("pairs", scored), ("answers", answers)]]
        file.write(f'{{"limit": {LIMIT}, "beams": {BEAMS},\n' + ",\n".join(lists) + "}\n")


if __name__ == "__main__":
    main()

"""Compares log-probabilities of `graft score` with transformers' from the same weights, in both directions.

    python3 compare_with_transformers.py GRAFT [DIR ...]

GRAFT is the executable. Each DIR is a checkpoint of Graft's, which is converted and loaded with transformers, or a Hugging
Face folder, which is also converted to a checkpoint and back; by default the folders beside this file. Discriminators and
classifiers give tokens no probabilities: of them transformers' logits before and after the way there and back are
compared. Needs torch and transformers. Ends with 1 if a difference exceeds 1e-4.
"""

import json
import os
import subprocess
import sys
import tempfile

import torch
import transformers
from transformers import AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT, INPUT = "The cat sees the old dog, doesn't it?", "sentiment sentence: a gripping film"


def graft(*arguments):
    return subprocess.run([sys.argv[1], *arguments], check=True, capture_output=True, text=True).stdout


def graft_scores(folder, encoder_decoder):
    more = ["--input", INPUT] if encoder_decoder else []
    return json.loads(graft("score", "--checkpoint", folder, "--target", TEXT, "--json", "-", *more))["tokens"]


def is_foreign(folder):
    path = os.path.join(folder, "config.json")
    return os.path.exists(path) and "model_type" in json.load(open(path))


def load(folder):
    with open(os.path.join(folder, "config.json")) as file:
        architecture = json.load(file)["architectures"][0]
    model, report = getattr(transformers, architecture).from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True)
    # transformers 5 has a second bias in the output layer of a BERT that is not tied, which folders of earlier versions
    # lack: their logits differ there.
    assert not {key for key in report["missing_keys"] if not key.endswith("decoder.bias")}, report
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def scores(model, tokenizer, start, end, mask):
    """Log-probabilities of the target's tokens, as Graft defines them; see `graft score --help`."""
    def ids(text):
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    targets = ids(TEXT)
    if model.config.is_encoder_decoder:
        # Texts of a BART have a token before them.
        opening = [model.config.bos_token_id] if model.config.model_type == "bart" else []
        start = model.config.decoder_start_token_id
        # Marian's tokenizer cuts what is written in another way than what is read.
        targets = opening + tokenizer(text_target=TEXT, add_special_tokens=False)["input_ids"] + [end]
        logits = model(
            input_ids=torch.tensor([opening + ids(INPUT) + [end]]),
            decoder_input_ids=torch.tensor([[start] + targets[:-1]])).logits[0]
    elif "ForCausalLM" in type(model).__name__ or "LMHead" in type(model).__name__:
        logits = model(input_ids=torch.tensor([[start] + targets[:-1]])).logits[0]
    else:
        rows = torch.tensor([[start] + targets] * len(targets))
        for row in range(len(targets)):
            rows[row, row + 1] = mask
        out = model(input_ids=rows)
        logits = out.logits if "logits" in out else out.prediction_logits
        logits = torch.stack([logits[row, row + 1] for row in range(len(targets))])
    logarithms = torch.log_softmax(logits, -1)
    return targets, [logarithms[row, token].item() for row, token in enumerate(targets)]


def special(tokenizer, vocabulary):
    starts = [tokenizer.cls_token_id, tokenizer.bos_token_id, tokenizer.pad_token_id]
    mask = tokenizer.mask_token_id
    return (
        next(token for token in starts if token is not None), tokenizer.eos_token_id,
        vocabulary.get("<extra_id_0>") if mask is None else mask)


def compare(name, ours, theirs):
    model, tokenizer = load(theirs)
    targets, expected = scores(model, tokenizer, *special(tokenizer, tokenizer.get_vocab()))
    got = graft_scores(ours, model.config.is_encoder_decoder)
    assert [token["id"] for token in got] == targets, "the tokenizers disagree"
    worst = max(abs(token["logProbability"] - value) for token, value in zip(got, expected))
    print(f"{name:38} {type(model).__name__:32} {len(targets):3} tokens  {worst:.1e}")
    return worst


def predicts_tokens(folder):
    if not is_foreign(folder):
        return True
    with open(os.path.join(folder, "config.json")) as file:
        architecture = json.load(file)["architectures"][0]
    return architecture != "ElectraForPreTraining" and "Classification" not in architecture


def compare_logits(name, before, after):
    results = []
    for folder in [before, after]:
        model, tokenizer = load(folder)
        # BART's head reads the end.
        end = [model.config.eos_token_id] if model.config.is_encoder_decoder else []
        inputs = torch.tensor([tokenizer(TEXT, add_special_tokens=False)["input_ids"] + end])
        results.append(model(input_ids=inputs).logits)
    worst = (results[0] - results[1]).abs().max().item()
    print(f"{name:38} {type(model).__name__:32} {results[0].numel():3} logits  {worst:.1e}")
    return worst


def main():
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_grad_enabled(False)
    folders = sys.argv[2:] or [
        os.path.join(HERE, name) for name in sorted(os.listdir(HERE))
        if is_foreign(os.path.join(HERE, name))]
    differences = []
    with tempfile.TemporaryDirectory() as scratch:
        for index, folder in enumerate(folders):
            name = os.path.basename(os.path.abspath(folder))
            checkpoint = folder
            if is_foreign(folder):
                if predicts_tokens(folder):
                    differences.append(compare(f"{name}, theirs read here", folder, folder))
                checkpoint = os.path.join(scratch, f"{index}-graft")
                graft("convert", "--from", folder, "--to", checkpoint)
            exported = os.path.join(scratch, f"{index}-transformers")
            graft("convert", "--from", checkpoint, "--to", exported)
            if predicts_tokens(exported):
                differences.append(compare(f"{name}, ours read there", checkpoint, exported))
            elif is_foreign(folder):
                differences.append(compare_logits(f"{name}, there and back", folder, exported))
    print(f"largest difference {max(differences):.1e}")
    sys.exit(0 if max(differences) < 1e-4 else 1)


if __name__ == "__main__":
    main()

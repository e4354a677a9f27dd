"""How fast another library answers what `graft benchmark decode --json FILE` did, and whether it answers the same.

    python3 decode_peer.py FOLDER FILE [--peer transformers] [--rounds 5] [--json -]  # FOLDER as transformers reads it

In the precision of FILE, keys and values kept. Peers are transformers (preload tcmalloc, LD_PRELOAD, with which PyTorch is
faster) and ctranslate2, which converts FOLDER first and has no bf16 that is not f32 inside.
"""

import argparse
import json
import os
import statistics
import tempfile
import time


def transformers(folder, precision, threads):
    """A function from inputs, beams and a length to answers."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    torch.set_num_threads(threads)
    pair = AutoConfig.from_pretrained(folder).is_encoder_decoder
    model = (AutoModelForSeq2SeqLM if pair else AutoModelForCausalLM).from_pretrained(
        folder, dtype=torch.bfloat16 if precision == "bf16" else torch.float32).eval()

    def answer(inputs, beams, length):
        ids = torch.tensor(inputs)
        with torch.inference_mode():
            output = model.generate(
                ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=beams, max_new_tokens=length,
                min_new_tokens=length, eos_token_id=None, pad_token_id=0, early_stopping=False)
        return output[:, 1 if pair else ids.shape[1]:].tolist()

    return answer


def ctranslate2(folder, precision, threads):
    """The same; answers of a decoder end with its prompt."""
    import ctranslate2 as library
    from transformers import AutoConfig, AutoTokenizer

    pair = AutoConfig.from_pretrained(folder).is_encoder_decoder
    converted = os.path.join(tempfile.mkdtemp(), "model")
    library.converters.TransformersConverter(folder).convert(converted)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # A tokenizer need not have every special token, and of these the library uses none here.
    with open(os.path.join(converted, "config.json")) as file:
        configuration = {
            key: (value or tokenizer.eos_token) if key in ("bos_token", "eos_token", "unk_token") else value
            for key, value in json.load(file).items()}
    with open(os.path.join(converted, "config.json"), "w") as file:
        json.dump(configuration, file)
    model = (library.Translator if pair else library.Generator)(
        converted, device="cpu", compute_type="bfloat16" if precision == "bf16" else "float32", inter_threads=1,
        intra_threads=threads)

    def answer(inputs, beams, length):
        words = [tokenizer.convert_ids_to_tokens(ids) for ids in inputs]
        options = dict(beam_size=beams, max_batch_size=len(words))
        if pair:
            found = model.translate_batch(
                words, max_decoding_length=length, min_decoding_length=length, **options)
            return [tokenizer.convert_tokens_to_ids(result.hypotheses[0]) for result in found]
        found = model.generate_batch(
            words, max_length=length, min_length=length, include_prompt_in_result=False, **options)
        return [result.sequences_ids[0] for result in found]

    return answer


parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("file")
parser.add_argument("--peer", choices=["transformers", "ctranslate2"], default="transformers")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--json", help="- for JSON instead of lines for people")
options = parser.parse_args()

with open(options.file) as file:
    reports = json.load(file)
precision = reports[0]["precision"]
answer = {"transformers": transformers, "ctranslate2": ctranslate2}[options.peer](
    options.folder, precision, options.threads)
results = []
for report in reports:
    seconds = []
    for round in range(options.rounds + 1):
        start = time.perf_counter()
        answers = answer(report["inputs"], report["beams"], report["targetLength"])
        seconds.append(time.perf_counter() - start)
    rate = sum(map(len, answers)) / statistics.median(seconds[1:])
    same = sum(a == b for a, b in zip(answers, report["answers"]))
    results.append({
        "peer": options.peer, "batch": report["batch"], "beams": report["beams"], "precision": precision,
        "tokensPerSecond": rate, "answers": len(answers), "answersTheSame": same})
    if not options.json:
        print(
            f"batch {report['batch']:2} beams {report['beams']}: {options.peer:12} {rate:6.0f} tokens/s, graft "
            f"{report['tokensPerSecond']:6.0f}, {report['tokensPerSecond'] / rate:.1f} times; {same} of {len(answers)} "
            "answers the same", flush=True)
if options.json:
    print(json.dumps(results))

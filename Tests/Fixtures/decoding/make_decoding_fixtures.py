"""Makes what transformers' `generate` answers with the small models of ../huggingface.

    python3 make_decoding_fixtures.py        # writes beside itself

Needs torch and transformers. Everything is float32 on one thread.

NAME.json for t5, t5-v1.1 and gpt2
    end             the end-of-sequence token
    endRow          replaces the end's row of the output embedding: models with random weights hardly ever end an
                    answer by themselves. It is along the mean of the states that meet the output embedding, so long that the
                    end's logit is on average that of the fourth token
    limit           the most new tokens
    inputs          token ids an encoder reads, or for gpt2 the prompt
    greedy          for every input the new tokens, up to and with the end
    searches        of beam search, for every setting `beams`, `lengthPenalty`, `earlyStopping` and the `answers`:
                    for every input the new tokens of the best answer, and its `scores`
"""

import json
import os

import torch
from transformers import GPT2LMHeadModel, T5ForConditionalGeneration

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT, LIMIT, END = 30, 12, 1
SEARCHES = [
    (4, 1.0, False), (4, 1.0, True), (4, 0.0, False), (4, 0.6, False), (4, 2.0, False), (4, 2.0, True),
    (4, -0.5, False), (4, -0.5, True), (2, 1.0, False), (7, 1.3, True),
]


def random_inputs(vocabulary, generator):
    lengths = torch.randint(1, 20, (COUNT,), generator=generator).tolist()
    return [torch.randint(7, vocabulary, (n,), generator=generator).tolist() for n in lengths]


def batch_of(model, inputs):
    """Ids and attention mask; prompts are padded in front, what an encoder reads behind."""
    width = max(map(len, inputs))
    rows, mask = [], []
    for ids in inputs:
        gap = width - len(ids)
        behind = model.config.is_encoder_decoder
        rows.append(ids + [0] * gap if behind else [0] * gap + ids)
        mask.append([1] * len(ids) + [0] * gap if behind else [0] * gap + [1] * len(ids))
    return torch.tensor(rows), torch.tensor(mask)


def answer(model, inputs, **settings):
    ids, mask = batch_of(model, inputs)
    # The cache of a model whose encoder and decoder differ in depth is broken in transformers 5.23.
    output = model.generate(
        ids, attention_mask=mask, do_sample=False, max_new_tokens=LIMIT, eos_token_id=END, pad_token_id=0,
        return_dict_in_generate=True, output_scores=True, use_cache=False, **settings)
    start = 1 if model.config.is_encoder_decoder else ids.shape[1]
    answers = []
    for row in output.sequences[:, start:].tolist():
        answers.append(row[:row.index(END) + 1] if END in row else row)
    return answers, output


def make_end_row(model, inputs):
    kept = []
    handle = model.lm_head.register_forward_pre_hook(lambda module, args: kept.append(args[0][:, -1]))
    answer(model, inputs, num_beams=1)
    handle.remove()
    states = torch.cat(kept)
    mean = states.mean(0)
    scale = (states @ model.lm_head.weight.T).topk(4).values[:, 3].mean()
    row = scale * mean / mean.dot(mean)
    with torch.no_grad():
        model.lm_head.weight[END] = row
    return row.tolist()


def make(name, model_class):
    model = model_class.from_pretrained(os.path.join(HERE, "../huggingface", name)).eval()
    model.generation_config.eos_token_id = END
    inputs = random_inputs(300, torch.Generator().manual_seed(len(name)))
    record = {"end": END, "limit": LIMIT, "inputs": inputs}
    with torch.no_grad():
        record["endRow"] = make_end_row(model, inputs)
        record["greedy"] = answer(model, inputs, num_beams=1)[0]
        record["searches"] = []
        for beams, penalty, early in SEARCHES:
            answers, output = answer(
                model, inputs, num_beams=beams, length_penalty=penalty, early_stopping=early)
            record["searches"].append({
                "beams": beams, "lengthPenalty": penalty, "earlyStopping": early, "answers": answers,
                "scores": output.sequences_scores.tolist()})
            print(name, beams, penalty, early, "lengths", sorted(len(tokens) for tokens in answers))
    with open(os.path.join(HERE, f"{name}.json"), "w") as file:
        json.dump(record, file, separators=(",", ":"), sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    make("t5", T5ForConditionalGeneration)
    make("t5-v1.1", T5ForConditionalGeneration)
    make("gpt2", GPT2LMHeadModel)

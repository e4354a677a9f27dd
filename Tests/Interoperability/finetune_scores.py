"""Prints the score and the training time of a run: of Graft's from its files, or of one that transformers makes here.

    python3 finetune_scores.py graft RUN TASK
    python3 finetune_scores.py transformers MODEL TASK DATA SEED

Times are of training alone, from the first batch to the last update, without loading and scoring.
"""

import json
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Fixtures", "tasks"))

import read_tasks  # noqa: E402

# Of each task its fields, its answers (none of numbers), the metric, and the split that is scored.
TASKS = {
    "rte": (["sentence1", "sentence2"], ["entailment", "not_entailment"], "accuracy", "validation"),
    "mrpc": (["sentence1", "sentence2"], ["not_equivalent", "equivalent"], "f1", "validation"),
    "cola": (["sentence"], ["unacceptable", "acceptable"], "matthews", "validation"),
    "stsb": (["sentence1", "sentence2"], None, "pearson", "validation"),
    "snli-dev": (["premise", "hypothesis"], ["entailment", "neutral", "contradiction"], "accuracy", "snli-test"),
}


def show(name, task, metric, score, seconds):
    print(f"{name:13} {task:8} {metric:9} {100 * score:5.1f}   {seconds:6.1f} s", flush=True)


def of_graft(run, task):
    _, _, metric, split = TASKS[task]
    with open(os.path.join(run, "results.json")) as file:
        score = next(
            entry["score"] for entry in json.load(file)["results"]
            if entry["metric"] == metric and entry["split"] == split and not entry.get("group"))
    seconds = None
    with open(os.path.join(run, "events.jsonl")) as file:
        for line in file:
            event = json.loads(line)
            if event["event"] == "step":
                seconds = event["seconds"]
    show("graft", task, metric, score, seconds)


def rows(task, split, data):
    definition = read_tasks.definitions()[task]
    for _, fields, settings in read_tasks.split_rows(definition, split, data):
        label = settings.get("label", "label")
        read_tasks.preprocess(definition.get("preprocess", []), fields, label)
        yield fields


def of_transformers(model, task, data, seed):
    import numpy
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

    torch.set_num_threads(2)
    torch.manual_seed(seed)
    random.seed(seed)
    fields, labels, metric, scored = TASKS[task]
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model, num_labels=len(labels) if labels else 1)

    def examples(split):
        found = list(rows(task, split, data))
        texts = [[row[name] for row in found] for name in fields]
        encoded = tokenizer(*texts, truncation=True, max_length=128)["input_ids"]
        types = tokenizer(*texts, truncation=True, max_length=128)["token_type_ids"]
        answers = [float(row["rounded" if split == "train" else "score"]) if labels is None
                   else labels.index(row["label"]) for row in found]
        return list(zip(encoded, types, answers))

    def batch(part):
        longest = max(len(ids) for ids, _, _ in part)
        pad = [[0] * (longest - len(ids)) for ids, _, _ in part]
        return {
            "input_ids": torch.tensor([ids + more for (ids, _, _), more in zip(part, pad)]),
            "token_type_ids": torch.tensor([types + more for (_, types, _), more in zip(part, pad)]),
            "attention_mask": torch.tensor([[1] * len(ids) + more for (ids, _, _), more in zip(part, pad)]),
        }, torch.tensor([answer for _, _, answer in part])

    training, kept = examples("train"), examples(scored)
    updates = 3 * -(-len(training) // 32)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-5, weight_decay=0, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, round(updates / 10), updates)
    network.train()
    start = time.time()
    for _ in range(3):
        random.shuffle(training)
        for first in range(0, len(training), 32):
            inputs, answers = batch(training[first:first + 32])
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(**inputs).logits
            logits = logits.float()
            loss = (torch.nn.functional.mse_loss(logits[:, 0], answers) if labels is None
                    else torch.nn.functional.cross_entropy(logits, answers))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()
            schedule.step()
    seconds = time.time() - start
    network.eval()
    outputs = []
    with torch.no_grad():
        for first in range(0, len(kept), 32):
            outputs.append(network(**batch(kept[first:first + 32])[0]).logits)
    outputs, gold = torch.cat(outputs).numpy(), numpy.array([answer for _, _, answer in kept])
    if labels is None:
        score = numpy.corrcoef(outputs[:, 0], gold)[0, 1]
    else:
        from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

        chosen = outputs.argmax(-1)
        score = {"accuracy": accuracy_score, "f1": f1_score, "matthews": matthews_corrcoef}[metric](gold, chosen)
    show("transformers", task, metric, score, seconds)


if __name__ == "__main__":
    if sys.argv[1] == "graft":
        of_graft(*sys.argv[2:])
    else:
        of_transformers(*sys.argv[2:5], int(sys.argv[5]))

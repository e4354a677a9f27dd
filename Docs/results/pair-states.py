"""What a small layer can tell of pairs of texts from the frozen states of a model, by what of them it is given: the table of
Docs/LEARNING.md.

    graft convert --from rootstock-mini --to FOLDER
    python3 Docs/results/pair-states.py ../shared/data FOLDER      # needs torch, transformers and tokenizers; 15 minutes of a core

12,000 pairs of SNLI's development half, LingNLI and MultiNLI to learn from, 2,000 more and 2,000 of SNLI's test to answer; of twelve
passes the one that is best on the former.
"""

import csv
import gzip
import random
import sys

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

DATA, FOLDER = sys.argv[1:]
LABELS = ["entailment", "neutral", "contradiction"]


def lines(path):
    with gzip.open(f"{DATA}/{path}", "rt") as file:
        return [line.strip() for line in file]


def snli(part):
    return list(zip(*(lines(f"snli/{name}.{part}.gz") for name in ("s1", "s2", "labels"))))


def pairs():
    rows = snli("dev")
    for path in ("lingnli/train.tsv.gz", "mnli/train-13k.tsv.gz"):
        with gzip.open(f"{DATA}/{path}", "rt") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                rows.append((row["premise"], row["hypothesis"], row["label"]))
    generator = random.Random(1)
    generator.shuffle(rows)
    test = snli("test")
    generator.shuffle(test)
    return {"train": rows[:12000], "validation": rows[12000:14000], "SNLI test": test[:2000]}


model = AutoModelForCausalLM.from_pretrained(FOLDER, trust_remote_code=True).eval()
tokenizer = Tokenizer.from_file(f"{FOLDER}/tokenizer.json")
states = {}
model.stack.final_norm.register_forward_hook(lambda module, inputs, output: states.update(last=output))


def read(rows):
    """By what a layer is given: a vector for each row; and the labels."""
    parts = [
        [tokenizer.encode(text).ids[:90] for text in ("mnli hypothesis: ", hypothesis, " premise: ", premise)]
        for premise, hypothesis, _ in rows]
    given = {"mean": [], "counts": [], "compared": []}
    order = sorted(range(len(rows)), key=lambda i: sum(map(len, parts[i])))
    for start in range(0, len(order), 64):
        chosen = order[start:start + 64]
        lengths = torch.tensor([sum(map(len, parts[i])) for i in chosen])
        tokens = torch.zeros(len(chosen), lengths.max(), dtype=torch.long)
        for row, i in enumerate(chosen):
            tokens[row, :lengths[row]] = torch.tensor(sum(parts[i], []))
        mask = (torch.arange(tokens.shape[1]) < lengths[:, None]).long()
        with torch.no_grad():
            model(tokens, attention_mask=mask, prefix_lengths=lengths)
        for row, i in enumerate(chosen):
            words, hypothesis, more, premise = (len(part) for part in parts[i])
            hidden, from_ = states["last"][row], words + hypothesis + more
            u, v = hidden[words:words + hypothesis].mean(0), hidden[from_:from_ + premise].mean(0)
            new = sum(token not in set(parts[i][3]) for token in parts[i][1])
            given["mean"].append((i, hidden[:lengths[row]].mean(0)))
            given["counts"].append((i, torch.tensor([new / max(1, hypothesis), new, hypothesis, premise], dtype=torch.float)))
            given["compared"].append((i, torch.cat([u, v, (u - v).abs(), u * v])))
    return (
        {name: torch.stack([x for _, x in sorted(values, key=lambda value: value[0])]) for name, values in given.items()},
        torch.tensor([LABELS.index(row[2]) for row in rows]))


sets = {name: read(rows) for name, rows in pairs().items()}
for name in ("mean", "counts", "compared"):
    inputs, labels = {part: values[0][name] for part, values in sets.items()}, sets["train"][1]
    mean, deviation = inputs["train"].mean(0), inputs["train"].std(0) + 1e-5
    inputs = {part: (values - mean) / deviation for part, values in inputs.items()}
    torch.manual_seed(0)
    layer = torch.nn.Sequential(
        torch.nn.Dropout(0.2), torch.nn.Linear(len(mean), 256), torch.nn.Tanh(), torch.nn.Dropout(0.2), torch.nn.Linear(256, 3))
    optimizer = torch.optim.AdamW(layer.parameters(), 1e-3, weight_decay=0.05)
    best = (0, 0)
    for _ in range(12):
        layer.train()
        for batch in torch.randperm(len(labels)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(layer(inputs["train"][batch]), labels[batch]).backward()
            optimizer.step()
        layer.eval()
        with torch.no_grad():
            found = [
                100 * (layer(inputs[part]).argmax(1) == sets[part][1]).float().mean().item() for part in ("validation", "SNLI test")]
        best = max(best, tuple(found))
    print(f"{name:10}  validation {best[0]:.1f}  SNLI test {best[1]:.1f}")

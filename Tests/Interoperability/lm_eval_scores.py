"""Scores a model with lm-evaluation-harness and compares with what Graft wrote.

    python3 lm_eval_scores.py MODEL SCRATCH DATA SHOTS LIMIT TASK...

SCRATCH has ours.json of `graft evaluate --protocol lm-eval --json`; LIMIT is 0 for all rows. A MODEL that is served:RUN
is asked over HTTP: $GRAFT serves RUN, and the harness uses its client of OpenAI's completions. The prompts are those of the harness's own files, of
which only the place of the data is changed; the rows are read by Tests/Fixtures/tasks/read_tasks.py and brought into
the form of the data sets that the harness would fetch.
"""

import glob
import json
import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Fixtures", "tasks"))

import lm_eval  # noqa: E402
import read_tasks  # noqa: E402
from lm_eval.api.task import ConfigurableTask  # noqa: E402
from lm_eval.tasks._yaml_loader import load_yaml  # noqa: E402

# Of each task: the harness's file, Graft's task that the rows are of, its split, and a row as the harness has it.
def labelled(*names, labels):
    return lambda row: {**{new: row[old] for new, old in names}, "label": labels.index(row["label"])}


def same(*names):
    return [(name, name) for name in names]


def winogrande(row):
    first, second = row["context1"], row["context2"]
    start = len(os.path.commonprefix([first, second]))
    return {
        "sentence": f"{first[:start]}_ {row['continuation']}", "option1": first[start:], "option2": second[start:],
        "answer": "1" if row["label"] == "{context1}" else "2"}


def piqa(row):
    return {
        "goal": row["goal"], "sol1": row["solution1"], "sol2": row["solution2"],
        "label": 0 if row["label"] == "{solution1}" else 1}


def copa(row):
    names = ["premise", "choice1", "choice2", "question"]
    return {**{name: row[name] for name in names}, "label": 0 if row["label"] == "{choice1}" else 1}


def commonsense(row):
    return {
        "question": row["question"], "choices": {"text": [row[name] for name in "abcde"]},
        "answerKey": row["label"].strip("{}").upper()}


TASKS = {
    "piqa": ("piqa/piqa", "piqa", "validation", piqa),
    "winogrande": ("winogrande/default", "winogrande-contexts", "validation", winogrande),
    "copa": ("super_glue/copa/default", "copa-ranking", "validation", copa),
    "boolq": (
        "super_glue/boolq/default", "boolq", "validation",
        labelled(*same("passage", "question"), labels=["False", "True"])),
    "cb": (
        "super_glue/cb/default", "cb", "validation",
        labelled(*same("premise", "hypothesis"), labels=["entailment", "contradiction", "neutral"])),
    "rte": (
        "glue/rte/default", "rte", "validation",
        labelled(*same("sentence1", "sentence2"), labels=["entailment", "not_entailment"])),
    "mrpc": (
        "glue/mrpc/default", "mrpc", "validation",
        labelled(*same("sentence1", "sentence2"), labels=["not_equivalent", "equivalent"])),
    "sst2": ("glue/sst2/default", "sst2", "validation", labelled(*same("sentence"), labels=["negative", "positive"])),
    "cola": (
        "glue/cola/default", "cola", "validation", labelled(*same("sentence"), labels=["unacceptable", "acceptable"])),
    "wnli": (
        "glue/wnli/default", "wnli", "validation",
        labelled(*same("sentence1", "sentence2"), labels=["not_entailment", "entailment"])),
    "qnli": (
        "glue/qnli/default", "qnli", "validation",
        labelled(*same("question", "sentence"), labels=["entailment", "not_entailment"])),
    "qqp": (
        "glue/qqp/default", "qqp", "validation",
        labelled(*same("question1", "question2"), labels=["not_duplicate", "duplicate"])),
    "mnli": (
        "glue/mnli/default", "mnli", "validation-matched",
        labelled(*same("premise", "hypothesis"), labels=["entailment", "neutral", "contradiction"])),
    "commonsense_qa": ("commonsense_qa/default", "commonsense-qa", "validation", commonsense),
    "lambada_openai": ("lambada/lambada_openai", "lambada", "test", lambda row: {"text": f"{row['context']} {row['word']}"}),
}


def rows(definition, split, data):
    label = definition["source"].get("label", "label")
    for _, fields, _ in read_tasks.split_rows(definition, split, data):
        # Of what Graft does to a row before it makes a prompt of it only what the data sets have as well.
        read_tasks.preprocess(["trim"], fields, label)
        yield fields


def harness_task(name, scratch, data, shots):
    path, task, split, made = TASKS[name]
    config = load_yaml(os.path.join(os.path.dirname(lm_eval.__file__), "tasks", f"{path}.yaml"))
    for key in ("tag", "dataset_name", "metadata"):
        config.pop(key, None)
    splits = {config.get("test_split") or config["validation_split"]: split}
    if "training_split" in config:
        if shots:
            splits[config["training_split"]] = "train"
        else:
            del config["training_split"]
    files = {}
    for theirs, ours in splits.items():
        files[theirs] = os.path.join(scratch, f"{name}-{theirs}.jsonl")
        with open(files[theirs], "w", encoding="utf-8") as out:
            for index, row in enumerate(rows(read_tasks.definitions()[task], ours, data)):
                # All of the data sets but LAMBADA number the rows of each split.
                out.write(json.dumps({**made(row), "idx": index}) + "\n")
    config.update(task=name, dataset_path="json", dataset_kwargs={"data_files": files})
    return ConfigurableTask(config=config)


@contextmanager
def opened(model, scratch):
    """The model as the harness takes it."""
    if not model.startswith("served:"):
        import torch
        from lm_eval.models.huggingface import HFLM

        torch.set_num_threads(1)
        yield HFLM(pretrained=model, device="cpu", dtype="float32", batch_size=16)
        return
    from lm_eval.models.openai_completions import LocalCompletionsAPI
    from transformers import PreTrainedTokenizerFast

    run = model.removeprefix("served:")
    tokenizer = os.path.join(scratch, "tokenizer")
    PreTrainedTokenizerFast(
        tokenizer_file=os.path.join(run, "tokenizer.json"), eos_token="</s>").save_pretrained(tokenizer)
    with open(os.path.join(run, "config.json")) as file:
        # The start token takes a position. What the answer ends with is not read; the harness asks for one token more.
        positions = json.load(file).get("maximumLength", 2048) - 1
    process = subprocess.Popen(
        [os.environ["GRAFT"], "serve", run, "--port", "0", "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{address}v1/models") as answer:
            name = json.load(answer)["data"][0]["id"]
        yield LocalCompletionsAPI(
            model=name, base_url=f"{address}v1/completions", tokenizer=tokenizer,
            tokenizer_backend="huggingface", max_length=positions, batch_size=16, num_concurrent=1)
    finally:
        process.terminate()
        process.wait()


def main():
    model, scratch, data, shots, limit, *names = sys.argv[1:]
    shots, limit = int(shots), int(limit)
    with open(os.path.join(scratch, "ours.json")) as file:
        ours = json.load(file)["results"]
    with opened(model, scratch) as asked:
        results = lm_eval.simple_evaluate(
            model=asked, tasks=[harness_task(name, scratch, data, shots) for name in names], num_fewshot=shots,
            limit=limit or None, bootstrap_iters=2)["results"]
    differences = 0
    for name in names:
        for key, value in sorted(results[name].items()):
            metric = key.split(",")[0]
            if not isinstance(value, float) or metric.endswith("_stderr") and key not in ours[name]:
                continue
            got = ours[name].get(key)
            # A perplexity may have more digits than f32.
            equal = got is not None and (f"{got:.4f}" == f"{value:.4f}" or abs(got / value - 1) < 1e-6)
            differences += not equal
            print(f"{name:16} {metric:16} {value:10.4f} {'missing' if got is None else f'{got:10.4f}'}{'' if equal else '  *'}")
    print(f"{differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()

"""Compares what `graft evaluate --json` answered with the exported model in transformers.

    python3 compare_decisions.py EXPORTED RESULTS PROMPTS LENGTH

EXPORTED is what `graft convert` wrote, RESULTS a folder with the predictions of `graft evaluate --json`, PROMPTS what
`graft inspect task` prints of the same split, LENGTH the input length. Ends with 1 if a decision differs, or a log-probability by more than 1e-4.
"""

import glob
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def main():
    exported, results, prompts, length = *sys.argv[1:4], int(sys.argv[4])
    torch.set_grad_enabled(False)
    tokenizer = AutoTokenizer.from_pretrained(exported)
    model, report = AutoModelForSequenceClassification.from_pretrained(exported, output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"], report
    model.eval()
    paths = glob.glob(f"{results}/results*/**/*.jsonl", recursive=True)
    rows = [json.loads(line) for path in paths for line in open(path)]
    assert rows, f"no predictions in {results}"
    inputs, name = {}, None
    for line in open(prompts, encoding="utf-8"):
        if line.startswith("  inputs   "):
            inputs[name] = line[len("  inputs   "):].rstrip("\n")
        elif not line.startswith(" "):
            name = line.strip()
    equal, worst = 0, 0.0
    for row in rows:
        text = tokenizer(inputs[row["identifier"]], add_special_tokens=False)["input_ids"]
        ids = [tokenizer.cls_token_id] + text + [tokenizer.sep_token_id]
        if len(ids) > length:
            ids = ids[:length - 1] + [tokenizer.sep_token_id]
        expected = torch.log_softmax(model(input_ids=torch.tensor([ids])).logits[0], -1)
        equal += int(expected.argmax()) == row["choice"]
        worst = max(worst, (expected - torch.tensor(row["choiceScores"])).abs().max().item())
    print(f"{equal} of {len(rows)} decisions equal, largest difference of a log-probability {worst:.1e}")
    sys.exit(0 if equal == len(rows) and worst < 1e-4 else 1)


if __name__ == "__main__":
    main()

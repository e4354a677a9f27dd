"""Has PEFT load adapters that Graft wrote, and compares logits.

    python3 compare_with_peft.py GRAFT [ADAPTER ...]

GRAFT is the executable. Each ADAPTER is a run or checkpoint of Graft's that was trained with --lora-rank beside a Hugging
Face folder, or a folder of PEFT's; by default the folders beside this file. An adapter of PEFT's becomes one of Graft's and
one of PEFT's again, and the logits of the two are compared. In any case PEFT's logits with the adapter that Graft wrote are
compared with those of the model that `graft convert --merge` wrote. Needs torch, transformers and peft. Ends with 1 if a
difference exceeds 1e-4.
"""

import json
import os
import subprocess
import sys
import tempfile

import torch
import transformers
from peft import PeftModel

HERE = os.path.dirname(os.path.abspath(__file__))


def graft(*arguments):
    subprocess.run([sys.argv[1], *arguments], check=True, capture_output=True, text=True)


def load(folder, architecture, **options):
    model, report = getattr(transformers, architecture).from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, **options)
    return model.eval(), report


def logits(model):
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(5, min(200, model.config.vocab_size), (2, 20), generator=generator)
    more = {"decoder_input_ids": ids[:, :9]} if model.config.is_encoder_decoder else {}
    with torch.no_grad():
        return model(input_ids=ids, **more).logits


def adapted(folder, base, architecture, labels):
    options = {"num_labels": labels} if "SequenceClassification" in architecture else {}
    model, _ = load(base, architecture, **options)
    plain = logits(model)
    model = PeftModel.from_pretrained(model, folder).eval()
    return logits(model), plain


def main():
    torch.set_num_threads(1)
    sources = sys.argv[2:] or sorted(
        os.path.join(HERE, name) for name in os.listdir(HERE) if os.path.isdir(os.path.join(HERE, name)))
    worst = 0
    for source in sources:
        with tempfile.TemporaryDirectory() as folder:
            merged, peft = os.path.join(folder, "merged"), os.path.join(folder, "peft")
            graft("convert", "--from", source, "--merge", "--layout", "huggingface", "--to", merged)
            is_peft = os.path.exists(os.path.join(source, "adapter_config.json"))
            if is_peft:
                own = os.path.join(folder, "graft")
                graft("convert", "--from", source, "--to", own)
                graft("convert", "--from", own, "--to", peft)
            else:
                graft("convert", "--from", source, "--to", peft)
            with open(os.path.join(merged, "config.json")) as file:
                config = json.load(file)
            architecture, labels = config["architectures"][0], len(config.get("id2label", [0, 1]))
            with open(os.path.join(peft, "adapter_config.json")) as file:
                base = json.load(file)["base_model_name_or_path"]
            model, report = load(merged, architecture)
            assert not report["missing_keys"], report
            expected = logits(model)
            got, plain = adapted(peft, base, architecture, labels)
            differences = [(got - expected).abs().max().item()]
            if is_peft:
                theirs, _ = adapted(source, base, architecture, labels)
                differences.append((got - theirs).abs().max().item())
            worst = max(worst, *differences)
            change = (got - plain).abs().max().item()
            print(f"{source}: {', '.join(f'{d:.1e}' for d in differences)}; the adapter changes {change:.1e}")
    sys.exit(worst > 1e-4)


main()

"""Makes adapters with PEFT beside the folders of ../huggingface, and what transformers and PEFT compute with them.

    python3 make_adapters.py [DIR]

Needs torch, transformers and peft; writes into DIR, by default the folder of this file. For each NAME there is a folder
as `save_pretrained` of PEFT writes it, whose values are drawn, and

    NAME.json                 targets: of every position, or the label of the text
                              losses: mean cross-entropy before each of ten AdamW updates of all that PEFT trains
    NAME.outputs.safetensors  logits: of the sequences of ../huggingface/NAME.json
                              gradient.KEY: of that loss before the first update, KEY being the tensor's in the adapter
"""

import json
import os
import sys

import torch
import torch.nn.functional as F
import transformers
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
BASES = os.path.join(os.path.dirname(HERE), "huggingface")
ADAM = {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}

ADAPTERS = {
    "bert-classifier": dict(
        task_type="SEQ_CLS", r=2, lora_alpha=4, target_modules=["query", "value"],
        modules_to_save=["pooler.dense", "classifier"]),
    "gpt-neox": dict(
        task_type="CAUSAL_LM", r=2, lora_alpha=4, target_modules=["query_key_value", "dense_4h_to_h"]),
    "gpt2": dict(task_type="CAUSAL_LM", r=3, lora_alpha=6, target_modules=["c_attn", "c_proj"], fan_in_fan_out=True),
    "llama": dict(
        task_type="CAUSAL_LM", r=2, lora_alpha=3, target_modules=["q_proj", "v_proj", "down_proj"], use_rslora=True),
    # PEFT has no name for masked language modelling.
    "modernbert": dict(r=2, lora_alpha=4, target_modules=["Wqkv", "Wi"]),
    "t5": dict(task_type="SEQ_2_SEQ_LM", r=2, lora_alpha=4, target_modules="all-linear"),
}


def make(name, options, root):
    base = os.path.join(BASES, name)
    with open(os.path.join(base, "config.json")) as file:
        architecture = json.load(file)["architectures"][0]
    model = getattr(transformers, architecture).from_pretrained(base, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(**options)).eval()
    generator = torch.Generator().manual_seed(5)
    trained = [(key, value) for key, value in model.named_parameters() if value.requires_grad]
    with torch.no_grad():
        for key, value in trained:
            if "lora_" in key:
                value.copy_(torch.randn(value.shape, generator=generator) * 0.2)
    for config in model.peft_config.values():
        config.base_model_name_or_path = f"../../huggingface/{name}"
    model.save_pretrained(os.path.join(root, name))
    os.remove(os.path.join(root, name, "README.md"))

    with open(os.path.join(BASES, f"{name}.json")) as file:
        ids = json.load(file)
    encoder, decoder = ids.get("encoder"), ids.get("decoder")
    inputs = {"input_ids": torch.tensor([encoder or decoder])}
    if encoder and decoder:
        inputs["decoder_input_ids"] = torch.tensor([decoder])

    def logits():
        return model(**inputs).logits[0]

    classifies = options.get("task_type") == "SEQ_CLS"
    count = 1 if classifies else len(decoder or encoder)
    choices = logits().shape[-1]
    targets = [(7 * i + 1) % choices for i in range(count)]

    def loss():
        return F.cross_entropy(logits().reshape(count, -1), torch.tensor(targets))

    outputs = {"logits": logits().detach().clone()}
    loss().backward()
    gradients = {key: value.grad for key, value in trained}
    names = get_peft_model_state_dict(model, state_dict={key: key for key, _ in trained})
    for key, parameter in names.items():
        outputs[f"gradient.{key}"] = gradients[parameter].clone()
    optimizer = torch.optim.AdamW(
        [
            {"params": [value for _, value in trained if value.dim() > 1]},
            {"params": [value for _, value in trained if value.dim() == 1], "weight_decay": 0.0},
        ], **ADAM)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        value = loss()
        losses.append(value.item())
        value.backward()
        optimizer.step()
    save_file({key: value.contiguous() for key, value in outputs.items()},
              os.path.join(root, f"{name}.outputs.safetensors"))
    with open(os.path.join(root, f"{name}.json"), "w") as file:
        json.dump({"targets": targets, "losses": losses}, file, indent=1)
        file.write("\n")


def main():
    torch.set_num_threads(1)
    for name, options in ADAPTERS.items():
        make(name, options, sys.argv[1] if len(sys.argv) > 1 else HERE)


main()

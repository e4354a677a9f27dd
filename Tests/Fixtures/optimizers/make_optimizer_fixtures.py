"""Makes the optimizer fixtures.

    python3 make_optimizer_fixtures.py    # writes optimizers.safetensors and optimizers.json beside itself

Needs torch, transformers and safetensors. Four small parameters (matrix [7, 5], table [3, 33], stack
[2, 3, 4] and vector [6]) take ten updates from given gradients, which shrink, grow and vanish in places.

optimizers.safetensors
    initial.PARAMETER, gradient.STEP.PARAMETER for STEP 1…10
    CASE.STEP.PARAMETER: values after that update, for STEP 1, 2, 5 and 10
optimizers.json
    the settings of each CASE under Graft's option names, with `optimizer` and `learningRate`
"""

import json
import os

import torch
from safetensors.torch import save_file
from transformers.optimization import Adafactor

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = {"matrix": (7, 5), "stack": (2, 3, 4), "table": (3, 33), "vector": (6,)}
STEPS = 10
KEPT = (1, 2, 5, 10)

CASES = {
    "adamw": {"optimizer": "adamw", "learningRate": 1e-2, "weight-decay": 0.1},
    "adamw-betas": {
        "optimizer": "adamw", "learningRate": 3e-3, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6,
        "weight-decay": 0.0},
    "adafactor-relative": {"optimizer": "adafactor", "learningRate": 0.0, "relative-step": True},
    "adafactor-warmup": {
        "optimizer": "adafactor", "learningRate": 0.0, "relative-step": True, "warmup-init": True},
    "adafactor-external": {"optimizer": "adafactor", "learningRate": 1e-2},
    "adafactor-unscaled": {"optimizer": "adafactor", "learningRate": 1e-3, "scale-parameter": False},
}


def make_optimizer(case, parameters):
    rate = case["learningRate"]
    if case["optimizer"] == "adamw":
        decay = case["weight-decay"]
        return torch.optim.AdamW(
            [{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": decay},
             {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}],
            lr=rate, betas=(case.get("beta1", 0.9), case.get("beta2", 0.999)),
            eps=case.get("epsilon", 1e-8), foreach=False)
    relative = case.get("relative-step", False)
    return Adafactor(
        parameters, lr=None if relative else rate, relative_step=relative,
        scale_parameter=case.get("scale-parameter", True), warmup_init=case.get("warmup-init", False))


if __name__ == "__main__":
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(11)
    tensors = {}
    for name, shape in SHAPES.items():
        tensors[f"initial.{name}"] = 0.3 * torch.randn(shape, generator=generator)
        for step in range(1, STEPS + 1):
            gradient = torch.randn(shape, generator=generator) * 10.0 ** ((step * 7) % 5 - 2)
            gradient[..., 0] *= step % 2  # a column (or element) without gradient in every second step
            tensors[f"gradient.{step}.{name}"] = gradient
    for case_name, case in CASES.items():
        parameters = {n: torch.nn.Parameter(tensors[f"initial.{n}"].clone()) for n in SHAPES}
        optimizer = make_optimizer(case, list(parameters.values()))
        for step in range(1, STEPS + 1):
            for name, parameter in parameters.items():
                parameter.grad = tensors[f"gradient.{step}.{name}"].clone()
            optimizer.step()
            if step in KEPT:
                for name, parameter in parameters.items():
                    tensors[f"{case_name}.{step}.{name}"] = parameter.detach().clone()
    save_file(tensors, os.path.join(HERE, "optimizers.safetensors"))
    with open(os.path.join(HERE, "optimizers.json"), "w") as file:
        json.dump(CASES, file, indent=1, sort_keys=True)
        file.write("\n")

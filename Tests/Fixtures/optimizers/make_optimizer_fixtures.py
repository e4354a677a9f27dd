"""Makes the optimizer fixtures.

    python3 make_optimizer_fixtures.py    # writes optimizers.safetensors and optimizers.json beside itself

Needs torch, transformers, numpy and safetensors. Small parameters (matrix [7, 5], table [3, 33], stack [2, 3, 4], vector
[6], wide [5, 16] and tall [19, 8]) take ten updates from given gradients, which shrink, grow and vanish in places. Muon is
written out in NumPy, in double precision, as is AdamW scaled by root mean squares; what Muon does not take is updated by torch's
AdamW.

optimizers.safetensors
    initial.PARAMETER, gradient.STEP.PARAMETER for STEP 1…10
    CASE.STEP.PARAMETER: values after that update, for STEP 1, 2, 5 and 10
optimizers.json
    the settings of each CASE under Graft's option names, with `optimizer` and `learningRate`
"""

import json
import os

import numpy
import torch
from safetensors.torch import save_file
from transformers.optimization import Adafactor

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = {
    "matrix": (7, 5), "stack": (2, 3, 4), "table": (3, 33), "vector": (6,), "wide": (5, 16), "tall": (19, 8)}
# What Muon takes: hidden matrices. The table is an embedding, the stack has three dimensions.
HIDDEN = ("matrix", "wide", "tall")
STEPS = 10
KEPT = (1, 2, 5, 10)

CASES = {
    "adamw": {"optimizer": "adamw", "learningRate": 1e-2, "weight-decay": 0.1},
    "adamw-betas": {
        "optimizer": "adamw", "learningRate": 3e-3, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6,
        "weight-decay": 0.0},
    "adamw-scaled": {
        "optimizer": "adamw", "learningRate": 2e-2, "beta2": 0.98, "weight-decay": 0.5, "scale-by-rms": True},
    "adafactor-relative": {"optimizer": "adafactor", "learningRate": 0.0, "relative-step": True},
    "adafactor-warmup": {
        "optimizer": "adafactor", "learningRate": 0.0, "relative-step": True, "warmup-init": True},
    "adafactor-external": {"optimizer": "adafactor", "learningRate": 1e-2},
    "adafactor-unscaled": {"optimizer": "adafactor", "learningRate": 1e-3, "scale-parameter": False},
    "muon": {"optimizer": "muon", "learningRate": 2e-2, "weight-decay": 0.5, "adamw.rate": 0.1, "adamw.beta2": 0.95},
    "muon-plain": {
        "optimizer": "muon", "learningRate": 1e-2, "nesterov": False, "momentum": 0.8, "iterations": 3,
        "weight-decay": 0.0},
    "muon-warmup": {
        "optimizer": "muon", "learningRate": 2e-2, "momentum-warmup": 4, "momentum-start": 0.6, "weight-decay": 0.1},
    "muon-neurons": {
        "optimizer": "muon", "learningRate": 1e-2, "row-scaling": True, "row-beta": 0.9, "cautious-decay": True,
        "weight-decay": 2.0},
}


class Muon:
    """Muon for the hidden matrices, AdamW for the rest."""

    def __init__(self, parameters, case):
        self.case = case
        self.updates = 0
        self.hidden = [p for name, p in zip(SHAPES, parameters) if name in HIDDEN]
        rest = [p for name, p in zip(SHAPES, parameters) if name not in HIDDEN]
        self.rest = torch.optim.AdamW(
            [{"params": [p for p in rest if p.dim() >= 2], "weight_decay": 0.01},
             {"params": [p for p in rest if p.dim() < 2], "weight_decay": 0.0}],
            lr=case["learningRate"] * case.get("adamw.rate", 0.05), betas=(0.9, case.get("adamw.beta2", 0.999)),
            eps=1e-8, foreach=False)
        self.values = [p.detach().numpy().astype(numpy.float64) for p in self.hidden]
        self.momenta = [numpy.zeros_like(v) for v in self.values]
        self.moments = [numpy.zeros(max(v.shape)) for v in self.values]

    @staticmethod
    def orthogonalized(u, iterations):
        x = u / (numpy.linalg.norm(u) + 1e-7)
        if x.shape[0] > x.shape[1]:
            return Muon.iterated(x.T, iterations).T
        return Muon.iterated(x, iterations)

    @staticmethod
    def iterated(x, iterations):
        a, b, c = 3.4445, -4.7750, 2.0315
        for _ in range(iterations):
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        return x

    def step(self):
        self.rest.step()
        case = self.case
        mu, rate, decay = case.get("momentum", 0.95), case["learningRate"], case["weight-decay"]
        if self.updates < case.get("momentum-warmup", 0):
            start = case["momentum-start"]
            mu = start + (mu - start) * self.updates / case["momentum-warmup"]
        self.updates += 1
        for i, parameter in enumerate(self.hidden):
            g = parameter.grad.numpy().astype(numpy.float64)
            w = self.values[i]
            self.momenta[i] = mu * self.momenta[i] + (1 - mu) * g
            u = (1 - mu) * g + mu * self.momenta[i] if case.get("nesterov", True) else self.momenta[i]
            x = self.orthogonalized(u, case.get("iterations", 5))
            if case.get("row-scaling"):
                beta, axis = case["row-beta"], 1 if w.shape[0] >= w.shape[1] else 0
                self.moments[i] = beta * self.moments[i] + (1 - beta) * (x * x).mean(axis=axis)
                norm = numpy.linalg.norm(x)
                x = x / numpy.expand_dims(numpy.maximum(numpy.sqrt(self.moments[i]), 1e-10), axis)
                x = x * (norm / numpy.linalg.norm(x))
            shrinks = (x * w >= 0) if case.get("cautious-decay") else numpy.ones_like(w)
            w = w - rate * decay * shrinks * w - rate * max(1, w.shape[0] / w.shape[1]) ** 0.5 * x
            self.values[i] = w
            parameter.data = torch.tensor(w, dtype=torch.float32)


class ScaledAdamW:
    """AdamW whose step, without the decay, is scaled by max(1e-3, RMS of the parameter before the update)."""

    def __init__(self, parameters, case):
        self.case, self.parameters, self.updates = case, parameters, 0
        self.values = [p.detach().numpy().astype(numpy.float64) for p in parameters]
        self.first = [numpy.zeros_like(v) for v in self.values]
        self.second = [numpy.zeros_like(v) for v in self.values]

    def step(self):
        self.updates += 1
        rate, beta1, beta2 = self.case["learningRate"], 0.9, self.case["beta2"]
        for i, parameter in enumerate(self.parameters):
            g, w = parameter.grad.numpy().astype(numpy.float64), self.values[i]
            self.first[i] = beta1 * self.first[i] + (1 - beta1) * g
            self.second[i] = beta2 * self.second[i] + (1 - beta2) * g * g
            mean = self.first[i] / (1 - beta1 ** self.updates)
            root = numpy.sqrt(self.second[i] / (1 - beta2 ** self.updates))
            scale = max(1e-3, numpy.sqrt((w * w).mean()))
            decay = self.case["weight-decay"] if w.ndim >= 2 else 0.0
            self.values[i] = w - rate * decay * w - rate * scale * mean / (root + 1e-8)
            parameter.data = torch.tensor(self.values[i], dtype=torch.float32)


def make_optimizer(case, parameters):
    rate = case["learningRate"]
    if case.get("scale-by-rms"):
        return ScaledAdamW(parameters, case)
    if case["optimizer"] == "adamw":
        decay = case["weight-decay"]
        return torch.optim.AdamW(
            [{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": decay},
             {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}],
            lr=rate, betas=(case.get("beta1", 0.9), case.get("beta2", 0.999)),
            eps=case.get("epsilon", 1e-8), foreach=False)
    if case["optimizer"] == "muon":
        return Muon(parameters, case)
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

"""The strongest small language model that plain PyTorch makes of a corpus in a given time, for a comparison with the
same clock: a decoder of recent parts trained by causal language modelling with Muon and Adam in bf16.

    LD_PRELOAD=libtcmalloc_minimal.so.4 python3 peer_pretraining.py --corpus a.jsonl b.jsonl --tokenizer tokenizer.json \\
        --seconds 1800 --held-out held.txt --output model.pt

Texts are the field `text` of JSON lines, tokenised by Hugging Face tokenizers with the same tokenizer.json; documents
stand one after another with end-of-sequence between them, windows are shuffled. The rate is constant and falls to zero
over the last 60 % of the time. At the end stands the held-out text's loss in bits per byte, over windows as long as in
training, the time without reading and tokenising the corpus.
"""

import argparse
import json
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", nargs="+", required=True)
parser.add_argument("--tokenizer", required=True)
parser.add_argument("--held-out", required=True)
parser.add_argument("--seconds", type=float, required=True)
parser.add_argument("--output")
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--layers", type=int, default=8)
parser.add_argument("--length", type=int, default=128)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--muon-rate", type=float, default=0.02)
parser.add_argument("--adam-rate", type=float, default=0.003)
parser.add_argument("--bytes", type=float, default=math.inf, help="read at most so many bytes of text")
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

torch.manual_seed(options.seed)
tokenizer = Tokenizer.from_file(options.tokenizer)
END = tokenizer.token_to_id("</s>")
START = tokenizer.token_to_id("<pad>")
VOCABULARY = tokenizer.get_vocab_size()


def documents():
    read = 0
    for path in options.corpus:
        with open(path) as lines:
            for line in lines:
                read += len(line)
                if read > options.bytes:
                    return
                yield json.loads(line)["text"]


def tokens():
    parts, batch = [], []

    def flush():
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            parts.append(np.array(encoding.ids + [END], dtype=np.uint16))
        batch.clear()

    for text in documents():
        batch.append(text)
        if len(batch) == 256:
            flush()
    flush()
    return np.concatenate(parts)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.inner = nn.Linear(width, 4 * width, bias=False)
        self.outer = nn.Linear(4 * width, width, bias=False)
        self.mix = nn.Parameter(torch.tensor([1.0, 0.0]))
        nn.init.zeros_(self.attention_out.weight)
        nn.init.zeros_(self.outer.weight)

    def forward(self, x, first, cosine, sine):
        x = self.mix[0] * x + self.mix[1] * first
        n, length, width = x.shape
        query, key, value = self.attention(F.rms_norm(x, (width,))).view(n, length, 3, self.heads, -1).unbind(2)

        def turned(y):
            lower, upper = F.rms_norm(y, (y.shape[-1],)).chunk(2, -1)
            return torch.cat([lower * cosine - upper * sine, upper * cosine + lower * sine], -1).transpose(1, 2)

        mixed = F.scaled_dot_product_attention(
            turned(query), turned(key), value.transpose(1, 2), is_causal=True, scale=0.17)
        x = x + self.attention_out(mixed.transpose(1, 2).reshape(n, length, width))
        return x + self.outer(F.relu(self.inner(F.rms_norm(x, (width,)))).square())


class Model(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(width, width // 64) for _ in range(layers))
        half = 32
        angles = torch.outer(torch.arange(4096).float(), 10000.0 ** (-torch.arange(half).float() / half))
        self.register_buffer("cosine", angles.cos()[:, None], persistent=False)
        self.register_buffer("sine", angles.sin()[:, None], persistent=False)

    def states(self, inputs):
        width = self.embedding.weight.shape[1]
        first = x = F.rms_norm(self.embedding(inputs), (width,))
        cosine, sine = self.cosine[:inputs.shape[1]], self.sine[:inputs.shape[1]]
        for block in self.blocks:
            x = block(x, first, cosine, sine)
        return F.rms_norm(x, (width,))

    def forward(self, inputs, targets, reduction="mean"):
        logits = self.states(inputs) @ self.embedding.weight.T
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction=reduction)


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, rate, momentum=0.95, decay=0.01):
        super().__init__(parameters, {"lr": rate, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                x = p.grad.lerp(m, group["momentum"])
                tall = x.shape[0] > x.shape[1]
                x = (x.T if tall else x).bfloat16()
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    gram = x @ x.T
                    x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
                x = (x.T if tall else x).float()
                p.mul_(1 - group["lr"] * group["decay"])
                p.add_(x, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def held_out(model):
    text = open(options.held_out).read()
    ids = torch.tensor(tokenizer.encode(text, add_special_tokens=False).ids)
    total = 0.0
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(ids), options.length):
            window = ids[start:start + options.length]
            inputs = torch.cat([torch.tensor([START]), window[:-1]])
            total += model(inputs[None], window[None], reduction="sum").item()
    return total / math.log(2) / len(text.encode())


def main():
    ids = tokens()
    windows = len(ids) // options.length
    order = np.random.default_rng(options.seed).permutation(windows)
    model = Model(options.width, options.layers)
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    others = [p for p in model.parameters() if p.dim() != 2] + [model.embedding.weight]
    optimizers = [
        Muon(matrices, options.muon_rate),
        torch.optim.Adam(others, lr=options.adam_rate, betas=(0.9, 0.99), fused=True)]
    rates = [options.muon_rate, options.adam_rate]
    begun = time.time()
    step = 0
    while (share := (time.time() - begun) / options.seconds) < 1:
        for optimizer, rate in zip(optimizers, rates):
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1, (step + 1) / 50) * min(1, (1 - share) / 0.6)
        chosen = order[np.arange(step * options.batch, (step + 1) * options.batch) % windows]
        batch = np.stack([ids[w * options.length:(w + 1) * options.length] for w in chosen]).astype(np.int64)
        targets = torch.from_numpy(batch)
        inputs = torch.cat([torch.full((len(batch), 1), START), targets[:, :-1]], 1)
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(inputs, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        step += 1
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.3f} share {share:.2f}", flush=True)
    seen = step * options.batch * options.length
    print(json.dumps({
        "updates": step, "tokens": seen, "passes": seen / len(ids), "parameters": sum(
            p.numel() for p in model.parameters()), "bitsPerByte": held_out(model)}))
    if options.output:
        torch.save(model.state_dict(), options.output)


main()

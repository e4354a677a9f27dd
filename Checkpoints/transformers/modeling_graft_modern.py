"""Graft's `modern` models for transformers: load a folder that `graft convert` wrote with

    AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)     # decoders
    AutoModelForMaskedLM.from_pretrained(folder, trust_remote_code=True)     # encoders

A model whose `layout` is `prefix-decoder` reads the first `prefix_lengths[i]` tokens of text i from both sides. Nothing
is cached between calls: `generate` reads its text anew for every token.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput, MaskedLMOutput


class GraftModernConfig(PretrainedConfig):
    model_type = "graft-modern"

    def __init__(
            self, vocab_size=8192, hidden_size=256, num_hidden_layers=8, num_attention_heads=4, head_dim=64,
            intermediate_size=1024, hidden_act="relu2", gated=False, rms_norm_eps=1e-6, layout="prefix-decoder",
            positions="rotary", rope_theta=10000.0, relative_buckets=32, relative_distance=128, head_norm=True,
            score_scale=0.17, embedding_norm=True, shortcut=True, value_embedding_stride=None, bigram_rows=None,
            logit_cap=None, tie_word_embeddings=True, **others):
        for name, value in locals().items():
            if name not in ("self", "others", "__class__"):
                setattr(self, name, value)
        others.setdefault("use_cache", False)
        super().__init__(tie_word_embeddings=tie_word_embeddings, **others)


ACTIVATIONS = {
    "relu": F.relu, "relu2": lambda x: F.relu(x).square(), "sigmoid": torch.sigmoid, "silu": F.silu,
    "tanh": torch.tanh, "gelu": F.gelu, "gelu_new": lambda x: F.gelu(x, approximate="tanh")}


class Norm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        return normalized(x, self.epsilon) * self.weight


def normalized(x, epsilon):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon)


class Weight(nn.Module):
    """A vector under the name `weight`."""

    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))


def rotated(x, positions, base):
    """Turns x [batch, heads, length, d]: component j is paired with j + d / 2."""
    half = x.shape[-1] // 2
    frequencies = base ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angles = (positions[:, None, :, None].float() * frequencies)
    cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    lower, upper = x[..., :half], x[..., half:]
    return torch.cat([lower * cosine - upper * sine, upper * cosine + lower * sine], dim=-1)


class Attention(nn.Module):
    def __init__(self, config, adds_values):
        super().__init__()
        inner = config.num_attention_heads * config.head_dim
        self.config = config
        self.query = nn.Linear(config.hidden_size, inner, bias=False)
        self.key = nn.Linear(config.hidden_size, inner, bias=False)
        self.value = nn.Linear(config.hidden_size, inner, bias=False)
        self.output = nn.Linear(inner, config.hidden_size, bias=False)
        self.value_embedding = nn.Embedding(config.vocab_size, inner) if adds_values else None

    def forward(self, x, tokens, positions, visible, bias):
        config = self.config
        values = self.value(x)
        if self.value_embedding is not None:
            values = values + self.value_embedding(tokens)

        def heads(y):
            return y.view(*y.shape[:2], config.num_attention_heads, config.head_dim).transpose(1, 2)

        query, key, values = heads(self.query(x)), heads(self.key(x)), heads(values)
        if config.positions == "rotary":
            query, key = (rotated(y, positions, config.rope_theta) for y in (query, key))
        if config.head_norm:
            query, key = (normalized(y, config.rms_norm_eps) for y in (query, key))
        scores = query @ key.transpose(-1, -2) * config.score_scale
        if bias is not None:
            scores = scores + bias
        weights = scores.masked_fill(~visible[:, None], torch.finfo(scores.dtype).min).softmax(-1)
        return self.output((weights @ values).transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.activation = ACTIVATIONS[config.hidden_act]
        self.gate = nn.Linear(config.hidden_size, config.intermediate_size, bias=False) if config.gated else None
        self.input = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.output = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x):
        if self.gate is None:
            return self.output(self.activation(self.input(x)))
        return self.output(self.activation(self.gate(x)) * self.input(x))


class Block(nn.Module):
    def __init__(self, config, adds_values):
        super().__init__()
        others = int(config.shortcut) + int(config.bigram_rows is not None)
        self.mix = Weight(1 + others) if others else None
        self.attention_norm = Norm(config.hidden_size, config.rms_norm_eps)
        self.attention = Attention(config, adds_values)
        self.feed_forward_norm = Norm(config.hidden_size, config.rms_norm_eps)
        self.feed_forward = FeedForward(config)

    def forward(self, x, others, tokens, positions, visible, bias):
        if self.mix is not None:
            x = sum(weight * y for weight, y in zip(self.mix.weight, [x] + others))
        x = x + self.attention(self.attention_norm(x), tokens, positions, visible, bias)
        return x + self.feed_forward(self.feed_forward_norm(x))


class Stack(nn.Module):
    def __init__(self, config):
        super().__init__()
        stride, layers = config.value_embedding_stride, config.num_hidden_layers
        self.relative_attention_bias = (
            Weight(config.relative_buckets, config.num_attention_heads) if config.positions == "relative" else None)
        self.blocks = nn.ModuleList(
            Block(config, stride is not None and (layers - 1 - layer) % stride == 0) for layer in range(layers))
        self.final_norm = Norm(config.hidden_size, config.rms_norm_eps)


def buckets(distance, config):
    """T5's buckets of key - query; of a decoder those before the query only."""
    both = config.layout != "decoder"
    count = config.relative_buckets // 2 if both else config.relative_buckets
    first = (distance > 0).long() * count if both else torch.zeros_like(distance)
    size = distance.abs() if both else (-distance).clamp(min=0)
    exact = count // 2
    far = exact + (
        (size.clamp(min=1).float() / exact).log() / math.log(config.relative_distance / exact)
        * (count - exact)).long()
    return first + torch.where(size < exact, size, far.clamp(max=count - 1))


class GraftModernModel(PreTrainedModel):
    config_class = GraftModernConfig
    base_model_prefix = ""

    def __init__(self, config):
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.embedding_norm = Norm(config.hidden_size, config.rms_norm_eps) if config.embedding_norm else None
        self.positions = Weight(2) if config.positions == "sinusoidal" else None
        self.stack = Stack(config)
        self.bigram_embedding = (
            nn.Embedding(config.bigram_rows, config.hidden_size) if config.bigram_rows is not None else None)
        self.output_embedding = (
            None if config.tie_word_embeddings else nn.Linear(config.hidden_size, config.vocab_size, bias=False))
        self.post_init()

    def _init_weights(self, module):
        pass

    def get_input_embeddings(self):
        return self.embedding

    def set_input_embeddings(self, embedding):
        self.embedding = embedding

    def get_output_embeddings(self):
        return None

    def bigrams(self, tokens, real):
        before = tokens.roll(1, dims=1)
        rows = ((36313 * tokens) ^ (27191 * before)) % (self.config.bigram_rows - 1)
        first = real & (real.cumsum(1) == 1)
        return self.bigram_embedding(torch.where(first, self.config.bigram_rows - 1, rows))

    def visible(self, real, prefix_lengths):
        """[batch, query, key]: whether a query sees a key."""
        length = real.shape[1]
        seen = real[:, None, :].expand(-1, length, -1)
        if self.config.layout == "encoder":
            return seen
        place = torch.arange(length, device=real.device)
        causal = (place[None, :] <= place[:, None])[None]
        if prefix_lengths is not None:
            causal = causal | (real.cumsum(1)[:, None, :] <= prefix_lengths[:, None, None])
        return seen & causal

    def logits(self, tokens, attention_mask=None, prefix_lengths=None):
        config = self.config
        real = (torch.ones_like(tokens) if attention_mask is None else attention_mask).bool()
        positions = (real.long().cumsum(1) - 1).clamp(min=0)
        x = self.embedding(tokens)
        if self.embedding_norm is not None:
            x = self.embedding_norm(x)
        if self.positions is not None:
            half = config.hidden_size // 2
            angles = positions[..., None] * 10000.0 ** (
                -torch.arange(half, device=x.device, dtype=torch.float64) / half)
            waves = torch.cat([angles.sin(), angles.cos()], -1).to(x.dtype)
            x = self.positions.weight[0] * x + self.positions.weight[1] * waves
        others = [x] if config.shortcut else []
        if self.bigram_embedding is not None:
            others.append(self.bigrams(tokens, real))
        bias = None
        if self.stack.relative_attention_bias is not None:
            distance = positions[:, None, :] - positions[:, :, None]
            bias = self.stack.relative_attention_bias.weight[buckets(distance, config)].permute(0, 3, 1, 2)
        visible = self.visible(real, prefix_lengths)
        for block in self.stack.blocks:
            x = block(x, others, tokens, positions, visible, bias)
        x = self.stack.final_norm(x)
        weight = self.embedding.weight if self.output_embedding is None else self.output_embedding.weight
        logits = x @ weight.T
        return logits if config.logit_cap is None else config.logit_cap * torch.tanh(logits / config.logit_cap)

    def loss(self, logits, labels, shift):
        if labels is None:
            return None
        if shift:
            logits, labels = logits[:, :-1], labels[:, 1:]
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)


class GraftModernForCausalLM(GraftModernModel, GenerationMixin):
    def forward(self, input_ids, attention_mask=None, prefix_lengths=None, labels=None, **others):
        logits = self.logits(input_ids, attention_mask, prefix_lengths)
        return CausalLMOutput(loss=self.loss(logits, labels, shift=True), logits=logits)

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, prefix_lengths=None, **others):
        return {"input_ids": input_ids, "attention_mask": attention_mask, "prefix_lengths": prefix_lengths}


class GraftModernForMaskedLM(GraftModernModel):
    def forward(self, input_ids, attention_mask=None, labels=None, **others):
        logits = self.logits(input_ids, attention_mask)
        return MaskedLMOutput(loss=self.loss(logits, labels, shift=False), logits=logits)

"""Makes the parity fixtures of whole models and of single operations.

    python3 make_model_fixtures.py [NAME ...]      # writes beside itself; all by default

Needs torch, transformers and safetensors. Everything is float32 on one thread, with dropout 0 and
transformers' eager attention. Norm weights and biases are moved off their initial ones and zeros, so that a
part that forgets them fails.

Whole models: bart, bart-classifier and marian, bert (masked LM), bert-classifier and bert-regression (sequence classification), electra-discriminator
and electra-generator (whose embeddings have another width than the model), gpt2, llama (whose query heads share keys
and values), llama-tied (with Llama 3's scaled positions), and of its relatives llama-biased, mistral, qwen2 (both with
windows), qwen3, gemma, gpt-neox and gpt-neox-serial, gpt-neo and opt, lstm, gru and rnn (torch.nn's
layers between an embedding and the same as output layer), qrnn (quasi-recurrent layers in their place),
seq2seq (two layers of LSTM, the encoder's of both directions, and attention by products), seq2seq-additive (of GRU, and
additive attention) and seq2seq-plain (LSTM of one direction without attention),
nplm and nplm-direct (the units read tokens side by side; with direct connections), conv-lm and conv-lm-bottleneck (gated convolutions),
sha-rnn (LSTM layers and a head over the last positions), lstm-peepholes and mlstm (multiplicative LSTM layers),
modern, modern-decoder and modern-encoder (by the code that Graft exports them with), distilbert, distilbert-classifier,
roberta, modernbert, modernbert-classifier, deberta, deberta-classifier, albert and mpnet, t5-v1.0, t5-v1.1, t5-v1.1-wide, umt5
(heads * head width is not the model's width).

NAME.json
    config          sizes: width, layers, heads, headWidth, feedForward, vocabulary, and for T5 relative
                    buckets, maximum distance, `gated`, `tied`, and the factor on the decoder's last states
                    before the output embedding (`outputScale`); for GPT-2 `context`; `normEpsilon`;
                    `embeddingWidth` where the embeddings have a width of their own; for Llama
                    `keyValueHeads`, `ropeTheta` and `ropeScaling`; of recurrent and of modern models width, layers,
                    vocabulary and tied
    graft           of BART, OPT, recurrent and modern models, seq2seq and Llama's relatives: Graft's config.json
    type            of those whose names become Graft's by their model_type in transformers: that
    prefixes        of modern models that read a part of each input from both sides: how long it is
    head            of encoders: vocabulary, detection, classification, regression
    inputs          T5, BART, seq2seq: [batch][encoder length], padded with 0; `inputMask` is 1 at real tokens
                    GPT-2, Llama, recurrent, BERT: [batch][length], padded with 0; `inputMask` likewise
    segments        BERT only: 0 or 1 per input
    decoderInputs   T5, BART, seq2seq: the labels shifted right behind the start token, padding 0; the decoder has no padding mask
    labels          [batch][decoder length] (GPT-2, Llama, recurrent: the next tokens; BERT: [batch][length]), -100 where there is no target
                    (detection: 1 where the token was replaced, else 0; classification and regression: one number
                    per sequence)
    loss            mean over all targets: cross-entropy, binary cross-entropy (detection), squared error (regression)
    losses          eleven: before each of ten AdamW updates on this batch, and after the last
    optimizer       learningRate, beta1, beta2, epsilon, weightDecay (rank >= 2 only), no clipping

NAME.safetensors    initial weights under transformers' names (GPT-2 with the prefix "transformer."; tied
                    output weights are left out), of seq2seq under Graft's
NAME.outputs.safetensors
    logits          [targets, vocabulary]: rows where the label is not -100, in row-major order of `labels`
    gradient.KEY    gradient of `loss` for every weight, under the weight's name

distances.json  the rows of the table for relative positions that DeBERTa reads, by `buckets` and `maximum`

lstm-carried, gru-carried, rnn-carried, qrnn-carried, nplm-carried, conv-lm-carried, sha-rnn-carried, lstm-peepholes-carried, mlstm-carried: the weights of lstm and so on, trained on windows of texts
whose state is carried from each window to the next, without a gradient (truncated backpropagation through time).

KIND-carried.json
    tokens          one text per lane; window i reads `window` tokens from i * window on and predicts the next of each
    losses          mean over the targets of each window, before its AdamW update (as above)
KIND-carried.outputs.safetensors
    gradient.KEY    gradients of the last window's loss
    N.hidden, N.cell, N.input, N.memory, N.remembered   [lanes, width]: what layer N ends with, of these what it has

Operations: operations.safetensors, and encoder-operations.safetensors and seq2seq-operations.safetensors likewise, holds CASE.TENSOR and operations.json the integers and settings of each
CASE. `CASE.upstream` is the gradient given to the output, `CASE.gradient.TENSOR` what came back.

    linear          output = input weight^T + bias; input [rows, in], weight [out, in]
    embedding       output = weight[ids]
    rms-norm, layer-norm, gelu-tanh, silu, relu-squared
    softmax-cross-entropy   loss (scalar, mean over labels that are not -100) of logits; no upstream
    z-loss          the same with `zLoss` * mean (log sum exp)^2 added; `loss` is without it
    attention-*     query [batch, queries, heads * headWidth], key and value [batch, keys, ...], optional
                    `bias` [buckets, heads] through T5's relative-position buckets, `keyMask` [batch][keys]
                    (1 = visible), `causal`, `scale` on the scores; output as query. `keyValueHeads` where key
                    and value have fewer heads than query, `window` where a query sees so many keys, its own the last,
                    or of `attention-local*` so many on either side, its own among them
    disentangled*   query, key, value as above, `positions` [rows, 2 * heads * headWidth]: what rows for distances are
                    projected to as queries and as keys, with `buckets` (-1 for none) of distances up to `maximum`
    rotary-*        input [batch, positions, heads * headWidth], each head turned by transformers' Llama with the base
                    `ropeTheta` and, if there is one, `ropeScaling`; or by GPT-NeoX, which turns the share `ropeShare`
    norm-of-heads   input [rows, (heads + 2 * keyValueHeads) * headWidth]: the first heads normalised by `queryGain`, the
                    next keyValueHeads by `keyGain`, the rest as it is
    lstm*, gru, elman   input [batch, longest, in], of which sequence i reads `lengths[i]`, `hidden` and, of an LSTM,
                    `cell` [batch, width] before, weights and biases as torch.nn has them; output [batch * longest +
                    2 * batch, width]: the states (0 where there is no input), the last states, the last cells.
                    *-reversed: read from the last input to the first, with which they end
    additive*       query [batch, queries, columns], key [batch, keys, columns], value [batch, keys, width], vector
                    [columns], `keyMask` as above: the values by the softmax of vector . tanh(query + key)
"""

import json
import math
import os
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import (
    AlbertConfig, AlbertForMaskedLM, BartConfig, BartForConditionalGeneration, BartForSequenceClassification, BertConfig, BertForMaskedLM,
    BertForSequenceClassification, DebertaV2Config, DebertaV2ForMaskedLM, DebertaV2ForSequenceClassification,
    DistilBertConfig, DistilBertForMaskedLM, DistilBertForSequenceClassification, ElectraConfig, ElectraForMaskedLM,
    ElectraForPreTraining, GPT2Config, GPT2LMHeadModel, GPTNeoConfig, GPTNeoForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig,
    LlamaForCausalLM, MarianConfig, MarianMTModel, MistralConfig, MistralForCausalLM, ModernBertConfig,
    ModernBertForMaskedLM, ModernBertForSequenceClassification, MPNetConfig, MPNetForMaskedLM, OPTConfig, OPTForCausalLM, Qwen2Config,
    Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM, RobertaConfig, RobertaForMaskedLM, T5Config,
    GemmaConfig, GemmaForCausalLM, T5ForConditionalGeneration, UMT5Config, UMT5ForConditionalGeneration)
from transformers.models.deberta_v2.modeling_deberta_v2 import (
    DisentangledSelfAttention, build_relative_position)
from transformers.models.gpt_neox.modeling_gpt_neox import (
    GPTNeoXRotaryEmbedding, apply_rotary_pos_emb as apply_part_of_rotary_pos_emb)
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.qwen3.modeling_qwen3 import Qwen3RMSNorm
from transformers.models.t5.modeling_t5 import T5Attention

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Checkpoints/transformers"))
import modeling_graft_modern as modern  # noqa: E402

VOCABULARY = 96
IGNORED = -100
LLAMA3_SCALING = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32}


def write_json(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(value, file, indent=1, sort_keys=True)
        file.write("\n")


def write_tensors(name, tensors):
    contiguous = {key: value.detach().clone().contiguous() for key, value in tensors.items()}
    save_file(contiguous, os.path.join(HERE, name))


def perturb(model, generator):
    """Moves norm weights and biases off 1 and 0."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter += 0.1 * torch.randn(parameter.shape, generator=generator)


def padded(rows, filler):
    length = max(map(len, rows))
    return [row + [filler] * (length - len(row)) for row in rows]


def random_rows(lengths, generator):
    return [torch.randint(3, VOCABULARY, (n,), generator=generator).tolist() for n in lengths]


def adamw(model):
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    kept = [p for p in model.parameters() if p.dim() < 2]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": kept, "weight_decay": 0.0}],
        lr=1e-3, betas=(0.9, 0.999), eps=1e-8, foreach=False)


def train(forward, model):
    optimizer = adamw(model)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = loss_of(forward())
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    losses.append(loss_of(forward()).item())
    return losses


def loss_of(pair):
    logits, labels = pair
    if labels.dtype == torch.float32:
        return F.mse_loss(logits.view(-1), labels.view(-1))
    if logits.dim() == labels.dim():
        kept = labels != IGNORED
        return F.binary_cross_entropy_with_logits(logits[kept], labels[kept].float())
    return F.cross_entropy(logits.view(-1, logits.shape[-1]), labels.view(-1), ignore_index=IGNORED)


def record(name, model, forward, description, rename=lambda key: key):
    model.train()
    # GPT-NeoX is saved with another name for its output layer than it has.
    names = {key: key.replace("lm_head.", "embed_out.") if isinstance(model, GPTNeoXForCausalLM) else rename(key)
             for key, value in model.named_parameters() if value.requires_grad}
    weights = {names[key]: value.detach().clone() for key, value in model.named_parameters() if key in names}
    write_tensors(f"{name}.safetensors", weights)
    logits, labels = forward()
    loss = loss_of((logits, labels))
    model.zero_grad()
    loss.backward()
    outputs = {f"gradient.{names[key]}": value.grad for key, value in model.named_parameters() if key in names}
    outputs["logits"] = logits[labels != IGNORED]
    write_tensors(f"{name}.outputs.safetensors", outputs)
    description["loss"] = loss.item()
    description["losses"] = train(forward, model)
    description["optimizer"] = {
        "learningRate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01}
    write_json(f"{name}.json", description)


def make_t5(
        name, seed, gated, heads=2, head_width=16, layers=2, feed_forward=64, config=T5Config,
        model=T5ForConditionalGeneration, **description):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    config = config(
        vocab_size=VOCABULARY, d_model=32, d_kv=head_width, d_ff=feed_forward, num_layers=layers,
        num_decoder_layers=layers, num_heads=heads, dropout_rate=0.0, pad_token_id=0, eos_token_id=1,
        decoder_start_token_id=0, feed_forward_proj="gated-gelu" if gated else "relu",
        tie_word_embeddings=not gated, use_cache=False)
    config._attn_implementation = "eager"
    model = model(config)
    if gated:
        # T5 1.1 has an output embedding of its own; recent transformers tie it while the model is built.
        model.lm_head.weight = torch.nn.Parameter(
            0.2 * torch.randn(VOCABULARY, 32, generator=generator))
        model.config.tie_word_embeddings = False
    perturb(model, generator)
    assert config.scale_decoder_outputs == (not gated)
    assert (model.lm_head.weight is model.shared.weight) == (not gated)

    encoder_rows = random_rows([23, 17, 9], generator)
    label_rows = [row + [1] for row in random_rows([20, 11, 6], generator)]
    inputs = torch.tensor(padded(encoder_rows, 0))
    mask = torch.tensor(padded([[1] * len(row) for row in encoder_rows], 0))
    labels = torch.tensor(padded(label_rows, IGNORED))
    decoder_inputs = torch.tensor(padded([[0] + row[:-1] for row in label_rows], 0))

    def forward():
        out = model(input_ids=inputs, attention_mask=mask, decoder_input_ids=decoder_inputs)
        return out.logits, labels

    reference = model(input_ids=inputs, attention_mask=mask, labels=labels).loss
    assert torch.allclose(reference, loss_of(forward())), "the shift differs from transformers' own"
    record(name, model, forward, {
        "config": {
            "width": 32, "layers": layers, "heads": heads, "headWidth": head_width,
            "feedForward": feed_forward, "vocabulary": VOCABULARY, "relativeBuckets": 32,
            "maximumDistance": 128, "gated": gated, "tied": not gated, "normEpsilon": 1e-6,
            "outputScale": 1.0 if gated else 32 ** -0.5},
        "inputs": inputs.tolist(), "inputMask": mask.tolist(),
        "decoderInputs": decoder_inputs.tolist(), "labels": labels.tolist(), **description})


def make_bart(name, seed, config, model, start, sizes, **options):
    """`sizes` by the keys of Graft's config.json, `options` by those of transformers'."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    graft = {
        "family": "bart", "vocabularySize": VOCABULARY, "dropout": 0, "width": 32, "encoderLayers": 1,
        "decoderLayers": 2, "heads": 4, "feedForward": 48, "activation": "exact-gelu", "epsilon": 1e-5,
        "maximumLength": 24, "untrainedToken": 0, **sizes}
    model = model(config(**{**dict(
        vocab_size=VOCABULARY, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=24, dropout=0.0,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=start, use_cache=False), **options}))
    model.config._attn_implementation = "eager"
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2 and parameter.requires_grad:  # not the sines
                parameter *= 5
    perturb(model, generator)
    encoder_rows = random_rows([23, 17, 9], generator)
    label_rows = [row + [1] for row in random_rows([20, 11, 6], generator)]
    inputs = torch.tensor(padded(encoder_rows, 0))
    mask = torch.tensor(padded([[1] * len(row) for row in encoder_rows], 0))
    labels = torch.tensor(padded(label_rows, IGNORED))
    decoder_inputs = torch.tensor(padded([[start] + row[:-1] for row in label_rows], 0))

    def forward():
        return model(input_ids=inputs, attention_mask=mask, decoder_input_ids=decoder_inputs).logits, labels

    record(name, model, forward, {
        "config": {"width": 32, "layers": 1, "vocabulary": VOCABULARY, "tied": True}, "graft": graft,
        "inputs": inputs.tolist(), "inputMask": mask.tolist(), "decoderInputs": decoder_inputs.tolist(),
        "labels": labels.tolist()})


def make_gpt2(name, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=24, n_embd=32, n_layer=2, n_head=2, n_inner=64,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=1, eos_token_id=1, use_cache=False)
    config._attn_implementation = "eager"
    model = GPT2LMHeadModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                parameter *= 5  # at the usual 0.02 attention would be all but uniform
    perturb(model, generator)
    rows = random_rows([22, 15, 8], generator)
    inputs = torch.tensor(padded([row[:-1] for row in rows], 0))
    labels = torch.tensor(padded([row[1:] for row in rows], IGNORED))
    mask = torch.tensor(padded([[1] * (len(row) - 1) for row in rows], 0))

    def forward():
        return model(input_ids=inputs, attention_mask=mask).logits, labels

    record(name, model, forward, {
        "config": {
            "width": 32, "layers": 2, "heads": 2, "headWidth": 16, "feedForward": 64,
            "vocabulary": VOCABULARY, "context": 24, "normEpsilon": 1e-5, "tied": True},
        "inputs": inputs.tolist(), "inputMask": mask.tolist(), "labels": labels.tolist()})


def make_llama(name, seed, tied, heads=4, key_value_heads=2, head_width=8, scaling=None):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    rope = dict(rope_theta=500.0, **(scaling or {"rope_type": "default"}))
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=heads,
        num_key_value_heads=key_value_heads, head_dim=head_width, max_position_embeddings=64, rms_norm_eps=1e-5,
        rope_parameters=rope, tie_word_embeddings=tied, use_cache=False)
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                parameter *= 5
    perturb(model, generator)
    rows = random_rows([22, 15, 8], generator)
    inputs = torch.tensor(padded([row[:-1] for row in rows], 0))
    labels = torch.tensor(padded([row[1:] for row in rows], IGNORED))
    mask = torch.tensor(padded([[1] * (len(row) - 1) for row in rows], 0))

    def forward():
        return model(input_ids=inputs, attention_mask=mask).logits, labels

    description = {
        "width": 32, "layers": 2, "heads": heads, "keyValueHeads": key_value_heads, "headWidth": head_width,
        "feedForward": 48, "vocabulary": VOCABULARY, "normEpsilon": 1e-5, "tied": tied, "ropeTheta": 500.0}
    if scaling:
        description["ropeScaling"] = scaling
    record(name, model, forward, {
        "config": description, "inputs": inputs.tolist(), "inputMask": mask.tolist(), "labels": labels.tolist()})


def make_relative(name, seed, config, model, sizes, **options):
    """Of Llama, or with another family of GPT-2; `sizes` by the keys of Graft's config.json, `options` by those of transformers'."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    graft = {
        "family": "llama", "vocabularySize": VOCABULARY, "dropout": 0, "width": 32, "decoderLayers": 2, "heads": 4,
        "feedForward": 48, "activation": "silu", "gated": True, "tied": False, "epsilon": 1e-5, "maximumLength": 64,
        **sizes}
    config = config(**{**dict(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=graft["decoderLayers"],
        num_attention_heads=4, num_key_value_heads=graft.get("keyValueHeads", 4), max_position_embeddings=64,
        rms_norm_eps=1e-5, tie_word_embeddings=graft["tied"], use_cache=False), **options})
    config._attn_implementation = "eager"
    model = model(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                parameter *= 5
    perturb(model, generator)
    rows = random_rows([22, 15, 8], generator)
    inputs = torch.tensor(padded([row[:-1] for row in rows], 0))
    labels = torch.tensor(padded([row[1:] for row in rows], IGNORED))
    mask = torch.tensor(padded([[1] * (len(row) - 1) for row in rows], 0))

    def forward():
        return model(input_ids=inputs, attention_mask=mask).logits, labels

    record(name, model, forward, {
        "config": {"width": 32, "layers": graft["decoderLayers"], "vocabulary": VOCABULARY, "tied": graft["tied"]},
        "graft": graft, "inputs": inputs.tolist(), "inputMask": mask.tolist(), "labels": labels.tolist()})


def make_modern(name, seed, layout, tied=True, prefixes=None, **sizes):
    """By the code that Graft writes beside exported weights; sizes by the keys of Graft's config.json."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    graft = {
        "family": "modern", "vocabularySize": VOCABULARY, "dropout": 0, "width": 32, "layers": 3, "heads": 2,
        "headDimension": 16, "feedForward": 48, "activation": "relu-squared", "gated": False, "tied": tied,
        "epsilon": 1e-5, "layout": layout, "scoreScale": 0.3, **sizes}
    names = {
        "vocabularySize": "vocab_size", "width": "hidden_size", "layers": "num_hidden_layers",
        "heads": "num_attention_heads", "headDimension": "head_dim", "feedForward": "intermediate_size",
        "activation": "hidden_act", "gated": "gated", "tied": "tie_word_embeddings", "epsilon": "rms_norm_eps",
        "layout": "layout", "positions": "positions", "ropeTheta": "rope_theta", "relativeBuckets": "relative_buckets",
        "relativeDistance": "relative_distance", "headNorm": "head_norm", "scoreScale": "score_scale",
        "embeddingNorm": "embedding_norm", "shortcut": "shortcut", "valueEmbeddingStride": "value_embedding_stride",
        "bigramRows": "bigram_rows", "logitCap": "logit_cap"}
    activations = {"relu-squared": "relu2", "gelu": "gelu_new"}
    values = {names[key]: value for key, value in graft.items() if key in names}
    values["hidden_act"] = activations[graft["activation"]]
    config = modern.GraftModernConfig(**values)
    model = (modern.GraftModernForMaskedLM if layout == "encoder" else modern.GraftModernForCausalLM)(config)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.dim() >= 2:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * (
                    0.3 if "embedding" in key else 0.15))
    perturb(model, generator)
    rows = random_rows([22, 15, 8], generator)
    if layout == "encoder":
        inputs = torch.tensor(padded(rows, 0))
        labels = torch.full(inputs.shape, IGNORED)
        for i, row in enumerate(rows):
            for place in range(1, len(row), 4):
                labels[i, place] = row[place]
        mask = torch.tensor(padded([[1] * len(row) for row in rows], 0))
    else:
        inputs = torch.tensor(padded([row[:-1] for row in rows], 0))
        labels = torch.tensor(padded([row[1:] for row in rows], IGNORED))
        mask = torch.tensor(padded([[1] * (len(row) - 1) for row in rows], 0))
    lengths = None if prefixes is None else torch.tensor(prefixes)

    def forward():
        return model.logits(inputs, mask, lengths), labels

    description = {
        "config": {"width": 32, "layers": 3, "vocabulary": VOCABULARY, "tied": tied}, "graft": graft,
        "inputs": inputs.tolist(), "inputMask": mask.tolist(), "labels": labels.tolist()}
    if prefixes is not None:
        description["prefixes"] = prefixes
    record(name, model, forward, description)


def make_variant(name, seed, model_type, make, head, lengths=(22, 15, 8), end=(), **sizes):
    """A reader without segments; sizes by the keys of Graft's config.json, `end` behind every text."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = make()
    model.config._attn_implementation = "eager"
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                parameter *= 5
    perturb(model, generator)
    rows = [row + list(end) for row in random_rows(lengths, generator)]
    inputs = torch.tensor(padded(rows, 0))
    mask = torch.tensor(padded([[1] * len(row) for row in rows], 0))
    graft = {"vocabularySize": VOCABULARY, "dropout": 0, "tied": True, **sizes}
    if head == "classification":
        labels = torch.tensor([[2], [0], [1]])
        graft["answers"] = [{"task": "three", "choices": ["a", "b", "c"]}]
    else:
        chosen = (torch.rand(inputs.shape, generator=generator) < 0.3) & (mask == 1)
        answers = torch.randint(3, VOCABULARY, inputs.shape, generator=generator)
        labels = torch.where(chosen, answers, torch.full_like(answers, IGNORED))

    def forward():
        logits = model(input_ids=inputs, attention_mask=mask).logits
        return (logits.unsqueeze(1) if head == "classification" else logits), labels

    record(name, model, forward, {
        "config": {"width": sizes["width"], "layers": sizes["encoderLayers"], "vocabulary": VOCABULARY, "tied": True},
        "graft": graft, "type": model_type, "head": head, "inputs": inputs.tolist(), "inputMask": mask.tolist(),
        "labels": labels.tolist()})


def make_distilbert(name, seed, model, head):
    config = DistilBertConfig(
        vocab_size=VOCABULARY, max_position_embeddings=24, dim=30, n_layers=2, n_heads=3, hidden_dim=44, dropout=0.0,
        attention_dropout=0.0, seq_classif_dropout=0.0, num_labels=3)
    make_variant(
        name, seed, "distilbert", lambda: model(config), head, family="bert", decoderLayers=0, segments=0, headActivation="relu",
        width=30, heads=3, encoderLayers=2, feedForward=44, activation="exact-gelu", epsilon=1e-12, maximumLength=24)


def make_roberta(name, seed):
    config = RobertaConfig(
        vocab_size=VOCABULARY, max_position_embeddings=26, hidden_size=32, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=48, type_vocab_size=1, pad_token_id=1, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, layer_norm_eps=1e-5)
    make_variant(
        name, seed, "roberta", lambda: RobertaForMaskedLM(config), "vocabulary", family="bert", decoderLayers=0, segments=1,
        firstPosition=2, width=32, heads=2, encoderLayers=2, feedForward=48, activation="exact-gelu", epsilon=1e-5,
        maximumLength=24)


def make_modernbert(name, seed, model, head, pooling, layers=4, stride=3, reach=3):
    config = ModernBertConfig(
        vocab_size=VOCABULARY, max_position_embeddings=64, hidden_size=32, num_hidden_layers=layers,
        num_attention_heads=2, intermediate_size=44, local_attention=2 * reach, global_attn_every_n_layers=stride,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2,
        classifier_pooling="mean" if pooling == "mean" else "cls", num_labels=3)
    make_variant(
        name, seed, "modernbert", lambda: model(config), head, family="modernbert", width=32, heads=2,
        encoderLayers=layers, feedForward=44, activation="exact-gelu", gated=True, epsilon=1e-5, maximumLength=64,
        globalStride=stride, reach=reach, pooling=pooling)


def make_deberta(name, seed, model, head, buckets, maximum, norm, layers=2):
    config = DebertaV2Config(
        vocab_size=VOCABULARY, max_position_embeddings=24, hidden_size=30, num_hidden_layers=layers,
        num_attention_heads=3, intermediate_size=44, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        relative_attention=True, position_biased_input=False, pos_att_type=["p2c", "c2p"], share_att_key=True,
        position_buckets=buckets, max_relative_positions=maximum, norm_rel_ebd=norm, num_labels=3)
    sizes = {"relativeBuckets": buckets} if buckets > 0 else {}
    make_variant(
        name, seed, "deberta-v2", lambda: model(config), head, family="deberta", width=30, heads=3,
        encoderLayers=layers, feedForward=44, activation="exact-gelu", epsilon=1e-7, maximumLength=24,
        relativeDistance=maximum, relativeNorm=norm == "layer_norm", **sizes)


def make_albert(name, seed):
    config = AlbertConfig(
        vocab_size=VOCABULARY, max_position_embeddings=24, embedding_size=14, hidden_size=30, num_hidden_layers=3,
        num_attention_heads=3, intermediate_size=44, type_vocab_size=1)
    make_variant(
        name, seed, "albert", lambda: AlbertForMaskedLM(config), "vocabulary", family="bert", decoderLayers=0,
        segments=1, sharesLayers=True, embeddingWidth=14, width=30, heads=3, encoderLayers=3, feedForward=44,
        activation="gelu", epsilon=1e-12, maximumLength=24)


def make_mpnet(name, seed):
    config = MPNetConfig(
        vocab_size=VOCABULARY, max_position_embeddings=26, hidden_size=30, num_hidden_layers=2,
        num_attention_heads=3, intermediate_size=44, pad_token_id=1, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0)
    make_variant(
        name, seed, "mpnet", lambda: MPNetForMaskedLM(config), "vocabulary", family="bert", decoderLayers=0,
        segments=0, firstPosition=2, relativeBuckets=32, width=30, heads=3, encoderLayers=2, feedForward=44,
        activation="exact-gelu", epsilon=1e-12, maximumLength=24)


def make_distances(name):
    """Rows of the table for distances that DeBERTa reads, from 1 - length up to length - 1."""
    tables = []
    for buckets, maximum, length in [(256, 512, 700), (32, 128, 150), (8, 24, 40), (7, 10, 20), (-1, 6, 12)]:
        span = buckets if buckets > 0 else maximum
        states = torch.zeros(1, 1, length, 1)
        distances = build_relative_position(states, states, buckets, maximum)[0]
        rows = torch.clamp(distances + span, 0, 2 * span - 1)
        every = torch.cat([rows[0].flip(0), rows[1:, 0]])
        tables.append({"buckets": buckets, "maximum": maximum, "rows": every.tolist()})
    with open(os.path.join(HERE, f"{name}.json"), "w") as file:
        file.write("[" + ",\n".join(json.dumps(table) for table in tables) + "]\n")


class RecurrentModel(torch.nn.Module):
    """An embedding, layers of torch.nn's `kind`, and the embedding as output layer."""

    def __init__(self, kind, width, layers):
        super().__init__()
        self.parts = ["hidden", "cell"] if kind == "lstm" else ["hidden"]
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        make = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind]
        self.layers = make(width, width, layers, batch_first=True)

    def forward(self, inputs):
        return self.read(inputs, None)[0]

    def read(self, inputs, state):
        """Logits, and the state that the texts end with, by names such as 0.hidden."""
        if state is not None:
            state = tuple(
                torch.stack([state[f"{layer}.{part}"] for layer in range(self.layers.num_layers)])
                for part in self.parts)
            state = state if len(state) > 1 else state[0]
        states, end = self.layers(self.embedding(inputs), state)
        end = {
            f"{layer}.{part}": values[layer] for part, values in zip(self.parts, end if len(self.parts) > 1 else [end])
            for layer in range(self.layers.num_layers)}
        return states @ self.embedding.weight.T, end


class QuasiRecurrentLayer(torch.nn.Module):
    """As Bradbury et al. 2017 write it, with a window of 2 and fo-pooling."""

    def __init__(self, width):
        super().__init__()
        self.convolution = torch.nn.Linear(2 * width, 3 * width)

    def forward(self, x, cell, last):
        batch, length, width = x.shape
        weight = self.convolution.weight.view(3 * width, 2, width).transpose(1, 2)
        seen = torch.cat([last[:, None], x], 1).transpose(1, 2)
        z, f, o = F.conv1d(seen, weight, self.convolution.bias).chunk(3, 1)
        z, f, o = torch.tanh(z), torch.sigmoid(f), torch.sigmoid(o)
        states = []
        for t in range(length):
            cell = f[:, :, t] * cell + (1 - f[:, :, t]) * z[:, :, t]
            states.append(o[:, :, t] * cell)
        return torch.stack(states, 1), cell, x[:, -1]


class QuasiRecurrentModel(torch.nn.Module):
    """An embedding, quasi-recurrent layers, and the embedding as output layer, by Graft's names."""

    def __init__(self, kind, width, layers):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        self.decoder = torch.nn.Module()
        self.decoder.blocks = torch.nn.ModuleList(QuasiRecurrentLayer(width) for _ in range(layers))

    def forward(self, inputs):
        return self.read(inputs, None)[0]

    def read(self, inputs, state):
        x, end = self.embedding(inputs), {}
        zeros = torch.zeros(x.shape[0], x.shape[2])
        for index, layer in enumerate(self.decoder.blocks):
            start = [zeros if state is None else state[f"{index}.{part}"] for part in ["cell", "input"]]
            x, end[f"{index}.cell"], end[f"{index}.input"] = layer(x, *start)
        return x @ self.embedding.weight.T, end


def causal_windows(x, before):
    """x [batch, length, width] behind the rows that it continues, or zeros; channels second, as convolutions read."""
    return torch.cat([before, x], 1).transpose(1, 2)


def convolution(weight, bias, seen):
    """`weight` [out, window * in] over windows whose oldest token comes first; [batch, length, out]."""
    kernel = weight.view(weight.shape[0], -1, seen.shape[1]).transpose(1, 2)
    return F.conv1d(seen, kernel, bias).transpose(1, 2)


class NeuralProbabilisticModel(torch.nn.Module):
    """As Bengio et al. 2003 write it, without the output's bias, by Graft's names."""

    def __init__(self, sizes):
        super().__init__()
        width, self.read_tokens = sizes["width"], sizes["order"] - 1
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        self.decoder = torch.nn.Module()
        self.decoder.hidden = torch.nn.Linear(self.read_tokens * width, sizes["hidden"])
        self.direct = sizes.get("direct", False)
        if self.direct or sizes["hidden"] != width:
            columns = sizes["hidden"] + (self.read_tokens * width if self.direct else 0)
            self.output_embedding = torch.nn.Linear(columns, VOCABULARY, bias=False)

    def forward(self, inputs):
        return self.read(inputs, None)[0]

    def read(self, inputs, state):
        x, past = self.embedding(inputs), self.read_tokens - 1
        before = torch.zeros(x.shape[0], past, x.shape[2]) if state is None else state["0.input"].view(
            x.shape[0], past, x.shape[2])
        seen = causal_windows(x, before)
        hidden = torch.tanh(convolution(self.decoder.hidden.weight, self.decoder.hidden.bias, seen))
        if self.direct:
            windows = seen.unfold(2, self.read_tokens, 1).permute(0, 2, 3, 1).flatten(2)
            hidden = torch.cat([hidden, windows], 2)
        output = self.output_embedding if hasattr(self, "output_embedding") else self.embedding
        return hidden @ output.weight.T, {"0.input": seen[:, :, -past:].transpose(1, 2).flatten(1)}


class ConvolutionalModel(torch.nn.Module):
    """As Dauphin et al. 2017 write it, with layer norms in place of weight normalisation, by Graft's names."""

    def __init__(self, sizes):
        super().__init__()
        width, inner = sizes["width"], sizes.get("bottleneck")
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        self.decoder = torch.nn.Module()
        self.decoder.blocks = torch.nn.ModuleList(torch.nn.ModuleDict({
            "norm": torch.nn.LayerNorm(width), "convolution": torch.nn.Linear(
                sizes["kernel"] * (inner or width), 2 * (inner or width)),
            **({} if inner is None else {
                "input": torch.nn.Linear(width, 2 * inner), "output": torch.nn.Linear(inner, 2 * width)})})
            for _ in range(sizes["decoderLayers"]))
        self.decoder.final_norm = torch.nn.LayerNorm(width)
        self.past = sizes["kernel"] - 1

    def forward(self, inputs):
        return self.read(inputs, None)[0]

    def read(self, inputs, state):
        x, end = self.embedding(inputs), {}
        for index, block in enumerate(self.decoder.blocks):
            y = block["norm"](x)
            if "input" in block:
                y = gated_linear_unit(block["input"](y))
            key = f"{index}.input"
            before = torch.zeros(y.shape[0], self.past, y.shape[2]) if state is None else state[key].view(
                y.shape[0], self.past, y.shape[2])
            seen = causal_windows(y, before)
            end[key] = seen[:, :, -self.past:].transpose(1, 2).flatten(1)
            layer = block["convolution"]
            y = gated_linear_unit(convolution(layer.weight, layer.bias, seen))
            if "output" in block:
                y = gated_linear_unit(block["output"](y))
            x = x + y
        return self.decoder.final_norm(x) @ self.embedding.weight.T, end


def gated_linear_unit(z):
    gate, value = z.chunk(2, -1)
    return F.glu(torch.cat([value, gate], -1))


class SingleHeadModel(torch.nn.Module):
    """SHA-RNN as Merity 2019 describes it, by Graft's names."""

    def __init__(self, sizes):
        super().__init__()
        self.width, self.window, layers = sizes["width"], sizes["window"], sizes["decoderLayers"]
        self.embedding = torch.nn.Embedding(VOCABULARY, self.width)
        self.decoder = torch.nn.Module()
        self.decoder.blocks = torch.nn.ModuleList(
            self.block(sizes["feedForward"], index == max(0, layers - 2)) for index in range(layers))

    def block(self, inner, attends):
        def norm():
            return torch.nn.LayerNorm(self.width)

        def gate():
            return torch.nn.ParameterDict({"gate": torch.nn.Parameter(torch.randn(self.width))})

        parts = {
            "start_norm": norm(), "stream_norm": norm(), "branch_norm": norm(),
            "lstm": torch.nn.ModuleDict({
                name: torch.nn.Linear(self.width, 4 * self.width) for name in ["input", "recurrent"]}),
            "boom": torch.nn.Linear(self.width, inner)}
        if attends:
            parts["attention"] = torch.nn.ModuleDict({
                "memory_norm": norm(), "stream_norm": norm(), "query": torch.nn.Linear(self.width, self.width),
                "query_norm": norm(), "key": gate(), "value": gate()})
        return torch.nn.ModuleDict(parts)

    def forward(self, inputs):
        return self.read(inputs, None)[0]

    def read(self, inputs, state):
        x, end = self.embedding(inputs), {}
        for index, block in enumerate(self.decoder.blocks):
            kept = None if state is None else {
                key.split(".")[1]: value for key, value in state.items() if key.startswith(f"{index}.")}
            x = block["start_norm"](x)
            states, last = read_lstm(block["lstm"], x, kept)
            x = x + states
            if "attention" in block:
                x, memory = self.attend(block["attention"], x, kept)
                last = {**last, **memory}
            units = F.gelu(block["boom"](block["branch_norm"](x)), approximate="tanh")
            x = block["stream_norm"](x) + units.unflatten(2, (-1, self.width)).sum(2)
            end.update({f"{index}.{key}": value for key, value in last.items()})
        return x @ self.embedding.weight.T, end

    def attend(self, head, x, kept):
        memory, (batch, length) = head["memory_norm"](x), x.shape[:2]
        x = head["stream_norm"](x)
        past = 0 if kept is None else int(kept["remembered"][0])
        seen = memory if past == 0 else torch.cat(
            [kept["memory"].view(batch, -1, self.width)[:, -past:], memory], 1)
        query = head["query_norm"](head["query"](x))
        scores = query @ (seen * torch.sigmoid(head["key"]["gate"])).transpose(1, 2) * self.width ** -0.5
        distance = (torch.arange(length) + past)[:, None] - torch.arange(past + length)
        scores = scores.masked_fill((distance < 0) | (distance >= self.window), -math.inf)
        attended = torch.softmax(scores, -1) @ (seen * torch.sigmoid(head["value"]["gate"]))
        last = torch.cat([torch.zeros(batch, self.window - 1, self.width), seen], 1)[:, 1 - self.window:]
        count = min(past + length, self.window - 1)
        return x + attended, {
            "memory": last.flatten(1), "remembered": torch.full((batch, 1), float(count))}


def read_lstm(layer, x, kept):
    """With the multiplication of Krause et al. 2016 and the peepholes of Gers & Schmidhuber 2000 where there are any."""
    hidden, cell = (torch.zeros_like(x[:, 0]) if kept is None else kept[key] for key in ["hidden", "cell"])
    states = []
    peeps = layer["peepholes"].chunk(3) if "peepholes" in layer else [0, 0, 0]
    for token in x.unbind(1):
        if "multiplication" in layer:
            hidden = layer["multiplication"]["input"](token) * layer["multiplication"]["recurrent"](hidden)
        i, f, g, o = (layer["input"](token) + layer["recurrent"](hidden)).chunk(4, 1)
        i, f = torch.sigmoid(i + peeps[0] * cell), torch.sigmoid(f + peeps[1] * cell)
        cell = f * cell + i * torch.tanh(g)
        hidden = torch.sigmoid(o + peeps[2] * cell) * torch.tanh(cell)
        states.append(hidden)
    return torch.stack(states, 1), {"hidden": hidden, "cell": cell}


class LongShortModel(torch.nn.Module):
    """LSTM layers written out, with what torch.nn.LSTM lacks, by Graft's names."""

    def __init__(self, sizes):
        super().__init__()
        width = sizes["width"]
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        self.decoder = torch.nn.Module()
        self.decoder.blocks = torch.nn.ModuleList()
        for _ in range(sizes["decoderLayers"]):
            block = torch.nn.Module()
            for name in ["input", "recurrent"]:
                block.add_module(name, torch.nn.Linear(width, 4 * width))
            if sizes.get("peepholes"):
                block.register_parameter("peepholes", torch.nn.Parameter(torch.randn(3 * width)))
            if sizes["family"] == "mlstm":
                block.multiplication = torch.nn.ModuleDict({
                    name: torch.nn.Linear(width, width, bias=False) for name in ["input", "recurrent"]})
            self.decoder.blocks.append(block)

    def forward(self, inputs):
        return self.read(inputs, None)[0]

    def read(self, inputs, state):
        x, end = self.embedding(inputs), {}
        for index, block in enumerate(self.decoder.blocks):
            parts = {**dict(block.named_children()), **dict(block.named_parameters(recurse=False))}
            kept = None if state is None else {key: state[f"{index}.{key}"] for key in ["hidden", "cell"]}
            x, last = read_lstm(parts, x, kept)
            end.update({f"{index}.{key}": value for key, value in last.items()})
        return x @ self.embedding.weight.T, end


# The sizes that fixtures have beside those of all, by the name that a fixture begins with.
DECODERS = {
    "conv-lm": (
        ConvolutionalModel,
        {"family": "conv-lm", "decoderLayers": 2, "kernel": 3, "epsilon": 1e-5, "tied": True}),
    "conv-lm-bottleneck": (
        ConvolutionalModel,
        {"family": "conv-lm", "decoderLayers": 3, "kernel": 4, "bottleneck": 12, "epsilon": 1e-5, "tied": True}),
    "sha-rnn": (
        SingleHeadModel,
        {"family": "sha-rnn", "decoderLayers": 3, "feedForward": 64, "window": 6, "epsilon": 1e-5, "tied": True}),
    "lstm-peepholes": (LongShortModel, {"family": "lstm", "decoderLayers": 2, "peepholes": True, "tied": True}),
    "mlstm": (LongShortModel, {"family": "mlstm", "decoderLayers": 2, "tied": True}),
    "nplm": (NeuralProbabilisticModel, {"family": "nplm", "order": 5, "hidden": 32}),
    "nplm-direct": (
        NeuralProbabilisticModel, {"family": "nplm", "order": 4, "hidden": 20, "direct": True, "tied": False}),
}


def recurrent_model(kind):
    if kind in DECODERS:
        make, sizes = DECODERS[kind]
        return make({"width": 32, **sizes})
    return (QuasiRecurrentModel if kind == "qrnn" else RecurrentModel)(kind, 32, 2)


def make_recurrent(name, seed, kind):
    sizes = DECODERS[kind][1] if kind in DECODERS else {"family": kind, "decoderLayers": 2, "tied": True}
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = recurrent_model(kind)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if not key.startswith("embedding"):
                parameter *= 1 if "norm" in key else 3
    if kind in DECODERS:
        perturb(model, generator)
    rows = random_rows([22, 15, 8], generator)
    inputs = torch.tensor(padded([row[:-1] for row in rows], 0))
    labels = torch.tensor(padded([row[1:] for row in rows], IGNORED))
    mask = torch.tensor(padded([[1] * (len(row) - 1) for row in rows], 0))
    record(name, model, lambda: (model(inputs), labels), {
        "config": {
            "width": 32, "layers": sizes.get("decoderLayers", 1), "vocabulary": VOCABULARY,
            "tied": sizes.get("tied", True)},
        "graft": {"vocabularySize": VOCABULARY, "dropout": 0, "width": 32, **sizes},
        "inputs": inputs.tolist(), "inputMask": mask.tolist(), "labels": labels.tolist()})


def make_carried(name, seed, kind, lanes=2, window=7, windows=10):
    model = recurrent_model(kind)
    model.load_state_dict(load_file(os.path.join(HERE, f"{kind}.safetensors")))
    rows = random_rows([windows * window + 1] * lanes, torch.Generator().manual_seed(seed))
    tokens = torch.tensor(rows)
    optimizer = adamw(model)
    losses, state = [], None
    for first in range(0, windows * window, window):
        optimizer.zero_grad()
        logits, state = model.read(tokens[:, first:first + window], state)
        state = {key: value.detach() for key, value in state.items()}
        loss = loss_of((logits, tokens[:, first + 1:first + window + 1].contiguous()))
        loss.backward()
        losses.append(loss.item())
        if first + window == windows * window:
            outputs = {f"gradient.{key}": value.grad for key, value in model.named_parameters()}
        optimizer.step()
    write_tensors(f"{name}.outputs.safetensors", {**outputs, **state})
    write_json(f"{name}.json", {"tokens": rows, "window": window, "losses": losses})


class Directions(torch.nn.Module):
    """A layer of an encoder, whose directions stand side by side."""

    def __init__(self, make, width, both):
        super().__init__()
        self.names = ["forward", "backward"] if both else ["forward"]
        self.scans = torch.nn.ModuleDict({
            # A module's own `forward` cannot be the name of a child.
            "0" + name: make(width, width // len(self.names), batch_first=True) for name in self.names})

    def forward(self, x, lengths):
        """States, and what every sequence ends with, by parts."""
        states, ends = [], []
        for name in self.names:
            rows, last = [], []
            for sequence, length in zip(x, lengths):
                read = sequence[:length]
                out, end = self.scans["0" + name](read.flip(0)[None] if name == "backward" else read[None])
                out = out[0].flip(0) if name == "backward" else out[0]
                rows.append(F.pad(out, (0, 0, 0, x.shape[1] - length)))
                last.append([part[0, 0] for part in (end if isinstance(end, tuple) else (end,))])
            states.append(torch.stack(rows))
            ends.append([torch.stack(part) for part in zip(*last)])
        return torch.cat(states, -1), [torch.cat(parts, -1) for parts in zip(*ends)]


class Seq2SeqModel(torch.nn.Module):
    """A recurrent encoder-decoder: global attention (Luong et al. 2015, equation 5) by the scores of Luong ("general",
    scaled) or Bahdanau, or none. The decoder begins with what the encoder's layers end with."""

    def __init__(self, make, width, layers, both, attention):
        super().__init__()
        self.attention = attention
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        self.encoder = torch.nn.ModuleList(Directions(make, width, both) for _ in range(layers))
        self.decoder = torch.nn.ModuleList(make(width, width, batch_first=True) for _ in range(layers))
        if attention != "none":
            self.key = torch.nn.Linear(width, width, bias=False)
            self.output = torch.nn.Linear(2 * width, width, bias=False)
        if attention == "additive":
            self.query = torch.nn.Linear(width, width, bias=False)
            self.score = torch.nn.Parameter(torch.randn(width))

    def forward(self, inputs, mask, decoder_inputs):
        x, h = self.embedding(inputs), self.embedding(decoder_inputs)
        for below, above in zip(self.encoder, self.decoder):
            x, end = below(x, mask.sum(1).tolist())
            start = tuple(part[None] for part in end)
            h, _ = above(h, start if len(start) > 1 else start[0])
        if self.attention != "none":
            keys = self.key(x)
            scores = (
                h @ keys.transpose(1, 2) * h.shape[-1] ** -0.5 if self.attention == "dot"
                else torch.tanh(self.query(h)[:, :, None] + keys[:, None]) @ self.score)
            weights = torch.softmax(scores.masked_fill(mask[:, None] == 0, -math.inf), -1)
            h = torch.tanh(self.output(torch.cat([weights @ x, h], -1)))
        return h @ self.embedding.weight.T


def seq2seq_name(key):
    """Graft's name of a parameter."""
    parts = {"weight_ih_l0": "input.weight", "weight_hh_l0": "recurrent.weight",
             "bias_ih_l0": "input.bias", "bias_hh_l0": "recurrent.bias"}
    for old, new in parts.items():
        key = key.replace(old, new)
    key = key.replace("scans.0", "").replace("encoder.", "encoder.blocks.").replace("decoder.", "decoder.blocks.")
    if key.split(".")[0] in ("key", "query", "output"):
        key = "attention." + key
    return "attention.score.weight" if key == "score" else key


def make_seq2seq(name, seed, cell, both, attention, width=16, layers=2):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = Seq2SeqModel({"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell], width, layers, both, attention)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if not key.startswith("embedding"):
                parameter *= 2
    inputs = random_rows([11, 5, 17], generator)
    mask = torch.tensor(padded([[1] * len(row) for row in inputs], 0))
    inputs = torch.tensor(padded(inputs, 0))
    answers = random_rows([9, 14, 3], generator)
    decoder_inputs = torch.tensor(padded([[0] + row[:-1] for row in answers], 0))
    labels = torch.tensor(padded(answers, IGNORED))
    record(name, model, lambda: (model(inputs, mask, decoder_inputs), labels), {
        "config": {"width": width, "layers": layers, "vocabulary": VOCABULARY, "tied": True},
        "graft": {
            "family": "seq2seq", "vocabularySize": VOCABULARY, "dropout": 0, "cell": cell, "width": width,
            "encoderLayers": layers, "decoderLayers": layers, "bidirectional": both, "attention": attention,
            "tied": True},
        "inputs": inputs.tolist(), "inputMask": mask.tolist(), "decoderInputs": decoder_inputs.tolist(),
        "labels": labels.tolist()}, rename=seq2seq_name)


def make_encoder(name, seed, make_config, make_model, head, embedding_width=None):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    sizes = {} if embedding_width is None else {"embedding_size": embedding_width}
    if head in ("classification", "regression"):
        sizes["num_labels"] = 3 if head == "classification" else 1
    config = make_config(
        vocab_size=VOCABULARY, max_position_embeddings=24, hidden_size=32, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        **sizes)
    config._attn_implementation = "eager"
    model = make_model(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                parameter *= 5
    perturb(model, generator)
    rows = random_rows([22, 15, 8], generator)
    inputs = torch.tensor(padded(rows, 0))
    mask = torch.tensor(padded([[1] * len(row) for row in rows], 0))
    segments = torch.tensor(padded([[int(i > len(row) // 2) for i in range(len(row))] for row in rows], 0))
    chosen = (torch.rand(inputs.shape, generator=generator) < 0.3) & (mask == 1)
    answers = torch.randint(3, VOCABULARY, inputs.shape, generator=generator)
    if head == "vocabulary":
        labels = torch.where(chosen, answers, torch.full_like(answers, IGNORED))
    elif head == "detection":
        labels = torch.where(mask == 1, chosen.long(), torch.full_like(answers, IGNORED))
    elif head == "classification":
        labels = torch.tensor([[2], [0], [1]])
    else:
        labels = torch.tensor([[3.25], [-0.5], [1.0]])

    def forward():
        logits = model(input_ids=inputs, attention_mask=mask, token_type_ids=segments).logits
        return (logits.unsqueeze(1) if head == "classification" else logits), labels

    config = {
        "width": 32, "layers": 2, "heads": 2, "headWidth": 16, "feedForward": 64,
        "vocabulary": VOCABULARY, "context": 24, "normEpsilon": 1e-12, "tied": True}
    if embedding_width is not None:
        config["embeddingWidth"] = embedding_width
    record(name, model, forward, {
        "config": config, "head": head, "inputs": inputs.tolist(), "inputMask": mask.tolist(),
        "segments": segments.tolist(), "labels": labels.tolist()})


class Operations:
    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = {}
        self.cases = {}

    def random(self, *shape, scale=1.0, shift=0.0):
        return (shift + scale * torch.randn(shape, generator=self.generator)).requires_grad_()

    def add(self, case, settings, inputs, output):
        for key, value in inputs.items():
            self.tensors[f"{case}.{key}"] = value
        if output.dim() == 0:
            settings = {"loss": output.item(), **settings}
            output.backward()
        else:
            upstream = torch.randn(output.shape, generator=self.generator)
            self.tensors[f"{case}.output"] = output
            self.tensors[f"{case}.upstream"] = upstream
            output.backward(upstream)
        for key, value in inputs.items():
            self.tensors[f"{case}.gradient.{key}"] = value.grad
        self.cases[case] = settings

    def attention(
            self, case, queries, keys, heads, width, scale, causal, visible, biased, key_value_heads=None, window=None):
        batch = len(visible)
        shared = key_value_heads or heads
        tensors = {
            "query": self.random(batch, queries, heads * width),
            "key": self.random(batch, keys, shared * width),
            "value": self.random(batch, keys, shared * width)}
        key_mask = [[1] * n + [0] * (keys - n) for n in visible]

        def split(name):
            tensor = tensors[name]
            split = tensor.view(batch, tensor.shape[1], -1, width).transpose(1, 2)
            return split.repeat_interleave(heads // split.shape[1], dim=1)

        scores = split("query") @ split("key").transpose(2, 3) * scale
        if biased:
            tensors["bias"] = self.random(32, heads)
            distance = torch.arange(keys)[None, :] - torch.arange(queries)[:, None]
            buckets = T5Attention._relative_position_bucket(distance, bidirectional=not causal)
            scores = scores + tensors["bias"][buckets].permute(2, 0, 1)
        hidden = torch.tensor(key_mask)[:, None, None, :] == 0
        if causal:
            hidden = hidden | (torch.arange(keys)[None, :] > torch.arange(queries)[:, None])
        if window:
            hidden = hidden | (torch.arange(keys)[None, :] <= torch.arange(queries)[:, None] - window)
        if window and not causal:
            hidden = hidden | (torch.arange(keys)[None, :] >= torch.arange(queries)[:, None] + window)
        weights = torch.softmax(scores.masked_fill(hidden, -math.inf), dim=-1)
        output = (weights @ split("value")).transpose(1, 2).reshape(batch, queries, heads * width)
        settings = {"heads": heads, "headWidth": width, "scale": scale, "causal": causal, "keyMask": key_mask}
        if key_value_heads:
            settings["keyValueHeads"] = key_value_heads
        if window:
            settings["window"] = window
        self.add(case, settings, tensors, output)

    def rotary(self, case, batch, positions, heads, width, theta, scaling=None):
        x = self.random(batch, positions, heads * width)
        rope = dict(rope_theta=theta, **(scaling or {"rope_type": "default"}))
        config = LlamaConfig(
            hidden_size=heads * width, num_attention_heads=heads, head_dim=width, rope_parameters=rope,
            max_position_embeddings=64)
        cosines, sines = LlamaRotaryEmbedding(config)(x, torch.arange(positions)[None, :])
        split = x.view(batch, positions, heads, width).transpose(1, 2)
        turned, _ = apply_rotary_pos_emb(split, split, cosines, sines)
        settings = {"heads": heads, "headWidth": width, "ropeTheta": theta}
        if scaling:
            settings["ropeScaling"] = scaling
        self.add(case, settings, {"input": x}, turned.transpose(1, 2).reshape(batch, positions, heads * width))

    def rotary_part(self, case, batch, positions, heads, width, theta, share):
        x = self.random(batch, positions, heads * width)
        config = GPTNeoXConfig(
            hidden_size=heads * width, num_attention_heads=heads, rotary_emb_base=theta, rotary_pct=share)
        cosines, sines = GPTNeoXRotaryEmbedding(config)(x, torch.arange(positions)[None, :])
        split = x.view(batch, positions, heads, width).transpose(1, 2)
        turned, _ = apply_part_of_rotary_pos_emb(split, split, cosines, sines)
        self.add(
            case, {"heads": heads, "headWidth": width, "ropeTheta": theta, "ropeShare": share}, {"input": x},
            turned.transpose(1, 2).reshape(batch, positions, heads * width))

    def norm_of_heads(self, case, rows, heads, key_heads, width, epsilon):
        norms = [Qwen3RMSNorm(width, epsilon) for _ in range(2)]
        tensors = {
            "input": self.random(rows, (heads + 2 * key_heads) * width, scale=3),
            "queryGain": self.random(width, shift=1), "keyGain": self.random(width, shift=1)}
        query, key, value = tensors["input"].split([heads * width, key_heads * width, key_heads * width], dim=-1)
        parts = [
            torch.func.functional_call(norm, {"weight": tensors[gain]}, (part.view(rows, -1, width),)).flatten(1)
            for norm, gain, part in zip(norms, ["queryGain", "keyGain"], [query, key])]
        settings = {"heads": heads, "keyValueHeads": key_heads, "headWidth": width, "epsilon": epsilon}
        self.add(case, settings, tensors, torch.cat(parts + [value], dim=-1))

    def disentangled(self, case, length, heads, width, buckets, maximum):
        span = buckets if buckets > 0 else maximum
        tensors = {name: self.random(1, length, heads * width) for name in ["query", "key", "value"]}
        tensors["positions"] = self.random(2 * span, 2 * heads * width)
        module = DisentangledSelfAttention(DebertaV2Config(
            hidden_size=heads * width, num_attention_heads=heads, relative_attention=True, share_att_key=True,
            pos_att_type=["p2c", "c2p"], position_buckets=buckets, max_relative_positions=maximum))
        # In place of what projects the rows for distances: the rows as they are projected.
        for index, name in enumerate(["query_proj", "key_proj"]):
            delattr(module, name)
            setattr(module, name, lambda _, index=index: tensors["positions"].chunk(2, -1)[index][None])
        query, key, value = (module.transpose_for_scores(tensors[name], heads) for name in ["query", "key", "value"])
        bias = module.disentangled_attention_bias(query, key, None, tensors["positions"], 3)
        scale = (3 * width) ** -0.5
        output = torch.softmax(query @ key.transpose(1, 2) * scale + bias, -1) @ value
        self.add(
            case, {"heads": heads, "headWidth": width, "scale": scale, "buckets": buckets, "maximum": maximum}, tensors,
            output.transpose(0, 1).reshape(1, length, heads * width))

    def make_encoders(self):
        self.attention("attention-local", 19, 19, 3, 5, 0.5, False, [19, 16], False, window=4)
        self.attention("attention-local-biased", 11, 11, 2, 3, 1.0, False, [11], True, window=1)
        self.disentangled("disentangled", 17, 3, 5, 6, 20)
        self.disentangled("disentangled-exact", 9, 2, 4, -1, 3)
        write_tensors("encoder-operations.safetensors", self.tensors)
        write_json("encoder-operations.json", self.cases)

    def make_seq2seq(self):
        self.recurrent("lstm-reversed", torch.nn.LSTM, [9, 1, 12], 5, 7, reverse=True)
        self.recurrent("gru-reversed", torch.nn.GRU, [9, 1, 12], 5, 7, reverse=True)
        self.recurrent("elman-reversed", torch.nn.RNN, [4, 3], 3, 2, reverse=True)
        self.additive("additive", 9, 11, 5, 7, [11, 3])
        self.additive("additive-one", 1, 1, 3, 2, [1])
        write_tensors("seq2seq-operations.safetensors", self.tensors)
        write_json("seq2seq-operations.json", self.cases)

    def additive(self, case, queries, keys, columns, width, visible):
        batch = len(visible)
        tensors = {
            "query": self.random(batch, queries, columns), "key": self.random(batch, keys, columns),
            "value": self.random(batch, keys, width), "vector": self.random(columns)}
        key_mask = [[1] * n + [0] * (keys - n) for n in visible]
        scores = torch.tanh(tensors["query"][:, :, None] + tensors["key"][:, None]) @ tensors["vector"]
        hidden = torch.tensor(key_mask)[:, None, :] == 0
        weights = torch.softmax(scores.masked_fill(hidden, -math.inf), dim=-1)
        self.add(case, {"keyMask": key_mask}, tensors, weights @ tensors["value"])

    def recurrent(self, case, make, lengths, inputs, width, reverse=False):
        batch, longest = len(lengths), max(lengths)
        layer = make(inputs, width, batch_first=True, bidirectional=reverse)
        height = layer.weight_hh_l0.shape[0]
        states = ["hidden", "cell"] if make is torch.nn.LSTM else ["hidden"]
        tensors = {"input": self.random(batch, longest, inputs)}
        for state in states:
            tensors[state] = self.random(batch, width, scale=0.5 if state == "hidden" else 1)
        tensors.update({
            "inputWeight": self.random(height, inputs), "recurrentWeight": self.random(height, width),
            "inputBias": self.random(height), "recurrentBias": self.random(height)})
        suffix = "_reverse" if reverse else ""
        names = dict(zip(
            [key + suffix for key in ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]],
            [tensors[key] for key in ["inputWeight", "recurrentWeight", "inputBias", "recurrentBias"]]))
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            tensors["input"], torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        # Of the direction from the left, which is there as well if the other is, nothing is kept.
        start = tuple(
            torch.stack([torch.zeros(batch, width), tensors[state]]) if reverse else tensors[state][None]
            for state in states)
        out, end = torch.func.functional_call(layer, names, (packed, start if len(start) > 1 else start[0]))
        out, _ = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=longest)
        out = out[:, :, -width:]
        end = [part[-1] for part in (end if len(start) > 1 else [end])]
        self.add(case, {"lengths": lengths}, tensors, torch.cat([out.reshape(-1, width)] + end))

    def make(self):
        x, w, b = self.random(5, 13), self.random(11, 13), self.random(11)
        self.add("linear", {}, {"input": x, "weight": w, "bias": b}, F.linear(x, w, b))
        x, w = self.random(1, 7), self.random(3, 7)
        self.add("linear-row", {}, {"input": x, "weight": w}, F.linear(x, w))
        ids, w = [4, 0, 4, 8, 1, 4], self.random(9, 7)
        self.add("embedding", {"ids": ids}, {"weight": w}, F.embedding(torch.tensor(ids), w))
        x, w = self.random(7, 33, scale=3), self.random(33, shift=1)
        out = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * w
        self.add("rms-norm", {"epsilon": 1e-6}, {"input": x, "weight": w}, out)
        x, w, b = self.random(5, 17, scale=2, shift=0.5), self.random(17, shift=1), self.random(17)
        out = F.layer_norm(x, (17,), w, b, 1e-5)
        self.add("layer-norm", {"epsilon": 1e-5}, {"input": x, "weight": w, "bias": b}, out)
        x = self.random(3, 19, scale=3)
        self.add("gelu-tanh", {}, {"input": x}, F.gelu(x, approximate="tanh"))
        x = self.random(7, 29, scale=4)
        labels = [3, IGNORED, 28, 0, 11, IGNORED, 3]
        loss = F.cross_entropy(x, torch.tensor(labels), ignore_index=IGNORED)
        self.add("softmax-cross-entropy", {"labels": labels}, {"logits": x}, loss)
        self.attention("attention-encoder", 37, 37, 3, 5, 1.0, False, [37, 21, 1], True)
        self.attention("attention-decoder", 35, 35, 2, 7, 1.0, True, [35, 35], True)
        self.attention("attention-decoder-padded", 9, 9, 2, 7, 1.0, True, [9, 4], True)
        self.attention("attention-cross", 5, 11, 3, 6, 1.0, False, [11, 3], False)
        self.attention("attention-scaled-causal", 13, 13, 2, 8, 8 ** -0.5, True, [13, 6], False)
        self.attention("attention-one", 1, 1, 1, 3, 1.0, True, [1], True)
        x = self.random(3, 19, scale=3)
        self.add("silu", {}, {"input": x}, F.silu(x))
        x = self.random(3, 19, scale=3)
        self.add("relu-squared", {}, {"input": x}, F.relu(x).square())
        self.attention("attention-grouped", 13, 13, 6, 4, 0.5, True, [13, 6], False, key_value_heads=2)
        self.attention("attention-one-key-head", 9, 9, 3, 5, 0.4, False, [9, 4], True, key_value_heads=1)
        self.rotary("rotary", 2, 21, 3, 6, 10000.0)
        self.rotary("rotary-linear", 1, 40, 1, 8, 500.0, {"rope_type": "linear", "factor": 4.0})
        self.rotary("rotary-llama3", 1, 40, 2, 16, 500.0, LLAMA3_SCALING)
        self.recurrent("lstm", torch.nn.LSTM, [9, 1, 12], 5, 7)
        self.recurrent("lstm-one", torch.nn.LSTM, [1], 3, 2)
        x = self.random(7, 29, scale=4)
        loss = F.cross_entropy(x, torch.tensor(labels), ignore_index=IGNORED)
        kept = x[[label != IGNORED for label in labels]]
        both = loss + 0.01 * torch.logsumexp(kept, -1).square().mean()
        self.add("z-loss", {"labels": labels, "zLoss": 0.01, "loss": loss.item()}, {"logits": x}, both)
        self.attention("attention-window", 19, 19, 4, 5, 0.5, True, [19, 19], False, key_value_heads=2, window=4)
        self.attention("attention-window-biased", 11, 11, 2, 3, 1.0, True, [11], True, window=2)
        self.rotary_part("rotary-part", 2, 21, 3, 10, 500.0, 0.4)
        self.norm_of_heads("norm-of-heads", 7, 4, 2, 6, 1e-3)
        self.rotary("rotary-yarn", 1, 40, 2, 16, 500.0, {
            "rope_type": "yarn", "factor": 4.0, "beta_fast": 3.0, "beta_slow": 0.5, "attention_factor": 1.2,
            "original_max_position_embeddings": 32})
        self.recurrent("gru", torch.nn.GRU, [9, 1, 12], 5, 7)
        self.recurrent("elman", torch.nn.RNN, [9, 1, 12], 5, 7)
        write_tensors("operations.safetensors", self.tensors)
        write_json("operations.json", self.cases)


MAKERS = {
    "t5-v1.0": lambda name: make_t5(name, 1, gated=False),
    "t5-v1.1": lambda name: make_t5(name, 2, gated=True),
    "t5-v1.1-wide": lambda name: make_t5(name, 3, gated=True, heads=3, head_width=12, layers=1, feed_forward=48),
    "gpt2": lambda name: make_gpt2(name, 4),
    "operations": lambda name: Operations(5).make(),
    "encoder-operations": lambda name: Operations(26).make_encoders(),
    "seq2seq-operations": lambda name: Operations(38).make_seq2seq(),
    "bert": lambda name: make_encoder(name, 6, BertConfig, BertForMaskedLM, "vocabulary"),
    "bert-classifier": lambda name: make_encoder(
        name, 7, BertConfig, BertForSequenceClassification, "classification"),
    "bert-regression": lambda name: make_encoder(name, 8, BertConfig, BertForSequenceClassification, "regression"),
    "electra-discriminator": lambda name: make_encoder(
        name, 9, ElectraConfig, ElectraForPreTraining, "detection", 20),
    "electra-generator": lambda name: make_encoder(name, 10, ElectraConfig, ElectraForMaskedLM, "vocabulary", 20),
    "llama": lambda name: make_llama(name, 11, tied=False),
    "llama-tied": lambda name: make_llama(
        name, 12, tied=True, heads=2, key_value_heads=1, head_width=24, scaling=LLAMA3_SCALING),
    "bart": lambda name: make_bart(
        name, 23, BartConfig, BartForConditionalGeneration, 1, {"skippedPositions": 2}),
    "bart-classifier": lambda name: make_variant(
        name, 26, "bart", lambda: BartForSequenceClassification(BartConfig(
            vocab_size=VOCABULARY, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=24, dropout=0.0,
            pad_token_id=0, eos_token_id=1, decoder_start_token_id=1, use_cache=False, num_labels=3)),
        "classification", end=[1], family="bart", width=32, heads=4, encoderLayers=1, decoderLayers=2, feedForward=48,
        activation="exact-gelu", epsilon=1e-5, maximumLength=24, untrainedToken=0, startToken=1, skippedPositions=2),
    "umt5": lambda name: make_t5(
        name, 27, gated=True, config=UMT5Config, model=UMT5ForConditionalGeneration, type="umt5", graft={
            "family": "t5", "vocabularySize": VOCABULARY, "dropout": 0, "width": 32, "heads": 2, "headDimension": 16,
            "feedForward": 64, "encoderLayers": 2, "decoderLayers": 2, "activation": "gelu", "gated": True, "tied": False,
            "epsilon": 1e-6, "relativePerLayer": True}),
    # Its decoder starts with the padding, whose vector is not trained where it is read.
    "marian": lambda name: make_bart(
        name, 24, MarianConfig, MarianMTModel, 0,
        {"positions": "sinusoidal", "embeddingNorm": False, "scalesEmbedding": True, "activation": "silu"},
        scale_embedding=True, activation_function="swish"),
    "gemma": lambda name: make_relative(
        name, 28, GemmaConfig, GemmaForCausalLM, {
            "norm": "offset-rms", "scalesEmbedding": True, "activation": "gelu", "tied": True, "headDimension": 12,
            "keyValueHeads": 1}, head_dim=12, pad_token_id=0),
    "gpt-neox": lambda name: make_relative(
        name, 17, GPTNeoXConfig, GPTNeoXForCausalLM, {
            "norm": "layer", "attentionBiases": "all", "feedForwardBiases": True, "parallel": True, "gated": False,
            "activation": "exact-gelu", "ropeComponents": 2}),
    "gpt-neox-serial": lambda name: make_relative(
        name, 18, GPTNeoXConfig, GPTNeoXForCausalLM, {
            "norm": "layer", "feedForwardBiases": True, "gated": False, "activation": "gelu", "ropeTheta": 500,
            "ropeComponents": 4, "tied": True},
        use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new", rotary_pct=0.5, rotary_emb_base=500),
    "llama-biased": lambda name: make_relative(
        name, 19, LlamaConfig, LlamaForCausalLM, {"attentionBiases": "all", "feedForwardBiases": True},
        attention_bias=True, mlp_bias=True),
    "mistral": lambda name: make_relative(
        name, 20, MistralConfig, MistralForCausalLM, {"window": 5, "keyValueHeads": 2}, sliding_window=5),
    "qwen2": lambda name: make_relative(
        name, 21, Qwen2Config, Qwen2ForCausalLM, {
            "attentionBiases": "inputs", "keyValueHeads": 2, "tied": True, "window": 3, "firstWindowedLayer": 1},
        use_sliding_window=True, sliding_window=3, max_window_layers=1),
    "qwen3": lambda name: make_relative(
        name, 22, Qwen3Config, Qwen3ForCausalLM, {"headNorm": True, "headDimension": 10, "keyValueHeads": 1, "tied": True},
        head_dim=10),
    "gpt-neo": lambda name: make_relative(
        name, 26, GPTNeoConfig, GPTNeoForCausalLM, {
            "family": "gpt", "decoderLayers": 3, "activation": "gelu", "gated": False, "tied": True,
            "scalesAttention": False, "attentionBiases": "output", "window": 4},
        num_layers=3, num_heads=4, window_size=4, attention_types=[[["global", "local", "global"], 1]]),
    "opt": lambda name: make_relative(
        name, 25, OPTConfig, OPTForCausalLM, {
            "family": "gpt", "skippedPositions": 2, "activation": "relu", "gated": False, "tied": True},
        ffn_dim=48, dropout=0.0, pad_token_id=0),
    "lstm": lambda name: make_recurrent(name, 13, "lstm"),
    "gru": lambda name: make_recurrent(name, 29, "gru"),
    "rnn": lambda name: make_recurrent(name, 30, "rnn"),
    "qrnn": lambda name: make_recurrent(name, 33, "qrnn"),
    "seq2seq": lambda name: make_seq2seq(name, 35, "lstm", True, "dot"),
    "seq2seq-additive": lambda name: make_seq2seq(name, 36, "gru", True, "additive"),
    "seq2seq-plain": lambda name: make_seq2seq(name, 37, "lstm", False, "none"),
    "nplm": lambda name: make_recurrent(name, 35, "nplm"),
    "nplm-direct": lambda name: make_recurrent(name, 36, "nplm-direct"),
    "conv-lm": lambda name: make_recurrent(name, 38, "conv-lm"),
    "conv-lm-bottleneck": lambda name: make_recurrent(name, 39, "conv-lm-bottleneck"),
    "sha-rnn": lambda name: make_recurrent(name, 41, "sha-rnn"),
    "lstm-peepholes": lambda name: make_recurrent(name, 43, "lstm-peepholes"),
    "mlstm": lambda name: make_recurrent(name, 44, "mlstm"),
    "modern": lambda name: make_modern(
        name, 14, "prefix-decoder", tied=False, prefixes=[9, 14, 1], valueEmbeddingStride=2, bigramRows=41,
        logitCap=5),
    "modern-decoder": lambda name: make_modern(
        name, 15, "decoder", positions="relative", relativeBuckets=8, relativeDistance=12, shortcut=False,
        bigramRows=23, headNorm=False),
    "modern-encoder": lambda name: make_modern(
        name, 16, "encoder", positions="sinusoidal", gated=True, activation="gelu"),
    "distilbert": lambda name: make_distilbert(name, 17, DistilBertForMaskedLM, "vocabulary"),
    "distilbert-classifier": lambda name: make_distilbert(
        name, 18, DistilBertForSequenceClassification, "classification"),
    "albert": lambda name: make_albert(name, 24),
    "mpnet": lambda name: make_mpnet(name, 25),
    "deberta": lambda name: make_deberta(name, 22, DebertaV2ForMaskedLM, "vocabulary", 8, 24, "layer_norm"),
    "deberta-classifier": lambda name: make_deberta(
        name, 23, DebertaV2ForSequenceClassification, "classification", -1, 6, "none"),
    "distances": make_distances,
    "modernbert": lambda name: make_modernbert(name, 20, ModernBertForMaskedLM, "vocabulary", "first"),
    "modernbert-classifier": lambda name: make_modernbert(
        name, 21, ModernBertForSequenceClassification, "classification", "mean", layers=2, stride=2, reach=1),
    "roberta": lambda name: make_roberta(name, 19),
    "lstm-carried": lambda name: make_carried(name, 14, "lstm"),
    "gru-carried": lambda name: make_carried(name, 31, "gru"),
    "rnn-carried": lambda name: make_carried(name, 32, "rnn"),
    "qrnn-carried": lambda name: make_carried(name, 34, "qrnn"),
    "nplm-carried": lambda name: make_carried(name, 37, "nplm"),
    "conv-lm-carried": lambda name: make_carried(name, 40, "conv-lm"),
    "sha-rnn-carried": lambda name: make_carried(name, 42, "sha-rnn"),
    "lstm-peepholes-carried": lambda name: make_carried(name, 45, "lstm-peepholes"),
    "mlstm-carried": lambda name: make_carried(name, 46, "mlstm"),
}


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name](name)

"""Makes small model folders as transformers saves them, and what transformers computes with them.

    python3 make_folders.py [NAME ...]        # writes beside itself; all by default

Needs torch, transformers, tokenizers and safetensors. Everything is float32 on one thread. Norm weights and biases are
moved off their initial ones and zeros, so that a part that forgets them fails.

NAME/               what save_pretrained writes, with a byte-level BPE tokenizer of 300 tokens
NAME.json
    encoder         T5, BART, BERT, ELECTRA: token ids an encoder reads
    decoder         T5, BART, GPT-2, Llama: token ids the decoder reads
    input, target   the same as text, for scoring; the input only for T5 and BART
    scores          the log-probability of each of the target's tokens (T5, BART: and of end-of-sequence). BERT and ELECTRA's
                    generator: of each token with a mask in its place, behind the start token.
                    None for ELECTRA's discriminator and for classifiers
NAME.logits.safetensors
    logits          [tokens, vocabulary] of what the decoder or, alone, the encoder reads; [tokens] for the
                    discriminator, [choices] for classifiers
"""

import json
import os
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AlbertConfig, AlbertForMaskedLM, AlbertForPreTraining, AlbertForSequenceClassification, BartConfig,
    BartForConditionalGeneration, BartForSequenceClassification, BertConfig, BertForMaskedLM, BertForPreTraining, BertForSequenceClassification,
    DebertaV2Config, DebertaV2ForMaskedLM, DebertaV2ForSequenceClassification, DistilBertConfig, DistilBertForMaskedLM,
    DistilBertForSequenceClassification, ElectraConfig, ElectraForMaskedLM, ElectraForPreTraining,
    ElectraForSequenceClassification, GemmaConfig, GemmaForCausalLM, GPT2Config, GPT2LMHeadModel, GPTNeoConfig, GPTNeoForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig,
    LlamaForCausalLM, MarianConfig, MarianMTModel, MistralConfig, MistralForCausalLM, MPNetConfig, MPNetForMaskedLM,
    MPNetForSequenceClassification, MT5Config, MT5ForConditionalGeneration, ModernBertConfig, ModernBertForMaskedLM,
    ModernBertForSequenceClassification, OPTConfig, OPTForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, Qwen3Config,
    Qwen3ForCausalLM, RobertaConfig, RobertaForMaskedLM, RobertaForSequenceClassification, T5Config,
    T5ForConditionalGeneration, UMT5Config, UMT5ForConditionalGeneration, XLMRobertaConfig, XLMRobertaForMaskedLM)

HERE = os.path.dirname(os.path.abspath(__file__))
TOKENS, ROWS, SENTINELS = 300, 320, 4
TEXT, INPUT = "The cat sees the old dog, doesn't it?", "sentiment sentence: a gripping film"


def make_tokenizer():
    specials = ["<pad>", "</s>", "<unk>"] + [f"<extra_id_{i}>" for i in range(SENTINELS)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS, special_tokens=specials, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    with open(os.path.join(HERE, "../tokenizer/training.txt")) as file:
        tokenizer.train_from_iterator(file.read().splitlines(), trainer)
    assert tokenizer.get_vocab_size() == TOKENS
    return tokenizer


TOKENIZER = make_tokenizer()
MASK = TOKENIZER.token_to_id("<extra_id_0>")


def perturb(model, seed, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
            elif parameter.requires_grad:  # not sines
                parameter *= scale  # at the usual 0.02 attention would be all but uniform
    return model.eval()


def ids(text):
    return TOKENIZER.encode(text).ids


def save(name, model, description, logits, **options):
    folder = os.path.join(HERE, name)
    model.save_pretrained(folder, **options)
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(TOKENIZER.to_str()), pad_token="<pad>", eos_token="</s>",
        unk_token="<unk>").save_pretrained(folder)
    # As it was trained: recent transformers write a post-processor that does nothing into it.
    TOKENIZER.save(os.path.join(folder, "tokenizer.json"))
    save_file({"logits": logits.detach().contiguous()}, os.path.join(HERE, f"{name}.logits.safetensors"))
    with open(os.path.join(HERE, f"{name}.json"), "w") as file:
        json.dump(description, file, indent=1, sort_keys=True)
        file.write("\n")


def of_targets(logits, targets):
    logarithms = torch.log_softmax(logits, -1)
    return [logarithms[row, target].item() for row, target in enumerate(targets)]


def t5(name, gated, seed, config=T5Config, model=T5ForConditionalGeneration, **options):
    torch.manual_seed(seed)
    config = config(**{**dict(
        vocab_size=ROWS, d_model=32, d_kv=12, d_ff=40, num_layers=1, num_decoder_layers=2, num_heads=2,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
        feed_forward_proj="gated-gelu" if gated else "relu", tie_word_embeddings=not gated), **options})
    model = model(config)
    if gated:
        # T5 v1.1 has an output layer of its own; recent transformers tie it while the model is built.
        model.lm_head.weight = torch.nn.Parameter(0.2 * torch.randn(ROWS, 32))
        model.config.tie_word_embeddings = False
    perturb(model, seed)
    targets = ids(TEXT) + [1]
    encoder, decoder = ids(INPUT) + [1], [0] + targets[:-1]
    logits = model(input_ids=torch.tensor([encoder]), decoder_input_ids=torch.tensor([decoder])).logits[0]
    save(name, model, {
        "encoder": encoder, "decoder": decoder, "input": INPUT, "target": TEXT,
        "scores": of_targets(logits, targets)}, logits)


def bart(name, seed, config=BartConfig, model=BartForConditionalGeneration, opening=3, generation=None, **options):
    """Texts have an opening token, if there is one, and begin in the decoder behind the end or the padding."""
    torch.manual_seed(seed)
    start = 0 if opening is None else 1
    model = perturb(model(config(**{**dict(
        vocab_size=TOKENS, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=40, decoder_ffn_dim=40, max_position_embeddings=48,
        attention_dropout=0.1, pad_token_id=0, bos_token_id=opening, eos_token_id=1, decoder_start_token_id=start,
        forced_eos_token_id=1), **options})), seed, scale=5)
    with torch.no_grad():
        model.final_logits_bias.copy_(0.3 * torch.randn(1, TOKENS))
    model.generation_config.update(**(generation or {}))
    before = [] if opening is None else [opening]
    targets = before + ids(TEXT) + [1]
    encoder, decoder = before + ids(INPUT) + [1], [start] + targets[:-1]
    logits = model(input_ids=torch.tensor([encoder]), decoder_input_ids=torch.tensor([decoder])).logits[0]
    save(name, model, {
        "encoder": encoder, "decoder": decoder, "input": INPUT, "target": TEXT,
        "scores": of_targets(logits, targets)}, logits)


def gpt2(name, seed, **options):
    decoder(name, seed, lambda: GPT2LMHeadModel(GPT2Config(
        vocab_size=TOKENS, n_positions=64, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=1,
        **options)))


def llama(name, seed, config=LlamaConfig, model=LlamaForCausalLM, **options):
    decoder(name, seed, lambda: model(config(**{**dict(
        vocab_size=TOKENS, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, bos_token_id=0, eos_token_id=1), **options})))


def gpt_neo(name, seed):
    decoder(name, seed, lambda: GPTNeoForCausalLM(GPTNeoConfig(
        vocab_size=TOKENS, hidden_size=32, num_layers=3, num_heads=2, intermediate_size=40, window_size=4,
        attention_types=[[["global", "local", "global"], 1]], max_position_embeddings=64, bos_token_id=0,
        eos_token_id=1)))


def gpt_neox(name, seed, **options):
    decoder(name, seed, lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**{**dict(
        vocab_size=TOKENS, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=64, bos_token_id=0, eos_token_id=1), **options})))


def opt(name, seed):
    decoder(name, seed, lambda: OPTForCausalLM(OPTConfig(
        vocab_size=TOKENS, hidden_size=32, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=64, attention_dropout=0.1, pad_token_id=0, bos_token_id=0, eos_token_id=1)))


def decoder(name, seed, make):
    torch.manual_seed(seed)
    model = perturb(make(), seed, scale=5)
    targets = ids(TEXT)
    inputs = [0] + targets[:-1]
    logits = model(input_ids=torch.tensor([inputs])).logits[0]
    save(name, model, {"decoder": inputs, "target": TEXT, "scores": of_targets(logits, targets)}, logits)


def masked(name, model, seed, half=False, **options):
    """An encoder with a masked language modelling head; with `half`, of weights that are stored as float16."""
    perturb(model, seed, scale=5)
    if half:
        model.half().float()
    targets = ids(TEXT)
    encoder = [0] + targets
    hidden = torch.tensor([encoder] * len(targets))
    for row in range(len(targets)):
        hidden[row, row + 1] = MASK

    def run(inputs):
        out = model(input_ids=inputs)
        return out.logits if "logits" in out else out.prediction_logits

    scores = run(hidden)
    scores = of_targets(torch.stack([scores[row, row + 1] for row in range(len(targets))]), targets)
    logits = run(torch.tensor([encoder]))[0]
    if half:
        model.half()
    save(name, model, {"encoder": encoder, "target": TEXT, "scores": scores}, logits, **options)


def bert_config(**options):
    return BertConfig(
        vocab_size=TOKENS, max_position_embeddings=64, hidden_size=32, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=48, **options)


def untie(model, head):
    """Gives a model an output embedding of its own, as it has with tie_word_embeddings false."""
    decoder = head(model)
    decoder.weight = torch.nn.Parameter(0.02 * torch.randn(decoder.weight.shape))
    model.config.tie_word_embeddings = False
    return model


def bert(name, seed, head=None, **options):
    torch.manual_seed(seed)
    model = BertForMaskedLM(bert_config(**options))
    masked(name, untie(model, head) if head else model, seed)


def albert_config(**options):
    return AlbertConfig(**{**dict(
        vocab_size=TOKENS, max_position_embeddings=64, embedding_size=14, hidden_size=30, num_hidden_layers=3,
        num_attention_heads=3, intermediate_size=41), **options})


def albert(name, seed, model=AlbertForMaskedLM, **options):
    torch.manual_seed(seed)
    masked(name, model(albert_config(**options)), seed)


def mpnet_config(**options):
    return MPNetConfig(
        vocab_size=TOKENS, max_position_embeddings=67, hidden_size=30, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=41, bos_token_id=0, eos_token_id=1, **options)


def mpnet(name, seed):
    torch.manual_seed(seed)
    masked(name, MPNetForMaskedLM(mpnet_config()), seed)


def deberta_config(**options):
    return DebertaV2Config(**{**dict(
        vocab_size=TOKENS, max_position_embeddings=64, hidden_size=30, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=41, relative_attention=True, position_biased_input=False, pos_att_type="p2c|c2p",
        share_att_key=True, position_buckets=8, max_relative_positions=-1, norm_rel_ebd="layer_norm"), **options})


def deberta(name, seed, **options):
    torch.manual_seed(seed)
    masked(name, DebertaV2ForMaskedLM(deberta_config(**options)), seed)


def distilbert_config(**options):
    return DistilBertConfig(**{**dict(
        vocab_size=TOKENS, max_position_embeddings=64, dim=30, n_layers=2, n_heads=3, hidden_dim=41), **options})


def distilbert(name, seed, head=None, **options):
    torch.manual_seed(seed)
    model = DistilBertForMaskedLM(distilbert_config(**options))
    masked(name, untie(model, head) if head else model, seed)


def modernbert_config(**options):
    return ModernBertConfig(**{**dict(
        vocab_size=TOKENS, max_position_embeddings=64, hidden_size=36, num_hidden_layers=4, num_attention_heads=3,
        intermediate_size=29, local_attention=8, global_attn_every_n_layers=3, pad_token_id=0, bos_token_id=0,
        cls_token_id=0, eos_token_id=1, sep_token_id=1), **options})


def modernbert(name, seed, head=None, **options):
    torch.manual_seed(seed)
    model = ModernBertForMaskedLM(modernbert_config(**options))
    masked(name, untie(model, head) if head else model, seed)


def roberta_config(config=RobertaConfig, **options):
    return config(
        vocab_size=TOKENS, max_position_embeddings=67, hidden_size=32, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=48, type_vocab_size=1, pad_token_id=2, bos_token_id=0,
        eos_token_id=1, **options)


def roberta(name, seed, config=RobertaConfig, model=RobertaForMaskedLM):
    # The positions of a RoBERTa skip its padding token, here <unk>, which no text has.
    torch.manual_seed(seed)
    masked(name, model(roberta_config(config)), seed)


def bert_pretraining(name, seed):
    """With a pooler and a head for next-sentence prediction, in 16 bits and several files."""
    torch.manual_seed(seed)
    masked(name, BertForPreTraining(bert_config()), seed, half=True, max_shard_size="20KB")


def electra_config(**options):
    return ElectraConfig(
        vocab_size=TOKENS, max_position_embeddings=64, embedding_size=24, hidden_size=32, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=48, **options)


def electra_generator(name, seed, head=None, **options):
    torch.manual_seed(seed)
    model = ElectraForMaskedLM(electra_config(**options))
    masked(name, untie(model, head) if head else model, seed)


def electra_discriminator(name, seed):
    torch.manual_seed(seed)
    model = perturb(ElectraForPreTraining(electra_config()), seed, scale=5)
    encoder = [0] + ids(TEXT)
    logits = model(input_ids=torch.tensor([encoder])).logits[0]
    save(name, model, {"encoder": encoder, "target": TEXT}, logits)


def classifier(name, make, seed, labels=("negative", "positive"), task="micro-sentiment", end=(1,)):
    torch.manual_seed(seed)
    model = perturb(make(
        **({"finetuning_task": task} if task else {}), id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)}), seed, scale=5)
    encoder = [0] + ids(TEXT) + list(end)
    logits = model(input_ids=torch.tensor([encoder])).logits[0]
    save(name, model, {"encoder": encoder, "target": TEXT}, logits)


FOLDERS = {
    "albert": lambda name: albert(name, 33),
    "albert-classifier": lambda name: classifier(
        name, lambda **options: AlbertForSequenceClassification(albert_config(hidden_act="relu", **options)), 34,
        task=None),
    "bert": lambda name: bert(name, 1),
    "bert-classifier": lambda name: classifier(
        name, lambda **options: BertForSequenceClassification(bert_config(**options)), 8),
    "bert-pretraining": lambda name: bert_pretraining(name, 2),
    "deberta": lambda name: deberta(name, 29),
    "deberta-classifier": lambda name: classifier(
        name, lambda **options: DebertaV2ForSequenceClassification(deberta_config(**options)), 30,
        labels=["entailment", "neutral", "contradiction"], task=None),
    "distilbert": lambda name: distilbert(name, 22),
    "distilbert-classifier": lambda name: classifier(
        name, lambda **options: DistilBertForSequenceClassification(distilbert_config(**options)), 23,
        labels=["contradiction", "entailment", "neutral"], task=None),
    "electra-classifier": lambda name: classifier(
        name, lambda **options: ElectraForSequenceClassification(electra_config(**options)), 9),
    "electra-discriminator": lambda name: electra_discriminator(name, 3),
    "electra-generator": lambda name: electra_generator(name, 4),
    "gpt2": lambda name: gpt2(name, 5),
    "llama": lambda name: llama(name, 20),
    "modernbert": lambda name: modernbert(name, 26),
    "modernbert-classifier": lambda name: classifier(
        name, lambda **options: ModernBertForSequenceClassification(
            modernbert_config(classifier_pooling="mean", **options)), 27, labels=["a", "b", "c", "d"], task=None),
    "mpnet": lambda name: mpnet(name, 36),
    "mpnet-classifier": lambda name: classifier(
        name, lambda **options: MPNetForSequenceClassification(mpnet_config(**options)), 37, task=None,
        end=()),  # to its code 1 is padding, whatever the configuration says
    "t5": lambda name: t5(name, False, 6),
    "t5-v1.1": lambda name: t5(name, True, 7),
    # Sizes and variants that are rarer.
    "bart": lambda name: bart(name, 31, generation={"forced_bos_token_id": 3}),
    # As facebook/bart-large-mnli has its labels. Texts start with <pad>, the token before them in the other fixtures.
    "bart-classifier": lambda name: classifier(
        name, lambda **options: BartForSequenceClassification(BartConfig(
            vocab_size=TOKENS, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=40, decoder_ffn_dim=40, max_position_embeddings=48,
            attention_dropout=0.1, pad_token_id=4, bos_token_id=0, eos_token_id=1, decoder_start_token_id=1,
            forced_eos_token_id=1, **options)), 41, labels=["contradiction", "neutral", "entailment"], task=None),
    "marian": lambda name: bart(
        name, 32, MarianConfig, MarianMTModel, opening=None, encoder_layers=2, decoder_layers=1, scale_embedding=True,
        activation_function="swish", generation={"bad_words_ids": [[0]]}, encoder_attention_heads=2, decoder_attention_heads=2),
    "albert-pretraining": lambda name: albert(name, 35, AlbertForPreTraining, num_hidden_layers=1),
    "bert-one-segment": lambda name: bert(name, 10, type_vocab_size=1, hidden_act="silu"),
    "bert-untied": lambda name: bert(
        name, 11, head=lambda model: model.cls.predictions.decoder, type_vocab_size=16),
    "bert-labels": lambda name: classifier(
        name, lambda **options: BertForSequenceClassification(bert_config(**options)), 12,
        labels=["POSITIVE", "Negative"], task=None),
    "deberta-exact": lambda name: deberta(
        name, 31, position_buckets=-1, max_relative_positions=9, norm_rel_ebd="none", type_vocab_size=2),
    "deberta-own-head": lambda name: deberta(name, 32, legacy=False),
    "distilbert-untied": lambda name: distilbert(
        name, 24, head=lambda model: model.vocab_projector, activation="relu", sinusoidal_pos_embds=True,
        max_position_embeddings=37),
    "electra-untied": lambda name: electra_generator(
        name, 13, head=lambda model: model.generator_lm_head, type_vocab_size=4),
    "gpt2-scaled-by-layer": lambda name: gpt2(name, 14, scale_attn_by_inverse_layer_idx=True),
    "gpt2-unscaled": lambda name: gpt2(
        name, 15, scale_attn_weights=False, activation_function="silu"),
    "llama-scaled": lambda name: llama(
        name, 21, head_dim=12, tie_word_embeddings=True, rope_parameters={
            "rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 32}),
    "modernbert-untied": lambda name: modernbert(
        name, 28, head=lambda model: model.decoder, hidden_activation="silu", classifier_activation="relu",
        local_attention=2, layer_types=["full_attention", "sliding_attention"] * 2, norm_eps=1e-3, rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": 500.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 20.0}}),
    # Llama's relatives. Windows are narrower than the text.
    "gpt-neo": lambda name: gpt_neo(name, 35),
    "gpt-neox": lambda name: gpt_neox(name, 22),
    "gpt-neox-serial": lambda name: gpt_neox(
        name, 23, hidden_size=36, num_attention_heads=3, rotary_pct=0.5, rotary_emb_base=500, tie_word_embeddings=True,
        use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new"),
    "llama-biased": lambda name: llama(name, 24, attention_bias=True, mlp_bias=True, hidden_act="gelu"),
    # The shape of SmolLM2-135M in small: nine heads that share three, tied, a base of 100,000.
    "llama-smol": lambda name: llama(
        name, 25, hidden_size=36, num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0}),
    # Heads that together are wider than the model, one for all keys and values.
    "gemma": lambda name: llama(
        name, 44, GemmaConfig, GemmaForCausalLM, head_dim=12, num_key_value_heads=1, tie_word_embeddings=True, pad_token_id=0),
    "mistral": lambda name: llama(
        name, 26, MistralConfig, MistralForCausalLM, sliding_window=5, head_dim=10, rms_norm_eps=1e-5),
    "mistral-whole": lambda name: llama(name, 27, MistralConfig, MistralForCausalLM, sliding_window=None),
    "opt": lambda name: opt(name, 33),
    "qwen2": lambda name: llama(
        name, 28, Qwen2Config, Qwen2ForCausalLM, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}),
    # As Qwen 2.5 reads texts that are longer than those it learned from.
    "qwen2-yarn": lambda name: llama(
        name, 34, Qwen2Config, Qwen2ForCausalLM, rope_parameters={
            "rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 16}),
    "qwen2-window": lambda name: llama(
        name, 29, Qwen2Config, Qwen2ForCausalLM, num_hidden_layers=3, use_sliding_window=True, sliding_window=4,
        max_window_layers=1),
    "qwen3": lambda name: llama(name, 30, Qwen3Config, Qwen3ForCausalLM, head_dim=14, tie_word_embeddings=True),
    "mt5": lambda name: t5(name, True, 16, MT5Config, MT5ForConditionalGeneration),
    "umt5": lambda name: t5(name, True, 43, UMT5Config, UMT5ForConditionalGeneration, num_layers=2),
    "roberta": lambda name: roberta(name, 17),
    "roberta-classifier": lambda name: classifier(
        name, lambda **options: RobertaForSequenceClassification(roberta_config(**options)), 18),
    "xlm-roberta": lambda name: roberta(name, 25, XLMRobertaConfig, XLMRobertaForMaskedLM),
    "t5-gated-silu": lambda name: t5(
        name, True, 19, feed_forward_proj="gated-silu", relative_attention_num_buckets=10,
        relative_attention_max_distance=20),
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or FOLDERS:
        FOLDERS[name](name)

"""Training steps of a PyTorch model: forward, backward, clipping to 1 and fused AdamW, dropout 0.1, on random tokens.

What `graft benchmark train` times, by transformers: the same sizes, the same batch at every step. Positions are those
through the main network; for span corruption an encoder's, and a decoder's of a quarter as many.

    python3 torch_step.py --objective clm --size S --mode bf16 --steps 8

--serve reads such arguments line by line and answers each with a line of JSON from a process of its own, so that the
libraries are loaded once; measure.py does that. Preload tcmalloc (LD_PRELOAD), with which PyTorch is twice as fast.
"""

import argparse
import json
import os
import resource
import shlex
import sys
import time

import torch
import transformers

# width, layers, heads, feed-forward, vocabulary, tokens of a sequence, sequences of a batch; as in `graft benchmark train`
SIZES = {
    "S": (256, 4, 4, 1024, 8192, 128, 32),
    "M": (512, 8, 8, 2048, 16384, 256, 16),
    "L": (768, 12, 12, 3072, 32768, 512, 4),
}
DROPOUT = 0.1


def causal_lm(width, layers, heads, feed_forward, words, length, batch):
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=words, n_positions=length, n_embd=width, n_layer=layers, n_head=heads, n_inner=feed_forward,
        resid_pdrop=DROPOUT, embd_pdrop=DROPOUT, attn_pdrop=DROPOUT))
    tokens = torch.randint(0, words, (batch, length))
    return model, lambda: model(input_ids=tokens, labels=tokens).loss, batch * length


def masked_lm(width, layers, heads, feed_forward, words, length, batch):
    model = transformers.BertForMaskedLM(transformers.BertConfig(
        vocab_size=words, max_position_embeddings=length, hidden_size=width, num_hidden_layers=layers,
        num_attention_heads=heads, intermediate_size=feed_forward, hidden_dropout_prob=DROPOUT,
        attention_probs_dropout_prob=DROPOUT))
    tokens = torch.randint(0, words, (batch, length))
    labels = tokens.clone()
    labels[torch.rand(batch, length) > 0.15] = -100
    return model, lambda: model(input_ids=tokens, labels=labels).loss, batch * length


def span_corruption(width, layers, heads, feed_forward, words, length, batch):
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(
        vocab_size=words, d_model=width, d_kv=width // heads, d_ff=feed_forward, num_layers=layers,
        num_decoder_layers=layers, num_heads=heads, dropout_rate=DROPOUT, decoder_start_token_id=0))
    inputs = torch.randint(0, words, (batch, length))
    labels = torch.randint(0, words, (batch, length // 4))
    return model, lambda: model(input_ids=inputs, labels=labels).loss, batch * (length + length // 4)


OBJECTIVES = {"clm": causal_lm, "mlm": masked_lm, "span": span_corruption}


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objective", default="clm", choices=OBJECTIVES)
    parser.add_argument("--size", default="S", choices=SIZES)
    parser.add_argument("--mode", default="f32", choices=["f32", "bf16"])
    parser.add_argument("--steps", type=int, default=8, help="steps that are timed")
    parser.add_argument("--warm-up", type=int, default=2, help="steps before them")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--isa", help="leave out what oneDNN knows beyond, such as AVX512_CORE_BF16 for no AMX")
    parser.add_argument("--serve", action="store_true")
    return parser.parse_args(words)


def measure(options):
    if options.isa:
        os.environ["ONEDNN_MAX_CPU_ISA"] = options.isa
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model, loss_of_step, tokens = OBJECTIVES[options.objective](*SIZES[options.size])
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, fused=True)
    seconds = []
    for _ in range(options.warm_up + options.steps):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.mode == "bf16"):
            loss = loss_of_step()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        seconds.append(time.perf_counter() - start)
    return {
        "objective": options.objective, "size": options.size, "precision": options.mode, "isa": options.isa,
        "parameters": sum(p.numel() for p in model.parameters()), "tokensPerStep": tokens,
        "stepSeconds": seconds[options.warm_up:], "threads": options.threads,
        "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def in_a_process_of_its_own(options):
    # Nothing has been computed yet in this process, so there are no threads that a child would miss.
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as file:
            json.dump(measure(options), file)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("torch_step.py: a measurement failed")
    return text


if __name__ == "__main__":
    options = arguments()
    if options.serve:
        for line in sys.stdin:
            print(in_a_process_of_its_own(arguments(shlex.split(line))), flush=True)
    else:
        report = measure(options)
        rates = sorted(report["tokensPerStep"] / s for s in report["stepSeconds"])
        print(
            f"{report['objective']} {report['size']} {report['precision']} {report['parameters'] / 1e6:.1f}M parameters: "
            f"median={rates[len(rates) // 2]:.0f} best={rates[-1]:.0f} tokens/s rss={report['peakMemoryBytes'] / 1e6:.0f}MB")

"""Training steps of PyTorch's DistributedDataParallel over gloo: what `mpirun … graft benchmark train` is compared with.

The models, sizes and steps of torch_step.py, a batch dealt over the processes, f32, one process of several:

    python3 peer_ddp.py --rank 0 --processes 2 --master 10.78.0.1 --interface wire --size M --batch 64 --accumulate 4

Rank 0 prints a line of JSON. --compare starts 1, 2 and 4 processes here, with the same global batches, one thread in each
and no dropout, whose masks would differ anyhow, and says whether they come to the same weights. Preload tcmalloc
(LD_PRELOAD), with which PyTorch is twice as fast.
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time

import torch
import torch.distributed

import torch_step


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--master", default="127.0.0.1", help="the address of rank 0")
    parser.add_argument("--interface", default="lo", help="the network device of this process")
    parser.add_argument("--size", default="S", choices=torch_step.SIZES)
    parser.add_argument("--batch", type=int, help="sequences of an update, of all processes")
    parser.add_argument("--accumulate", type=int, default=1, help="parts of a process's batch, one after another")
    parser.add_argument("--steps", type=int, default=4, help="steps that are timed")
    parser.add_argument("--warm-up", type=int, default=1, help="steps before them")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--without-dropout", action="store_true")
    parser.add_argument("--compare", action="store_true")
    return parser.parse_args()


def train(options):
    os.environ.update(
        MASTER_ADDR=options.master, MASTER_PORT="29517", GLOO_SOCKET_IFNAME=options.interface,
        TP_SOCKET_IFNAME=options.interface)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.without_dropout:
        torch_step.DROPOUT = 0.0
    *shape, length, usual = torch_step.SIZES[options.size]
    batch = options.batch or usual
    model, _, _ = torch_step.causal_lm(*shape, length, 1)
    model.train()
    if options.processes > 1:
        torch.distributed.init_process_group("gloo", rank=options.rank, world_size=options.processes)
        trained = torch.nn.parallel.DistributedDataParallel(model)
    else:
        trained = model
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, fused=True)
    generator = torch.Generator().manual_seed(1)
    seconds, losses = [], []
    for step in range(options.warm_up + options.steps):
        # Another batch at every step, the same for any number of processes.
        tokens = torch.randint(0, shape[4], (batch, length), generator=generator)
        parts = tokens.chunk(options.processes)[options.rank].chunk(options.accumulate)
        start = time.perf_counter()
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            with contextlib.nullcontext() if is_last or options.processes == 1 else trained.no_sync():
                loss = trained(input_ids=part, labels=part).loss / len(parts)
                loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seconds.append(time.perf_counter() - start)
    digest = hashlib.sha256()
    for value in model.parameters():
        digest.update(value.detach().numpy().tobytes())
    result = {
        "size": options.size, "processes": options.processes, "parameters": sum(p.numel() for p in model.parameters()),
        "tokensPerStep": batch * length, "accumulations": options.accumulate,
        "stepSeconds": seconds[options.warm_up:], "weights": digest.hexdigest(),
    }
    if options.processes > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
    return result


def compare(options):
    here = [sys.executable, os.path.abspath(__file__), "--without-dropout", "--size", options.size]
    here += ["--steps", str(options.steps)] + (["--batch", str(options.batch)] if options.batch else [])
    found = {}
    for processes in (1, 2, 4, 1):
        started = [
            subprocess.Popen(here + ["--rank", str(rank), "--processes", str(processes)], stdout=subprocess.PIPE, text=True)
            for rank in range(processes)
        ]
        texts = [process.communicate()[0] for process in started]
        found.setdefault(processes, []).append(json.loads(texts[0])["weights"])
    print(json.dumps({
        "size": options.size, "updates": options.steps + options.warm_up, "weights": {n: w[0][:16] for n, w in found.items()},
        "sameAgain": len(set(found[1])) == 1, "sameForAnyNumber": len({w[0] for w in found.values()}) == 1,
    }))


if __name__ == "__main__":
    options = arguments()
    if options.compare:
        compare(options)
    else:
        report = train(options)
        if options.rank == 0:
            print(json.dumps(report))

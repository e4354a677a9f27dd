#!/usr/bin/env python3
"""Times training steps on two "machines", beside PyTorch's DistributedDataParallel, over links of three kinds.

    sudo python3 Docs/results/network.py --graft .build/release/graft --peer PYTHON --json Docs/results/network.json

The machines are network namespaces with a rank of one shard in each, TCP between them, through Tests/Benchmarks/link.c,
which has a rate and a delay in each direction. Ranks are started as on two real machines: by mpirun, which starts its
daemon on the other through a shell, here `ip netns exec`. Graft and its peer (Tests/Benchmarks/peer_ddp.py, PYTHON has
torch and transformers; without --peer none) take turns. What is done is kept in the file and not done again. About
twenty minutes on two cores that do nothing else; --table prints what came of it.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCHMARKS = os.path.join(ROOT, "Tests", "Benchmarks")
# Megabits per second, and microseconds in one direction.
LINKS = {"10 Gbit/s, 50 us": (10000, 50), "1 Gbit/s, 0.2 ms": (1000, 200), "100 Mbit/s, 5 ms": (100, 5000)}
# Sequences of an update, parts of a shard's batch, and timed steps, by size.
RUNS = {"S": [(32, 1, 8), (128, 4, 4)], "M": [(16, 1, 3), (64, 4, 2), (128, 8, 2)]}
# What would take long and is left to Graft in f32: sequences of a size on a link, and those that are on no other link.
GRAFT_ALONE = {("M", 64, "100 Mbit/s, 5 ms"), ("M", 128, "1 Gbit/s, 0.2 ms"), ("M", 128, "none")}
ON_ONE_LINK = {("M", 128)}
# Of what is reported.
KEPT = (
    "tokensPerStep", "parameters", "stepSeconds", "sentBytesPerStep", "waitingShare", "modelGFLOPPerToken",
    "megabitsPerSecond", "roundTripMicroseconds")
SPACES = ("graft0", "graft1")
TCMALLOC = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"
PORT = 5077


def sh(command):
    subprocess.run(command, shell=True, check=True)


class Link:
    """Two namespaces with a link between them, while it is entered."""

    def __init__(self, program, rate, delay):
        self.program, self.rate, self.delay = program, rate, delay

    def __enter__(self):
        for space in SPACES:
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL)
            sh("ip netns add %s && ip -n %s link set dev lo up" % (space, space))
        words = [self.program, *SPACES, str(self.rate), str(self.delay)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            sys.exit("the link does not work")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for space in SPACES:
            sh("ip netns del %s" % space)

    def seconds(self):
        """What the link's own work has taken of a core."""
        with open("/proc/%d/schedstat" % self.process.pid) as file:
            return int(file.read().split()[0]) / 1e9

    def measured(self):
        """The rate in Mbit/s that a connection reaches in a second, and microseconds there and back."""
        me = [sys.executable, os.path.abspath(__file__), "--link-end"]
        other = subprocess.Popen(["ip", "netns", "exec", SPACES[1], *me, "answer"])
        text = subprocess.run(
            ["ip", "netns", "exec", SPACES[0], *me, str(self.rate * 125000)], check=True, capture_output=True, text=True)
        other.wait()
        return json.loads(text.stdout)


def link_end(word):
    """One end of a connection that is measured; `word` is how many bytes to send, or answer."""
    if word == "answer":
        with socket.create_server(("10.78.0.2", PORT)) as server, server.accept()[0] as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            count = int(link.recv(20))
            link.sendall(b"!")
            for _ in range(100):
                link.sendall(link.recv(1))
            while count > 0:
                count -= len(link.recv(min(count, 1 << 20)))
            link.sendall(b"!")
        return
    for _ in range(100):
        try:
            link = socket.create_connection(("10.78.0.2", PORT))
            break
        except OSError:
            time.sleep(0.05)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(b"%20d" % int(word))
    link.recv(1)
    turns = []
    for _ in range(100):
        begun = time.perf_counter()
        link.sendall(b".")
        link.recv(1)
        turns.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    link.sendall(bytes(int(word)))
    link.recv(1)
    print(json.dumps({
        "megabitsPerSecond": round(int(word) * 8e-6 / (time.perf_counter() - begun)),
        "roundTripMicroseconds": round(sorted(turns)[50] * 1e6)}))


class Runs:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rows = []
        if os.path.exists(options.json):
            with open(options.json) as file:
                self.rows = json.load(file)["rows"]
        self.shell = os.path.join(folder, "shell")
        with open(self.shell, "w") as file:
            file.write(
                "#!/bin/bash\n# What mpirun calls with the name of a machine and a command.\nshift\n"
                'exec ip netns exec %s unshare -u bash -c "hostname %s; $*"\n' % (SPACES[1], SPACES[1]))
        os.chmod(self.shell, 0o755)

    def row(self, row, link, run):
        if any(all(other.get(key) == row[key] for key in row) for other in self.rows):
            return
        begun = link.seconds() if link else 0
        found = run()
        if link:
            row["linkCoreSeconds"] = round(link.seconds() - begun, 3)
        row.update((key, found[key]) for key in KEPT if found.get(key) is not None)
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        with open(self.options.json, "w") as file:
            json.dump({"machine": self.options.machine, "rows": self.rows}, file, indent=1)
            file.write("\n")

    def graft(self, launcher, size, batch, parts, steps, more):
        path = os.path.join(self.folder, "report.json")
        words = [self.options.graft, "benchmark", "train", "--size", size, "--batch", str(batch), "--micro-batches"]
        words += [str(parts), "--steps", str(steps), "--warm-up", "1", "--precision", "f32", "--json", path]
        subprocess.run(launcher + words + more, check=True, stdout=subprocess.DEVNULL)
        with open(path) as file:
            return json.load(file)

    def two_ranks(self):
        launcher = ["ip", "netns", "exec", SPACES[0], "mpirun", "--allow-run-as-root", "-n", "2"]
        launcher += ["--host", "10.78.0.1:1,10.78.0.2:1", "--bind-to", "none"]
        settings = {
            "plm_rsh_agent": self.shell, "oob_tcp_if_include": "10.78.0.0/24", "btl": "self,tcp",
            "btl_tcp_if_include": "10.78.0.0/24", "pml": "ob1"}
        return launcher + [word for name, value in settings.items() for word in ("--mca", name, value)]

    def peer(self, processes, size, batch, parts, steps):
        words = [self.options.peer, os.path.join(BENCHMARKS, "peer_ddp.py"), "--size", size, "--batch", str(batch)]
        words += ["--accumulate", str(parts), "--steps", str(steps), "--processes", str(processes)]
        environment = dict(os.environ, LD_PRELOAD=TCMALLOC if os.path.exists(TCMALLOC) else "")
        if processes == 1:
            done = subprocess.run(
                words + ["--threads", "2"], check=True, capture_output=True, text=True, env=environment)
            return json.loads(done.stdout)
        words += ["--master", "10.78.0.1", "--interface", "wire"]
        started = [
            subprocess.Popen(
                ["ip", "netns", "exec", space] + words + ["--rank", str(rank)], stdout=subprocess.PIPE, text=True,
                env=environment) for rank, space in enumerate(SPACES)]
        texts = [process.communicate()[0] for process in started]
        return json.loads(texts[0])

    def runs(self, link):
        """What is measured on a link, and whether by all."""
        for size in self.options.sizes:
            for batch, parts, steps in RUNS[size]:
                is_alone = (size, batch, link) in GRAFT_ALONE
                if is_alone or (size, batch) not in ON_ONE_LINK:
                    yield size, batch, parts, steps, not is_alone

    def all(self, program):
        for size, batch, parts, steps, by_all in self.runs("none"):
            what = {"size": size, "batch": batch, "parts": parts}
            self.row(
                dict(what, system="graft", ranks=1, link="none"), None,
                lambda: self.graft([], size, batch, parts, steps, ["--shards", "2"]))
            if self.options.peer and by_all:
                self.row(
                    dict(what, system="pytorch", ranks=1, link="none"), None,
                    lambda: self.peer(1, size, batch, parts, steps))
        for name, (rate, delay) in LINKS.items():
            with Link(program, rate, delay) as link:
                self.row({"link": name, "system": "a connection"}, link, link.measured)
                for size, batch, parts, steps, by_all in self.runs(name):
                    what = {"size": size, "batch": batch, "parts": parts, "ranks": 2, "link": name}
                    for traffic in ("f32", "bf16") if by_all else ("f32",):
                        more = ["--shards", "2", "--gradient-traffic", traffic]
                        self.row(
                            dict(what, system="graft", traffic=traffic), link,
                            lambda: self.graft(self.two_ranks(), size, batch, parts, steps, more))
                    if self.options.peer and by_all:
                        self.row(
                            dict(what, system="pytorch"), link, lambda: self.peer(2, size, batch, parts, steps))


def table(rows):
    """What the rows come to, for a page. Efficiency is against one process with two shards, or two threads."""
    timed = [dict(row, time=statistics.median(row["stepSeconds"])) for row in rows if "stepSeconds" in row]
    alone = {(row["system"], row["size"], row["batch"]): row["time"] for row in timed if row["ranks"] == 1}
    links = [None] + list(LINKS)
    print("| size | tokens | link | Graft, f32: tokens/s | of one | waiting | bf16: tokens/s | of one | waiting"
          " | PyTorch DDP: tokens/s | of one |")
    print("|---|---:|---|" + "---:|" * 8)
    for size, batch in sorted({(row["size"], row["batch"]) for row in timed}, key=lambda key: ("SM".index(key[0]), key[1])):
        for link in links:
            cells = []
            for system, traffic in (("graft", "f32"), ("graft", "bf16"), ("pytorch", None)):
                found = [
                    row for row in timed if (row["size"], row["batch"], row["system"]) == (size, batch, system)
                    and row["link"] == (link or "none") and (link is None or row.get("traffic") == traffic)]
                if not found or (link is None and traffic == "bf16"):
                    cells += [""] * (2 if system == "pytorch" else 3)
                    continue
                row = found[0]
                tokens = row["tokensPerStep"]
                cells.append("{:,.0f}".format(tokens / row["time"]))
                cells.append("" if link is None else "%.2f" % (alone[system, size, batch] / row["time"]))
                if system == "graft":
                    cells.append("" if link is None else "%.0f %%" % (100 * row["waitingShare"]))
            if not any(cells):
                continue
            print("| " + " | ".join([size, "{:,}".format(tokens), link or "none, one process"] + cells) + " |")
    for row in rows:
        if "megabitsPerSecond" in row:
            print("- %s: a connection reaches %s Mbit/s, and %s µs there and back" % (
                row["link"], "{:,}".format(row["megabitsPerSecond"]), "{:,}".format(row["roundTripMicroseconds"])))
    for size in "SM":
        for traffic in ("f32", "bf16"):
            sent = {row["sentBytesPerStep"] for row in timed if row["size"] == size and row.get("traffic") == traffic}
            if sent:
                print("- %s, %s: a rank sends %.1f MB an update" % (size, traffic, max(sent) / 1e6))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--graft", default=".build/release/graft", help="the executable")
    parser.add_argument("--peer", help="a Python with torch and transformers")
    parser.add_argument("--json", help="where the rows go")
    parser.add_argument("--sizes", nargs="+", default=["S", "M"], choices=RUNS)
    parser.add_argument("--machine", default="2 cores of an Intel Xeon (Emerald Rapids class, AVX-512, no AMX)")
    parser.add_argument("--table", action="store_true", help="print what the file has, and measure nothing")
    parser.add_argument("--link-end", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.link_end:
        return link_end(options.link_end)
    if options.table:
        with open(options.json) as file:
            return table(json.load(file)["rows"])
    options.graft = os.path.abspath(options.graft)
    with tempfile.TemporaryDirectory(prefix="graft-network-") as folder:
        program = os.path.join(folder, "link")
        subprocess.run(["cc", "-O2", "-o", program, os.path.join(BENCHMARKS, "link.c")], check=True)
        Runs(options, folder).all(program)


if __name__ == "__main__":
    main()

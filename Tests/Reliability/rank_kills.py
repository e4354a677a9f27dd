#!/usr/bin/env python3
"""Kills ranks of training runs under mpirun at random moments and goes on with another number of ranks.

    python3 Tests/Reliability/rank_kills.py --graft .build/release/graft --kills 30

Each run trains on eight shards over two or four ranks. A rank that is drawn is killed with SIGKILL after a random time, half
of them as soon as a checkpoint is being written. All ranks must then be gone within seconds, and the run goes on with as many
ranks as are drawn, or without mpirun, until it ends, at least every other time with another number; its files must be those
of a run that one process did at once.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from kills import Campaign, differences, snapshot

# Seconds that all ranks may take to be gone.
PATIENCE = 10


class RankCampaign(Campaign):
    common = ["--shards", "8", "--precision", "f32", "--batch", "16", "--dropout", "0.1", "--warmup", "2"]

    def ranks_of(self, output):
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % process, "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if words[0] == self.graft.encode() and output.encode() in words:
                found.append(int(process))
        return sorted(found)

    def start(self, kind, output, ranks):
        launcher = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
        process = subprocess.Popen(
            launcher + [self.graft] + getattr(self, kind)(output), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True)
        process.kind, process.ranks = kind, ranks
        return process

    def kill_rank(self, process, output):
        """Kills one rank; returns None if the run had ended, else the seconds until all were gone and what was wrong."""
        self.wait(process, output, 1.2)
        ranks = self.ranks_of(output)
        if process.poll() is not None or len(ranks) < process.ranks:
            # Not begun or ended: let it be.
            process.communicate()
            return None
        self.saves += self.is_saving(output)
        os.kill(self.random.choice(ranks), signal.SIGKILL)
        killed = time.monotonic()
        try:
            errors = process.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            return PATIENCE, ["mpirun did not end within %d s" % PATIENCE]
        wrong = []
        if process.returncode != 128 + signal.SIGKILL:
            wrong.append("mpirun ended with %d: %s" % (process.returncode, errors[-500:]))
        if "exited on signal 9" not in errors:
            wrong.append("nobody said that a rank was killed: %s" % errors[-500:])
        while self.ranks_of(output) and time.monotonic() - killed < PATIENCE:
            time.sleep(0.01)
        if self.ranks_of(output):
            wrong.append("ranks are left: %s" % self.ranks_of(output))
        return time.monotonic() - killed, wrong

    def kill(self, kinds, wanted):
        kills, number, ends, bad, times, changed, self.saves = 0, 0, 0, [], [], 0, 0
        while kills < wanted:
            kind, output, here, before = kinds[number % len(kinds)], self.path("run-%d" % number), 0, None
            number += 1
            while True:
                is_last = here >= 3 or kills >= wanted
                possible = [1, 2, 4] if is_last else [2, 4]
                if kills % 2:
                    possible = [count for count in possible if count != before]
                ranks = self.random.choice(possible)
                changed += before is not None and before != ranks
                process = self.start(kind, output, ranks)
                if is_last:
                    errors, outcome = process.communicate()[1], None
                else:
                    outcome = self.kill_rank(process, output)
                if outcome is None and (is_last or process.returncode == 0):
                    break
                if outcome is None:
                    bad.append("%s ended with %d" % (output, process.returncode))
                    break
                kills, here, before = kills + 1, here + 1, ranks
                times.append(outcome[0])
                bad += ["%s: %s" % (output, text) for text in outcome[1]]
            ends += 1
            found = (
                ["%s ended with %d: %s" % (output, process.returncode, errors[-500:])] if process.returncode
                else ["%s: %s" % (output, text) for text in differences(self.reference[kind], snapshot(output))])
            for text in found:
                print("DIFFERS " + text, flush=True)
            bad += found
            if not found:
                shutil.rmtree(output)
        print(
            "%d ranks killed, %d of them while something was being written; all ranks gone after %.1f s at most; %d resumes"
            " with another number of ranks; %d runs ended and were compared; %d differences"
            % (kills, self.saves, max(times), changed, ends, len(bad)))
        for text in bad:
            print(text)
        return not bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--graft", default=".build/release/graft", help="the executable")
    parser.add_argument("--kills", type=int, default=30, help="how many ranks to kill")
    parser.add_argument("--kinds", default="pretrain,carry,finetune", help="which commands")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    arguments = parser.parse_args()
    os.environ.pop("GRAFT_DATA", None)
    os.environ.setdefault("GRAFT_HOME", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    folder = tempfile.mkdtemp(prefix="graft-ranks-")
    campaign = RankCampaign(os.path.abspath(arguments.graft), folder, arguments.seed)
    kinds = arguments.kinds.split(",")
    begun = time.monotonic()
    campaign.prepare()
    campaign.measure(kinds)
    is_good = campaign.kill(kinds, arguments.kills)
    print("%.0f s; seed %d" % (time.monotonic() - begun, arguments.seed))
    if not is_good:
        sys.exit("what differs is in " + folder)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

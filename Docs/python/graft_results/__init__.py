"""Runs of Graft as data frames: scores, answers and what was logged.

    from graft_results import Run
    run = Run("runs/sst2")
    run.results.groupby(["task", "system"])["score"].agg(["mean", "std", "count"])

What the columns mean is in Docs/RUN-DIRECTORY.md of Graft, whose files they come from.
"""
import json
import re
from functools import cached_property
from pathlib import Path

import pandas as pd

__all__ = ["Run", "read"]
__version__ = "0.1.0"

_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TEXTS = {"event", "identifier", "path", "prediction", "reason", "target", "task"}


def _finite(row):
    """A row whose numbers are numbers: JSON has no word for those that are not finite, so that they are strings."""
    return {
        key: _NOT_FINITE.get(value, value) if isinstance(value, str) and key not in _TEXTS else value
        for key, value in row.items()
    }


def _lines(path):
    """The objects of a file of JSON lines; a last line that is still being written is left out."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.endswith("\n"):
                break
            rows.append(_finite(json.loads(line)))
    return rows


def _number(folder):
    """N of a folder seed-N."""
    return int(re.fullmatch(r"seed-(\d+)", folder.name).group(1))


class Run:
    """The folder that `graft finetune` or `graft pretrain` wrote; of several seeds, the one that holds them.

    Everything is read when it is first asked for, and kept: make another `Run` to see what has come since.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.seeds = sorted(
            (folder for folder in self.path.glob("seed-*") if re.fullmatch(r"seed-\d+", folder.name)), key=_number)
        if not self.seeds and not (self.path / "run.json").exists():
            raise FileNotFoundError(f"'{self.path}' is no run of Graft: it has no run.json and no seed-N")

    def __repr__(self):
        return f"Run({str(self.path)!r})"

    @property
    def name(self):
        """What the folder is called."""
        return self.path.resolve().name

    @property
    def folders(self):
        """The runs by themselves: the folders seed-N, or the run."""
        return self.seeds or [self.path]

    @cached_property
    def settings(self):
        """run.json of the run, or of its first seed: arguments, configuration, hashes, timings."""
        return json.loads((self.folders[0] / "run.json").read_text(encoding="utf-8"))

    @cached_property
    def _scores(self):
        file = self.path / "results.json"
        whole = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if not file.exists():
            # Of several seeds that are not all done, those that are.
            for folder in self.seeds:
                if (folder / "results.json").exists():
                    part = json.loads((folder / "results.json").read_text(encoding="utf-8"))
                    whole.setdefault("results", []).extend(part["results"])
        return whole

    @cached_property
    def results(self):
        """Scores of whole sets: a row for each task, split, system, metric and seed.

        Of a run of pretraining what was measured on held-out text, a row for each time.
        """
        if "heldOut" in self._scores:
            return pd.DataFrame(map(_finite, self._scores["heldOut"]))
        rows = [_finite(row) for row in self._scores.get("results", []) if not row.get("group")]
        return pd.DataFrame(rows).drop(columns="group", errors="ignore")

    @cached_property
    def parts(self):
        """Scores of parts of the sets: as `results`, with a column `by NAME` for each thing that tells parts apart."""
        rows = []
        for row in self._scores.get("results", []):
            if row.get("group"):
                row = _finite(row)
                rows.append({**row, **{f"by {name}": value for name, value in row.pop("group").items()}})
        return pd.DataFrame(rows)

    @cached_property
    def predictions(self):
        """Every answer: `set` is the file's name, `seed` the run's, `right` whether a choice is the right one."""
        rows = []
        for folder in self.folders:
            seed = _number(folder) if self.seeds else self.settings.get("seed")
            for file in sorted((folder / "predictions").glob("*.jsonl")):
                rows += [{"set": file.stem, "seed": seed, **row} for row in _lines(file)]
        answers = pd.DataFrame(rows)
        if "rightChoice" in answers:
            choice = answers["choice"] if "choice" in answers else pd.Series(pd.NA, index=answers.index)
            # An answer that is none of the choices is wrong, one of a task without choices is neither.
            right = (choice == answers["rightChoice"]).astype("object")
            answers["right"] = right.where(answers["rightChoice"].notna(), None)
        return answers

    @cached_property
    def events(self):
        """What was logged: `run` is the seed's folder or the run's name, `event` what happened, a column a number."""
        rows = []
        for folder in self.folders:
            name = folder.name if self.seeds else self.name
            if (folder / "events.jsonl").exists():
                rows += [{"run": name, **row} for row in _lines(folder / "events.jsonl")]
        return pd.DataFrame(rows)


def read(*paths):
    """The scores of several runs in one frame, with a column `run` for the folder's name."""
    frames = [(run.name, run.results) for run in map(Run, paths)]
    return pd.concat([frame.assign(run=name) for name, frame in frames], ignore_index=True)

"""Builds the package graft-results as a wheel, installs it by itself, and holds what it reads of a run against the run's files.

    python3 Tests/Interoperability/python_package.py RUN            # also executes the notebook, on that run
    python3 Tests/Interoperability/python_package.py RUN --record   # and writes it anew with its outputs

RUN is a folder of `graft finetune` on tasks with choices that are scored by accuracy. Needs pandas, pip, setuptools and wheel;
nbformat and nbclient (with ipykernel) for the notebook, whose cells are executed one after the other without them.
"""
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

home = pathlib.Path(__file__).resolve().parents[2]
source = home / "Docs/python"
notebook_path = source / "runs.ipynb"


def install(folder):
    """The wheel's file; the package lies in folder/site afterwards."""
    shutil.copytree(source, folder / "source", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        pip + ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source")], check=True)
    wheel = next(folder.glob("graft_results-*-py3-none-any.whl"))
    subprocess.run(pip + ["install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)], check=True)
    return wheel


def compare(run, path):
    """How many values of the frames are those of the files."""
    compared = 0
    whole = json.loads((path / "results.json").read_text())["results"]
    assert len(run.results) + len(run.parts) == len(whole), "rows are missing"
    for row, entry in zip(run.results.to_dict("records"), [entry for entry in whole if not entry["group"]]):
        for key in ["task", "split", "system", "metric", "score", "lower", "upper"]:
            assert row[key] == entry.get(key) or math.isnan(row[key]) and entry.get(key) is None, (key, row, entry)
            compared += 1
    for row, entry in zip(run.parts.to_dict("records"), [entry for entry in whole if entry["group"]]):
        for name, value in entry["group"].items():
            assert row[f"by {name}"] == value
            compared += 1
    # The share of right answers is the accuracy that Graft computed.
    models = run.results[(run.results["metric"] == "accuracy") & run.results["system"].isin(["pretrained", "from-scratch"])]
    # A suite has labels of its own, which are not the task's choices.
    models = models[(models["task"] + "-" + models["split"]).isin(run.predictions["set"])]
    assert len(models), "no accuracy of a model"
    for entry in models.itertuples():
        answers = run.predictions
        answers = answers[(answers["set"] == f"{entry.task}-{entry.split}") & (answers["seed"] == entry.seed)]
        assert len(answers) == entry.examples, (entry, len(answers))
        assert math.isclose(answers["right"].astype(bool).mean(), entry.score, abs_tol=1e-12), entry
        compared += 1
    for folder in run.folders:
        name = folder.name if run.seeds else run.name
        logged = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        shown = run.events[run.events["run"] == name]
        assert list(shown["event"]) == [event["event"] for event in logged]
        losses = [float(event["loss"]) for event in logged if event["event"] == "step"]
        assert losses and list(shown.loc[shown["event"] == "step", "loss"]) == losses
        compared += len(losses)
    return compared


def execute(site, run, recording):
    """Executes the cells; with nbclient, if it is there, as Jupyter does."""
    notebook = json.loads(notebook_path.read_text())
    has = {name for name in ["matplotlib", "nbclient", "nbformat"] if subprocess.run(
        [sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0}
    os.environ["PYTHONPATH"] = str(site)
    os.environ["RUN"] = str(run)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert recording or all(cell["outputs"] for cell in cells), "a cell is shown without what it prints"
    if "matplotlib" not in has:
        print("no matplotlib: the cells that draw are left out")
        cells = [cell for cell in cells if ".plot" not in "".join(cell["source"])]
    if "nbformat" in has:
        import nbformat
        nbformat.validate(notebook)
    if not {"nbclient", "nbformat", "matplotlib"} <= has:
        print("no nbclient: the cells are executed without Jupyter")
        scope = {}
        for cell in cells:
            exec("".join(cell["source"]), scope)
        return len(cells)
    import nbclient
    made = nbformat.read(notebook_path, as_version=4)
    nbclient.NotebookClient(made, timeout=300, kernel_name="python3").execute()
    if recording:
        for cell in made.cells:
            cell.metadata.pop("execution", None)
        made.metadata = {"kernelspec": made.metadata["kernelspec"], "language_info": {"name": "python"}}
        nbformat.validate(made)
        nbformat.write(made, notebook_path)
    return len(cells)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--record"]
    path = pathlib.Path(arguments[0])
    with tempfile.TemporaryDirectory() as scratch:
        wheel = install(pathlib.Path(scratch))
        site = pathlib.Path(scratch) / "site"
        sys.path.insert(0, str(site))
        import graft_results
        assert pathlib.Path(graft_results.__file__).is_relative_to(site), graft_results.__file__
        values = compare(graft_results.Run(path), path)
        cells = execute(site, path.resolve(), "--record" in sys.argv)
        print(f"{wheel.name}: {values} values agree, {cells} cells executed")


if __name__ == "__main__":
    main()

"""The examples run as they are, each in a Python of its own, and end."""

import json
import os
import re
import subprocess
import sys

import pytest
from places import ROOT

pytestmark = pytest.mark.slow


NOTEBOOK = json.loads((ROOT / "examples" / "experiments.ipynb").read_text("utf-8"))
CODE = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_example(path, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-W", "error", str(path)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") >= 3


def test_the_notebook_is_stored_without_outputs():
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert NOTEBOOK["metadata"].keys() == {"kernelspec", "language_info"}


def test_the_notebook_runs_without_a_data_set(tmp_path):
    """Cell by cell; the networks learn, and what the experiments print says so."""
    environment = {name: value for name, value in os.environ.items() if name != "CAE_DATA_DIR"}
    run = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            "import json, sys\nfor cell in json.load(sys.stdin): exec(cell, globals())",
        ],
        input=json.dumps(CODE),
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    figures = {line.split(" ")[0]: [float(x) for x in re.findall(r"0\.\d+", line)] for line in run.stdout.splitlines()}
    first, last = figures["training"]
    assert last < first / 2
    for small, full in re.findall(r"in small (0\.\d+), fully trained (0\.\d+)", run.stdout):
        assert float(full) < float(small) < 0.1
    grey, repaired = figures["one"]
    assert repaired < grey / 2
    assert figures["denoised:"] < figures["reconstruction:"] < figures["noisy:"]

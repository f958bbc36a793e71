"""Damaged and hostile pictures, made by a program: each is read or refused, in little memory and time."""

import json
import os
import subprocess
import sys

import pytest
from places import ROOT

from cae.imaging.reading import FORMATS


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
def test_each_is_read_or_refused():
    """In a process of its own, which ends where anything else happens or where a file takes longer than 20 seconds."""
    command = [sys.executable, "tests/mutated_pictures.py", "--files", "1500"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert sum(result["read"].values()) + sum(result["refused"].values()) == 1500
    assert result["read"].keys() == result["refused"].keys() == set(FORMATS)  # so that both ways have been gone
    assert result["megabytes"] < 300

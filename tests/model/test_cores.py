"""The cores that a process may use, beside those that it was bound to."""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="The system does not assign cores to processes.")
def test_a_process_bound_to_one_core_may_use_one():
    core = min(os.sched_getaffinity(0))
    script = f"""
import os
os.sched_setaffinity(0, {{{core}}})
from cae.model.cores import usable_cores
print(usable_cores())
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "1\n"

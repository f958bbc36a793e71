"""For processes that do nothing but run or train networks: Keras starts sooner there, and takes less memory."""

import ctypes
import mmap
import os
import re
import sys
from pathlib import Path

UNUSED = ("jax", "matplotlib", "pandas", "scipy", "sklearn")
"""Packages that Keras and TensorFlow import merely because they are installed, and that nothing here needs: Streamlit
brings pandas, and tests and `cae map` bring the others."""


UNCHANGED = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) r-[-x]p \S+ \S+ [1-9]\d* +/.*\n"
    r"(?:[A-Z].*\n)*?Anonymous: +0 kB\n(?:[A-Z].*\n)*?Swap: +0 kB$",
    re.MULTILINE,
)
"""Of /proc/self/smaps, start and end of what is mapped from files, cannot be written to, and has not been changed."""


def leave_out_unused() -> None:
    """Make this process, before it imports Keras on TensorFlow, one in which `UNUSED` are not installed.

    Where all of them are, this saves more than a second of processor time and a hundred megabytes.
    """
    if os.environ.get("KERAS_BACKEND") == "tensorflow":  # JAX needs itself and SciPy
        for name in UNUSED:
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # an import of it raises ModuleNotFoundError


def give_back_read_pages() -> None:
    """Give back the memory that holds what files hold, too: 300 MB of TensorFlow, most of which only its import reads.

    These are the mapped files that cannot be written to and of which nothing has changed in memory. What is needed
    again is read again, as a rule from the system's cache. Only where the system tells what is mapped, as Linux does.
    """
    mapped = Path("/proc/self/smaps")
    if not mapped.exists():
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for start, end in UNCHANGED.findall(mapped.read_text("utf-8", "replace")):
        address = int(start, 16)
        advise(address, int(end, 16) - address, mmap.MADV_DONTNEED)

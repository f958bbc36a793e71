"""For processes that do nothing but run or train networks: Keras starts sooner there, and takes less memory."""

import os
import sys

UNUSED = ("jax", "matplotlib", "pandas", "scipy", "sklearn")
"""Packages that Keras and TensorFlow import merely because they are installed, and that nothing here needs: Streamlit
brings pandas, and tests and `cae map` bring the others."""


def leave_out_unused() -> None:
    """Make this process, before it imports Keras on TensorFlow, one in which `UNUSED` are not installed.

    Where all of them are, this saves more than a second of processor time and a hundred megabytes.
    """
    if os.environ.get("KERAS_BACKEND") == "tensorflow":  # JAX needs itself and SciPy
        for name in UNUSED:
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # an import of it raises ModuleNotFoundError

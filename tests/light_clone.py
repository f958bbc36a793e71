"""A small copy of this repository with the light engine: to start apps and engines that answer within a second."""

import os
import shutil
from pathlib import Path

from places import ROOT

from cae.cli import export_onnx
from cae.cli.parser import parser
from cae.model import onnx_graph, store


def make(folder: Path) -> dict[str, str]:
    """Copy the app and one model into a new folder; returns the environment for its processes."""
    ignored = shutil.ignore_patterns("__pycache__", onnx_graph.FOLDER)
    for name in ("cae", ".streamlit", "examples/stages"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "app.py", folder)
    shutil.copytree(store.FOLDER / "mnist", folder / "pretrained" / "mnist", ignore=ignored)
    export_onnx.run(parser().parse_args(["export-onnx", str(folder / "pretrained" / "mnist")]))
    return os.environ | {"PYTHONPATH": str(folder), "CAE_ENGINE": "onnx"}

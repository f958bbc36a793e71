"""Play and the lesson's cards on it as a folder of plain files for any web server.

The modules are the same; the browser's own network stands in the server's place.
"""

import json
from pathlib import Path
from typing import Any

from cae.data import sources
from cae.data.source import SmallImages
from cae.engine import stored_examples
from cae.model import store
from cae.model.store import Pretrained
from cae.ui.assets import CONSTANTS_MODULE, FOLDER, LESSON_ROOM, curves, examples_name

WANTED = ("shared", "network", "drawing_pad", "play", "lesson", "static")
"""The folders of modules that the copy needs."""


def write(folder: Path, models: list[Pretrained]) -> None:
    """Write the copy, with the models of 28×28 pictures among those given, into an empty or a new folder."""
    assets = folder / "assets"
    for name in WANTED:
        for module in sorted((FOLDER / name).glob("*.js")):
            if module.name != "streamlit.js":
                _put(assets / name / module.name, module.read_bytes())
    _put(assets / "constants.js", CONSTANTS_MODULE.encode())
    small = [model for model in models if isinstance(sources.of(model), SmallImages)]
    _put(folder / "models.json", json.dumps([_described(model) for model in small], indent=1).encode())
    for model in small:
        for name in (store.HISTORY, *_parts(model).values(), *map(store.snapshot_name, model.snapshot_epochs)):
            _put(folder / "weights" / model.name / name, model.read(name))
    _put(folder / "index.html", _page().encode())
    _put(folder / "icon.png", Path(__file__).with_name("icon.png").read_bytes())


def _page() -> str:
    html = (FOLDER / "static" / "index.html").read_text("utf-8")
    styles = {name: (FOLDER / name / f"{name}.css").read_text("utf-8") for name in ("drawing_pad", "play", "lesson")}
    style = "\n".join((styles["drawing_pad"], styles["play"], LESSON_ROOM))
    return html.replace("{{style}}", style).replace("{{lesson}}", styles["lesson"])


def _parts(model: Pretrained) -> dict[str, str]:
    parts = ("encoder", "decoder", *(("denoiser",) if model.has_denoiser else ()))
    return {part: f"{part}.safetensors" for part in parts}


def _described(model: Pretrained) -> dict[str, Any]:
    """What `static.js` needs to know of a model; addresses are relative to the page's."""
    source, weights = sources.of(model), f"weights/{model.name}"
    return {
        "name": model.name,
        "title": source.title,
        "examples": examples_name(source.examples),
        "first": source.examples.first,
        "fit": {"label": source.label, "help": source.fit_help},
        "latentRange": stored_examples.read(model).latent_range,
        "parts": {part: f"{weights}/{name}" for part, name in _parts(model).items()},
        "curves": curves(model, source.published_losses, lambda name: f"{weights}/{name}"),
    }


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

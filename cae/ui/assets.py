"""The browser's modules: where they lie, under which address they are served, and the numbers that Python gives them.

A component's own script is inline, and Streamlit imports it from a blob: URL, where no relative address leads anywhere.
It therefore imports the component's `streamlit.js` by its whole address, and this imports all others by relative ones.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cae.imaging.examples import CLOTHES, DIGITS, PEN, Examples
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER, STRONGEST
from cae.imaging.stroke_text import GRID
from cae.imaging.strokes import COORDINATES, MAX_POINTS, MAX_STROKES, strokes_to_json
from cae.model import store
from cae.model.specification import DECODER, ENCODER, SCALE, SIDE, Layer, layer_sizes, receptive_field
from cae.model.store import Pretrained
from cae.ui import colours, lesson

FOLDER = Path(__file__).parent / "components"
STAGES = {
    path.stem.replace("_", "-"): path.read_text("utf-8").strip()
    for path in sorted((store.FOLDER.parent / "examples" / "stages").glob("*.py"))
}
"""By panel, the lines of Keras that do what it shows; each text runs as it is."""


def layer_figures(encoder: tuple[Layer, ...], decoder: tuple[Layer, ...]) -> dict[str, list[dict]]:
    """What the browser is told of the layers of each half."""
    sizes = layer_sizes(encoder, SIDE) + layer_sizes(decoder, SIDE // SCALE)
    lines = [line for half in ("encoder", "decoder") for line in layer_lines(STAGES.get(half, ""))]
    figures = [
        {
            "name": size.description,
            "keras": re.sub(r"Conv2D\(\d+", f"Conv2D({size.channels}", lines[index]) if lines else "",
            "side": size.side,
            "channels": size.channels,
            "parameters": size.parameters,
            "multiplyAdds": size.multiply_adds,
            "receptiveField": receptive_field((encoder + decoder)[: index + 1]),
        }
        for index, size in enumerate(sizes)
    ]
    return {"encoder": figures[: len(encoder)], "decoder": figures[len(encoder) :]}


def layer_lines(text: str) -> list[str]:
    """The lines of a network's text that make its layers, from the first behind the input on."""
    return re.findall(r"^ *(layers\.(?!Input)\w+\(.*\)),$", text, re.MULTILINE)


def _palette(scale: str) -> str:
    return base64.b64encode(colours.palette(scale).tobytes()).decode()


DRAWINGS = {"digits": DIGITS, "clothes": CLOTHES}
NOISES = [
    {"kind": GAUSSIAN, "title": "Gaussian noise", "unit": "standard deviation", "strongest": STRONGEST[GAUSSIAN]},
    {
        "kind": SALT_AND_PEPPER,
        "title": "Salt & pepper",
        "unit": "share of the pixels",
        "strongest": STRONGEST[SALT_AND_PEPPER],
    },
]

CONSTANTS = {
    "pictureSide": SIDE,
    "codeSide": SIDE // SCALE,
    "layers": layer_figures(ENCODER, DECODER),
    "drawing": {
        "strokes": MAX_STROKES,
        "points": MAX_POINTS,
        "coordinates": COORDINATES,
        "grid": GRID,
        "pen": PEN,
    },
    "pad": (FOLDER / "drawing_pad" / "pad.html").read_text("utf-8"),
    "examples": {
        name: {each: strokes_to_json(strokes) for each, strokes in DRAWINGS[name].items()} for name in DRAWINGS
    },
    "noises": NOISES,
    "code": STAGES,
    "stages": {
        "encoder": colours.ENCODER,
        "latent": colours.LATENT,
        "decoder": colours.DECODER,
        "denoiser": colours.DENOISER,
    },
    "palettes": {"latent": _palette(colours.LATENT_SCALE), "error": _palette(colours.ERROR_SCALE)},
    "errorLimit": colours.ERROR_LIMIT,
    "lesson": lesson.as_data(),
}
"""What never changes: the browser gets it once, as the module `constants.js`."""

CONSTANTS_MODULE = f"export default {json.dumps(CONSTANTS)};\n"


STYLES = {
    path.stem: f":host {{ visibility: visible !important; }}\n{path.read_text('utf-8')}"
    for path in sorted(FOLDER.glob("*/*.css"))
    if path.stem == path.parent.name
}
"""Each component's style, which also ends that it is hidden: see `style`."""


LESSON_ROOM = (FOLDER / "lesson" / "room.css").read_text("utf-8")
"""The style of the page around the lesson, which covers nothing."""


def _version() -> str:
    digest = hashlib.sha256(json.dumps([CONSTANTS_MODULE, STYLES]).encode())
    for path in sorted(FOLDER.rglob("*.js")):
        digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


VERSION = _version()
"""Of all modules and styles; part of their addresses, so that browsers may keep them for ever."""


def examples_name(examples: Examples) -> str:
    """What `constants.js` calls a set of drawings."""
    return next(name for name, drawings in DRAWINGS.items() if drawings == examples.drawings)


def script(component: str) -> str:
    """The inline script of the component in the folder `component`."""
    address = f"assets/{VERSION}/{component}/streamlit.js"
    return (
        f'const {{ default: show }} = await import(new URL("{address}", document.baseURI));\n'
        "export default (given) => show({ ...given, data: given.data?.[0] });\n"
    )


def style(components: Sequence[str]) -> str:
    """The inline style of a component that has the styles of these components.

    Streamlit sends it with each update, so that it only names them; until they are there, nothing is shown without.
    """
    imports = [f'@import url("assets/{VERSION}/styles/{component}.css");' for component in components]
    return "\n".join([*imports, ":host { visibility: hidden; }"])


def model_file(model: Pretrained, name: str) -> str:
    """The address of a file in a model's folder, relative to the app's; another one as soon as the model changes."""
    return f"weights/{model.name}/{name}?version={model.version[:16]}"


def curves(model: Pretrained, published: dict[str, float], address: Callable[[str], str]) -> dict[str, Any]:
    """Where the browser finds the losses of a model and the weights after each epoch that was kept.

    Args:
        published: losses by training, to compare with.
        address: of a file in the model's folder, relative to the page's.
    """
    return {
        "history": address(store.HISTORY),
        "published": published,
        "epochs": list(model.snapshot_epochs),
        "snapshot": address(store.SNAPSHOT),
    }

"""What the tests of the pages do in a visitor's place."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from cae.imaging.strokes import Stroke, strokes_to_json


def draw(app: AppTest, strokes: Sequence[Stroke], key: str = "play") -> AppTest:
    """Report a drawing as the pad does, and run the page.

    Args:
        key: of the component that has the pad: "play", or on the page Compress "drawing_pad".
    """
    drawing = {"strokes": strokes_to_json(strokes), "version": app.session_state["Drawing"].version}
    return report(app, key, drawing=drawing)


def report(app: AppTest, key: str = "play", **changed: Any) -> AppTest:
    """Report as a component does what has changed, beside what it has reported before, and run the page."""
    before = dict(app.session_state[key]) if key in app.session_state else {}
    app.session_state[key] = before | changed
    return app.run()


def opened(script: str) -> AppTest:
    """The page that a script makes, without an error."""
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """What the page says in Markdown."""
    return "\n".join(block.value for block in app.markdown)


def mounts(app: AppTest) -> list[dict[str, Any]]:
    """What the page hands to each of its components that is handed anything."""
    return [json.loads(mount.proto.json)[0] for mount in app.get("bidi_component") if mount.proto.json]


def panels(app: AppTest) -> dict[str, Any]:
    """What Play hands to its component."""
    return next(data for data in mounts(app) if "pixels" in data)


def picture(app: AppTest, name: str) -> np.ndarray:
    """A picture that Play hands over, uint8 (28, 28)."""
    return np.frombuffer(base64.b64decode(panels(app)["pixels"][name]), np.uint8).reshape(28, 28)


def encoded(code: np.ndarray) -> str:
    """A code as the browser reports it: base64 of its float32 values."""
    return base64.b64encode(np.asarray(code, "<f4").tobytes()).decode()

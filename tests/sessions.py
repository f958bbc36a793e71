"""What the tests of the pages do in a visitor's place."""

from collections.abc import Sequence

from streamlit.testing.v1 import AppTest

from cae.imaging.strokes import Stroke, strokes_to_json


def draw(app: AppTest, strokes: Sequence[Stroke]) -> AppTest:
    """Report a drawing as the pad does, and run the page."""
    version = app.session_state["Drawing"].version
    app.session_state["drawing_pad"] = {"drawing": {"strokes": strokes_to_json(strokes), "version": version}}
    return app.run()

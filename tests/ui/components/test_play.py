"""What the browser may report to Play: taken where it makes sense, and otherwise ignored."""

import numpy as np
import pytest
from sessions import encoded

from cae.ui.components import play


@pytest.mark.parametrize(
    "choices",
    [
        None,
        7,
        [],
        {},
        {"fit": 1, "noise": None},
        {"fit": False},
        {"fit": False, "noise": "gaussian"},
        {"fit": False, "noise": ["rain", 0.1]},
        {"fit": False, "noise": ["gaussian", 0.51]},
        {"fit": False, "noise": ["gaussian", -0.1]},
        {"fit": False, "noise": ["gaussian", float("nan")]},
        {"fit": False, "noise": ["gaussian", "0.1"]},
        {"fit": False, "noise": [{}, 0.1]},
    ],
    ids=str,
)
def test_choices_that_are_none_are_ignored(choices):
    assert play.choices(choices) is None


def test_choices_are_taken_over():
    assert play.choices({"fit": False, "noise": None}) == (False, None)
    assert play.choices({"fit": True, "noise": ["salt_and_pepper", 0]}) == (True, ("salt_and_pepper", 0.0))


@pytest.mark.parametrize("drawing", [None, 7, {}, {"time": None}, {"time": "7"}, {"time": float("nan")}], ids=str)
def test_times_that_are_none_are_ignored(drawing):
    assert play.drawn_at(drawing) is None


@pytest.mark.parametrize(
    "code",
    [
        None,
        "code",
        {},
        {"of": "NAME"},
        {"of": "NAME", "values": 7},
        {"of": "NAME", "values": ""},
        {"of": "NAME", "values": "no base64"},
        {"of": "NAME", "values": "ÄÄÄÄ"},
        {"of": "NAME", "values": encoded(np.zeros(48))},
        {"of": "NAME", "values": encoded(np.zeros(50))},
        {"of": "NAME", "values": encoded(np.zeros(49)) + "AA"},
        {"of": "NAME", "values": encoded(np.full(49, np.nan))},
        {"of": "NAME", "values": encoded(np.full(49, np.inf))},
        {"of": "NAME", "values": encoded(np.full(49, 1001))},
        {"of": "another", "values": encoded(np.zeros(49))},
        {"of": "", "values": encoded(np.zeros(49))},
        {"of": None, "values": encoded(np.zeros(49))},
    ],
    ids=lambda code: str(code)[:40],
)
def test_edits_that_are_none_are_ignored(code):
    reported = {**code, "of": "name"} if isinstance(code, dict) and code.get("of") == "NAME" else code
    assert play.edited(reported, "name", None) is None
    kept = play.Edit("name", np.ones((7, 7, 1), np.float32))
    assert play.edited(reported, "name", kept) == kept
    assert play.edited(reported, "name", play.Edit("another", kept.latent)) is None

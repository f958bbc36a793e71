"""Links: what the address carries, and what a visitor finds who follows one, mangled ones included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from streamlit.testing.v1 import AppTest

from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER
from cae.imaging.stroke_text import LONGEST, strokes_to_text
from cae.imaging.strokes import Stroke
from cae.ui import link
from cae.ui.components.play import Edit

OWN = (Stroke(((0.2, 0.2), (0.8, 0.8)), 0.1), Stroke(((0.5, 0.5),), 0.2, erase=True))
CODE = (np.arange(49, dtype=np.float32) / 10 - 2).reshape(7, 7, 1)


@given(arrays(np.float32, (7, 7, 1), elements=st.floats(-20.25, 20.25, width=32)))
def test_codes_come_back_to_a_hundredth(code):
    text = link.code_to_text(code)
    assert len(text) <= 120
    assert set(text) <= set(link.DIGITS)
    again = link.code_from_text(text)
    assert again.dtype == np.float32
    assert np.abs(again - code).max() <= 0.0051
    assert link.code_to_text(again) == text


def test_values_that_are_too_large_are_cut_off():
    code = np.zeros((7, 7, 1), np.float32)
    code[0, 0], code[6, 6] = 1000, -1000
    again = link.code_from_text(link.code_to_text(code))
    assert (float(again[0, 0, 0]), float(again[6, 6, 0])) == pytest.approx((20.47, -20.48))


@given(st.text(max_size=110).filter(lambda text: len(text) != 98 or set(text) - set(link.DIGITS)))
def test_other_texts_are_no_codes(text):
    with pytest.raises(ValueError, match=r"characters|substring"):
        link.code_from_text(text)


def visit() -> None:
    """What the app does with an address, and the address that it would write, but for the network."""
    import streamlit as st

    from cae.ui import link, resources
    from cae.ui.controls import prepare
    from cae.ui.state import Playground, kept, state

    link.restore()
    kept(Playground, "model", resources.small_models())
    examples = prepare(state(Playground).model)
    st.session_state["address"] = link.parameters(examples)


def follow(**parameters: str) -> AppTest:
    app = AppTest.from_function(visit, default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def address(app: AppTest) -> dict[str, str]:
    return {name: value for name, value in app.session_state["address"].items() if value is not None}


def test_without_parameters_the_first_example():
    app = follow()
    assert address(app) == {"m": "mnist", "x": "3"}
    assert app.session_state["Drawing"].strokes == DIGITS["3"]
    assert not app.toast


@pytest.mark.parametrize(
    "parameters",
    [
        {"m": "mnist", "x": "7"},
        {"m": "fashion_mnist", "x": "Dress"},
        {"m": "mnist", "d": strokes_to_text(OWN)},
        {"m": "fashion_mnist", "d": strokes_to_text(OWN), "fit": "0"},
        {"m": "mnist", "x": "3", "n": f"{GAUSSIAN}-0.2"},
        {"m": "mnist", "x": "3", "n": f"{SALT_AND_PEPPER}-0.05"},
    ],
)
def test_an_address_leads_to_itself(parameters):
    app = follow(**parameters)
    assert not app.toast
    assert address(app) == parameters


def test_what_a_link_carries_is_taken_over():
    app = follow(m="fashion_mnist", d=strokes_to_text(OWN), fit="0", n=f"{GAUSSIAN}-0.25", z=link.code_to_text(CODE))
    own = app.session_state["Playground"]
    assert app.session_state["Drawing"].strokes == OWN
    assert (own.model, own.fit, own.noise) == ("fashion_mnist", False, (GAUSSIAN, 0.25))
    assert app.session_state["Compress"].model == "fashion_mnist"
    assert own.edit.of == ""
    assert np.allclose(own.edit.latent, CODE, atol=0.006)
    assert follow(m="fashion_mnist", x="Coat").session_state["Drawing"].strokes == CLOTHES["Coat"]


def test_an_edited_code_is_in_the_address():
    app = follow()
    app.session_state["Playground"].edit = Edit("a picture", CODE)
    app.run()
    assert address(app)["z"] == link.code_to_text(CODE)


@pytest.mark.parametrize(
    "mangled",
    [
        {"m": "nobody"},
        {"m": "../mnist"},
        {"x": "eleven"},
        {"x": "Dress"},
        {"d": "DAJk-gEUA"},
        {"d": "no drawing at all"},
        {"d": "A" * (LONGEST + 4)},
        {"n": "gaussian"},
        {"n": "gaussian-nan"},
        {"n": "gaussian-2"},
        {"n": "gaussian--0.1"},
        {"n": "rain-0.1"},
        {"n": ""},
        {"z": "AAAA"},
        {"z": "ß" * 98},
        {"z": " " * 98},
    ],
    ids=lambda parameters: str(parameters)[:20],
)
def test_what_cannot_be_read_is_left_out_and_one_sentence_says_so(mangled):
    app = follow(**mangled)
    (toast,) = app.toast
    assert toast.value.endswith(".")
    assert address(app) == {"m": "mnist", "x": "3"}
    assert app.session_state["Playground"].edit is None


def test_the_rest_of_a_mangled_link_is_shown():
    app = follow(m="nobody", x="7", d="no drawing", n="rain-1", z="", fit="0")
    assert len(app.toast) == 1
    assert address(app) == {"m": "mnist", "x": "7", "fit": "0"}


def test_any_model_may_stand_beside_any_example():
    """Also the photographs', which Play does not offer."""
    app = follow(m="photos", x="7")
    assert address(app)["m"] == "mnist"


def test_an_address_is_read_once():
    app = follow(x="7")
    app.session_state["Drawing"].put(OWN)
    app.run()
    assert app.session_state["Drawing"].strokes == OWN


def test_a_drawing_that_is_too_long_is_not_in_the_address():
    rng = np.random.default_rng(3)
    scribble = tuple(Stroke(tuple(map(tuple, rng.random((100, 2)).tolist())), 0.05) for _ in range(40))
    app = follow()
    app.session_state["Drawing"].put(scribble)
    app.run()
    assert address(app) == {"m": "mnist"}

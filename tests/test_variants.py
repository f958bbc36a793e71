"""Each quality uses the training of the network that was made for its step."""

import json

import pytest

from cae import pretrained
from cae.codec_fitting import defaults, settings_of
from cae.context_model import UNIT


@pytest.fixture
def model(tmp_path):
    """A model folder with a variant for steps of 0.1 to 0.5, and one for steps of 0.5 to 0.8."""
    for name, finest, coarsest in (("a", 0.1, 0.5), ("b", 0.5, 0.8)):
        # "b" is for steps from 0.5 on, though it has seen finer ones.
        used = {"used_from": finest, "finest": finest / 2} if name == "b" else {"finest": finest}
        record = {"autoencoder": used | {"coarsest": coarsest}}
        pretrained.write(tmp_path / "model" / name, "history.json", json.dumps(record))
    pretrained.write(tmp_path / "model", "history.json", json.dumps({"autoencoder": {"data_set": "mnist"}}))
    pretrained.write_manifest(tmp_path / "model")
    return pretrained.load("model", tmp_path)


def test_variants(model):
    settings = settings_of(model)
    assert [setting.step for setting in settings] == [setting.step for setting in defaults("mnist")]
    chosen = {setting.step / UNIT: setting.variant for setting in settings}
    assert set(chosen.values()) == {"", "a", "b"}
    for step, variant in chosen.items():
        assert variant == ("a" if 0.1 <= step <= 0.5 else "b" if 0.5 < step <= 0.8 else "")


def test_stored_settings_are_kept(model):
    rows = [{**vars(setting), "step": 200, "rate_weight": 0.2, "variant": "gone"} for setting in defaults("mnist")]
    pretrained.write(model.folder, "codec.json", json.dumps({"qualities": rows}))
    pretrained.write_manifest(model.folder)
    for setting in settings_of(pretrained.load("model", model.folder.parent)):
        assert (setting.step, setting.rate_weight, setting.variant) == (200, 0.2, "a")

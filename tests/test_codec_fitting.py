"""Context models fitted for a moment: which there are, and what their alphabets reach."""

import numpy as np
import pytest
from golden_files import smooth

from cae import context_training, datasets, photos, pretrained
from cae.cae_file import QUALITIES
from cae.codec import Codec
from cae.codec_fitting import fit
from cae.colour import planes
from cae.commands.fit_codec import SQUARE, photograph_squares
from cae.context_model import UNIT


@pytest.fixture
def model(tmp_path, monkeypatch) -> pretrained.Pretrained:
    """A model without a codec, and context models that are small."""
    monkeypatch.setattr(context_training, "HIDDEN", 3)
    monkeypatch.setattr(context_training, "REACH", 2)
    pretrained.write(tmp_path / "own", "decoder.safetensors", "weights")
    pretrained.write(tmp_path / "own", "history.json", '{"autoencoder": {"data_set": "own"}}')
    pretrained.write_manifest(tmp_path / "own")
    return pretrained.load("own", tmp_path)


def test_colour_gets_contexts_of_its_own(model):
    """And the alphabets reach as far as the values of either."""
    luma, chroma = smooth(260, 9, 9, 0)[..., np.newaxis], 3 * smooth(130, 9, 9, 1)[..., np.newaxis]
    codec = fit(model, lambda _: luma, 1, lambda _: chroma)
    assert set(codec.contexts) == {("", "free"), ("", "chroma")}
    for setting in codec.settings:
        assert setting.lowest == round(float(min(luma.min(), chroma.min())) * UNIT / setting.step)
        assert setting.highest == round(float(max(luma.max(), chroma.max())) * UNIT / setting.step)
    codec.save()
    pretrained.write_manifest(model.folder)
    codec = Codec.load(pretrained.load(model.name, model.folder.parent))
    header = codec.header(8, 60, 80, colour=True)
    latents = [
        scale * smooth(*shape, 2)[..., np.newaxis] for scale, shape in zip((1, 3, 3), header.shapes, strict=True)
    ]
    symbols = codec.quantise_planes(header, latents)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(codec.read_planes(codec.write_planes(header, symbols))[1], symbols, strict=True)
    )


def test_in_grey_there_are_none(model):
    latents = smooth(260, 7, 7, 0)[..., np.newaxis]
    codec = fit(model, lambda _: latents, 1)
    assert set(codec.contexts) == {("", "grid"), ("", "free")}
    assert [setting.quality for setting in codec.settings] == list(QUALITIES)
    assert not codec.keeps_colour


def test_photographs_in_squares(data_folder):
    """All of the training photographs, none of those kept aside, in the same order each time."""
    if not (data_folder / "bsds500").is_dir():
        pytest.skip("the photographs are not here")
    luma, chroma = photograph_squares()
    assert luma.shape == (24 * 450, SQUARE, SQUARE)
    assert chroma.shape == (2 * 6 * 450, SQUARE, SQUARE)
    assert luma.dtype == chroma.dtype == np.uint8
    seen = {square.tobytes() for square in luma}, {square.tobytes() for square in chroma}
    training, aside = photos.load()
    for picture, there in ((training[7], True), (aside[7], False)):
        y, blue, red = planes(picture)
        assert (y[80:160, 160:240].tobytes() in seen[0]) == there
        assert all((plane[:80, 80:160].tobytes() in seen[1]) == there for plane in (blue, red))
    again, _ = photograph_squares()
    assert np.array_equal(again, luma)


def test_without_photographs(tmp_path, monkeypatch):
    monkeypatch.setenv("CAE_DATA_DIR", str(tmp_path))
    with pytest.raises(datasets.DatasetError, match="500 photographs"):
        photograph_squares()

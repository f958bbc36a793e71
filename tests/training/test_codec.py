"""Context models fitted for a moment: which there are, and what their alphabets reach."""

from dataclasses import replace

import numpy as np
import pytest
from golden_files import smooth

from cae.codec.codec import Codec, in_steps
from cae.codec.context_model import UNIT
from cae.codec.file_format import QUALITIES, CodecError
from cae.codec.fitting import Fitted
from cae.data.photographs import PHOTOGRAPHS, SQUARE
from cae.data.source import CodecImages, DatasetError
from cae.imaging.colour import planes
from cae.model import store
from cae.training import codec as codec_fitting
from cae.training import context_model
from cae.training.codec import fit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_graphs")]


@pytest.fixture
def model(tmp_path, monkeypatch) -> store.Pretrained:
    """A model without a codec, and context models that are small, as is what they are tried on."""
    monkeypatch.setattr(codec_fitting, "MEASURED_VALUES", 3000)
    monkeypatch.setattr(context_model, "HIDDEN", 3)
    monkeypatch.setattr(context_model, "REACH", 2)
    folder = tmp_path / "own"
    store.seal(folder, {"decoder.safetensors": "weights", "history.json": '{"autoencoder": {"data_set": "own"}}'})
    history = '{"autoencoder": {"finest": 0.2, "coarsest": 2.0}}'
    store.seal(folder / "coarse", {"decoder.safetensors": "other weights", "history.json": history})
    return store.load("own", tmp_path)


def pictures(latents: np.ndarray) -> np.ndarray:
    """Pictures uint8 (N, 4·h, 4·w) that their latents can be read off."""
    return np.rint(127 + 6 * latents).clip(0, 255).astype(np.uint8).repeat(4, 1).repeat(4, 2)


class Network:
    """Block means as latents, drawn again as they are; one variant draws badly."""

    def __init__(self, worse: str) -> None:
        self.worse = worse

    def encode(self, _: str, images: np.ndarray) -> np.ndarray:
        return (images[:, ::4, ::4, np.newaxis].astype(np.float32) - 127) / 6

    def decode(self, variant: str, latents: np.ndarray) -> np.ndarray:
        noise = np.random.default_rng(0).normal(0, 2.0 if variant == self.worse else 0.0, latents.shape)
        return pictures((latents + noise)[..., 0])


def test_colour_gets_contexts_and_settings_of_its_own(model):
    """And each alphabet reaches as far as the values."""
    luma, chroma = pictures(smooth(130, 9, 9, 0)), pictures(3 * smooth(130, 9, 9, 1))
    network = Network(worse="coarse")
    codec = fit(model, *[CodecImages(luma, chroma)] * 2, network.encode, network.decode, 1)
    assert {kind for _, kind in codec.contexts} == {"free", "chroma"}
    used = {setting.variant for setting in (*codec.settings, *codec.chroma)}
    assert {variant for variant, _ in codec.contexts} == used
    for settings, images in ((codec.settings, luma), (codec.chroma, chroma)):
        assert [setting.quality for setting in settings] == list(QUALITIES)
        once = network.encode("", images)
        for setting in settings:
            change = once - network.encode(setting.variant, network.decode(setting.variant, once))
            moved = once + codec_fitting.AS_IF_FITTED * change
            assert setting.lowest == round(float(moved.min()) * UNIT / setting.step)
            assert setting.highest == round(float(moved.max()) * UNIT / setting.step)
    codec.save()
    codec = Codec.load(store.load(model.name, model.folder.parent))
    header = codec.header(8, 60, 80, colour=True)
    latents = [
        scale * smooth(*shape, 2)[..., np.newaxis] for scale, shape in zip((1, 3, 3), header.shapes, strict=True)
    ]
    encoded = codec.encode(header, [Fitted(plane) for plane in latents])
    assert all(np.array_equal(a, b) for a, b in zip(codec.read(encoded.data)[1], encoded.symbols, strict=True))
    own = [in_steps(plane, codec.chroma[7].step) for plane in latents[1:]]
    assert all(np.abs(a - b).max() < 2 for a, b in zip(own, encoded.symbols[1:], strict=True))


def test_in_grey_there_are_none(model):
    images = pictures(smooth(130, 7, 7, 0))
    network = Network(worse="coarse")
    codec = fit(model, *[CodecImages(images)] * 2, network.encode, network.decode, 1)
    assert {kind for _, kind in codec.contexts} == {"grid", "free"}
    assert [setting.quality for setting in codec.settings] == list(QUALITIES)
    assert not codec.keeps_colour


@pytest.mark.parametrize("worse", ["", "coarse"])
def test_quality_picks_the_better_variant(model, worse):
    """Among the steps of both; the least quality is the lowest rate of all."""
    network = Network(worse)
    images = CodecImages(pictures(smooth(130, 7, 7, 0)))
    codec = fit(model, images, images.first(0), network.encode, network.decode, 1)
    assert len({replace(setting, quality=0) for setting in codec.settings}) == len(QUALITIES)
    chosen = {setting.variant for setting in codec.settings[1:] if setting.step / UNIT > 0.2}
    assert chosen == ({"coarse"} if worse == "" else {""})


def test_latents_are_fitted_where_that_pays(model):
    """An encoder that misses by half a unit is made up for where the steps are fine."""
    network = Network(worse="coarse")
    noise = np.random.default_rng(1).normal(0, 0.5, (130, 7, 7, 1)).astype(np.float32)

    def encode(variant: str, images: np.ndarray) -> np.ndarray:
        return network.encode(variant, images) + noise[: len(images)]

    images = CodecImages(pictures(smooth(130, 7, 7, 0)))
    codec = fit(model, images, images, encode, network.decode, 1)
    assert all(setting.sensitivity > 0 for setting in codec.settings if setting.step < UNIT / 2)
    assert codec.settings[-1].step < UNIT / 2


def test_a_collapsed_network_gets_no_codec(model):
    images = pictures(smooth(40, 7, 7, 0))

    def encode(_: str, images: np.ndarray) -> np.ndarray:
        return np.full((len(images), 7, 7, 1), 0.5, np.float32)

    def decode(_: str, latents: np.ndarray) -> np.ndarray:
        return np.full((len(latents), 28, 28), 128, np.uint8)

    with pytest.raises(CodecError, match="different rates"):
        fit(model, *[CodecImages(images)] * 2, encode, decode, 1)


def test_large_pictures_are_enough_when_they_hold_so_many_values(model, monkeypatch):
    """The other training pictures are not encoded; those held out are."""
    monkeypatch.setattr(codec_fitting, "CONTEXT_VALUES", 10 * 81)
    training, held_out = pictures(smooth(30, 9, 9, 0)), pictures(smooth(130, 9, 9, 1))
    network, seen = Network(worse="coarse"), set()

    def encode(variant: str, images: np.ndarray) -> np.ndarray:
        seen.update(image.tobytes() for image in images)
        return network.encode(variant, images)

    fit(model, CodecImages(training), CodecImages(held_out), encode, network.decode, 1)
    assert {image.tobytes() for image in training} & seen == {image.tobytes() for image in training[:10]}
    assert held_out[0].tobytes() in seen


def test_photographs_in_squares(data_folder):
    """All of the training photographs, none of those kept aside, in the same order each time."""
    if not (data_folder / "bsds500").is_dir():
        pytest.skip("the photographs are not here")
    source = replace(PHOTOGRAPHS)
    luma, chroma = source.codec_images()
    assert luma.shape == (24 * 413, SQUARE, SQUARE)
    assert chroma.shape == (2 * 6 * 413, SQUARE, SQUARE)
    assert luma.dtype == chroma.dtype == np.uint8
    seen = {square.tobytes() for square in luma}, {square.tobytes() for square in chroma}
    training, held_out, test = source.photographs
    assert (len(held_out), len(test)) == (37, 50)
    for picture, there in ((training[7], True), (held_out[7], False), (test[7], False)):
        y, blue, red = planes(picture)
        assert (y[80:160, 160:240].tobytes() in seen[0]) == there
        assert all((plane[:80, 80:160].tobytes() in seen[1]) == there for plane in (blue, red))
    again, _ = source.codec_images()
    assert np.array_equal(again, luma)


def test_without_photographs(tmp_path, monkeypatch):
    monkeypatch.setenv("CAE_DATA_DIR", str(tmp_path))
    with pytest.raises(DatasetError, match="500 photographs"):
        replace(PHOTOGRAPHS).codec_images()

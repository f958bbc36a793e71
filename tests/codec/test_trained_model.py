"""The library: `cae.load`, and what a model does with pictures."""

import subprocess
import sys

import forward_pass
import numpy as np
import pytest
from places import ROOT

import cae
from cae.codec import trained_model
from cae.codec.compression import compress
from cae.data.mnist import MNIST
from cae.model import store

pytestmark = pytest.mark.slow

DIGITS = MNIST.examples.images()


@pytest.fixture(scope="module")
def model():
    yield cae.load("mnist")
    trained_model._engine(store.FOLDER).close()
    trained_model._engine.cache_clear()


def picture(height: int, width: int, *channels: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, *channels), np.uint8)


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys; before = set(sys.modules); import cae; print({'numpy', 'PIL', 'keras'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "set()\n", run.stderr


def test_models_by_name_and_by_folder(tmp_path, monkeypatch):
    assert cae.load().files == cae.load("mnist").files == cae.load(store.FOLDER / "mnist").files
    monkeypatch.chdir(store.FOLDER)  # where a folder has the name of a model
    assert cae.load("photos").files.name == "photos"
    with pytest.raises(cae.CaeError, match="no trained model 'nobody'"):
        cae.load("nobody")
    with pytest.raises(cae.CaeError, match="no trained model"):
        cae.load(tmp_path)


def test_networks(model):
    latents = model.encode(DIGITS)
    assert latents.shape == (10, 7, 7)
    assert latents.dtype == np.float32
    weights = model.files.weights("encoder", "decoder")
    expected = forward_pass.encode(weights, DIGITS[:2, ..., np.newaxis] / 255)
    np.testing.assert_allclose(latents[:2], expected[..., 0], atol=1e-3)
    np.testing.assert_allclose(model.encode(DIGITS[0]), latents[0], atol=1e-4)
    decoded = model.decode(latents)
    assert decoded.shape == DIGITS.shape
    assert decoded.dtype == np.uint8
    expected = np.clip(forward_pass.decode(weights, expected)[..., 0], 0, 1) * 255
    np.testing.assert_allclose(decoded[:2], expected, atol=0.51)
    assert (abs(model.denoise(DIGITS).astype(int) - DIGITS) > 60).mean() < 0.01


def test_pictures_of_any_size(model):
    odd = picture(30, 41)
    padded = np.pad(odd, ((0, 2), (0, 3)), "edge")
    latent = model.encode(odd)
    assert latent.shape == (8, 11)
    np.testing.assert_array_equal(latent, model.encode(padded))
    assert model.decode(latent).shape == (32, 44)
    np.testing.assert_array_equal(model.denoise(odd), model.denoise(padded)[:30, :41])


@pytest.mark.parametrize(
    ("name", "original"),
    [("mnist", DIGITS[3]), ("mnist", picture(30, 41)), ("photos", picture(20, 30, 3)), ("photos", picture(1, 9))],
)
def test_what_is_compressed_can_be_opened(model, name, original):
    model = cae.load(name)
    coded = model.compress(original, quality=3)
    assert coded.data[:3] == b"CAE"
    np.testing.assert_array_equal(model.open(coded.data), coded.decoded)
    assert coded.decoded.shape == original.shape


def test_archives(model):
    for count in (1, 3):
        data = compress(model.engine, model.codec, DIGITS[:count], 5, archive=True)
        pictures = model.open(data)
        assert (pictures.dtype, pictures.shape) == (np.uint8, (count, 28, 28))
        for digit, picture in zip(DIGITS, pictures, strict=False):
            np.testing.assert_array_equal(picture, model.compress(digit, quality=5).decoded)


def test_what_is_no_picture(model):
    for wrong in (np.zeros((28, 28)), picture(5, 5, 3), picture(5, 0), np.zeros(5, np.uint8)):
        for function in (model.encode, model.denoise):
            with pytest.raises(ValueError, match="A grey picture is uint8"):
                function(wrong)
    for wrong in (np.zeros((28, 28)), picture(5, 5, 4), picture(5, 0), np.zeros(5, np.uint8)):
        with pytest.raises(ValueError, match="A picture is uint8"):
            model.compress(wrong)
    with pytest.raises(ValueError, match="shape"):
        model.decode(np.zeros(49))
    with pytest.raises(cae.CaeError, match="no denoiser"):
        cae.load("photos").denoise(picture(8, 8))
    with pytest.raises(cae.CaeError, match="quality"):
        model.compress(DIGITS[0], quality=11)
    with pytest.raises(cae.CaeError):
        model.open(b"CAE")

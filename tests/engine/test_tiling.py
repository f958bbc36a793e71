"""Window by window the network gives what it gives for the whole picture at once."""

import numpy as np
import pytest

from cae.engine import tiling
from cae.model.specification import DECODER, ENCODER, SCALE, Convolution, Pool, Upsample
from cae.progress import Stopped


def test_reach_by_hand():
    assert tiling.reach((Convolution(1, 3),), 1, 1) == 1
    assert tiling.reach((Convolution(1, 3), Pool(), Convolution(1, 3)), 1, 2) == 3
    assert tiling.reach((Convolution(1, 3), Upsample(), Convolution(1, 5)), 2, 1) == 2
    assert (tiling.reach(ENCODER, 1, SCALE), tiling.reach(DECODER, SCALE, 1)) == (10, 4)
    assert (tiling.ENCODER_HALO, tiling.DECODER_HALO) == (3, 4)


@pytest.mark.parametrize("length", [1, 7, 15, 16, 17, 26, 27, 100])
@pytest.mark.parametrize("halo", [0, 1, 3, 7])
def test_spans(length, halo):
    """Every value is kept once, far enough from edges that are not the picture's; all windows have one length."""
    found = list(tiling.spans(length, halo, 16))
    assert [value for span in found for value in range(span.first, span.last)] == list(range(length))
    assert {span.stop - span.start for span in found} == {min(length, 16)}
    for span in found:
        assert span.start == 0 or span.first - span.start >= halo
        assert span.stop == length or span.stop - span.last >= halo


@pytest.mark.parametrize("halo", [0, 3, 4])
@pytest.mark.parametrize("most", [tiling.SIDE, tiling.BACKGROUND_SIDE])
def test_windows_are_as_few_as_can_be_and_as_small(halo, most):
    for length in (*range(1, 300), 1000, 4096):
        side = tiling.side_of(length, halo, most)
        count = len(list(tiling.spans(length, halo, side)))
        assert side <= most
        assert count == len(list(tiling.spans(length, halo, most)))
        assert side - 1 <= 2 * halo or len(list(tiling.spans(length, halo, side - 1))) > count


@pytest.fixture
def small_windows(monkeypatch):
    """Of 16×16 latent values, 12×12 in the background, so that small pictures have many."""
    monkeypatch.setattr(tiling, "SIDE", 16)
    monkeypatch.setattr(tiling, "BACKGROUND_SIDE", 12)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("in_background", [False, True])
@pytest.mark.parametrize(("height", "width"), [(4, 4), (60, 64), (132, 148), (68, 204), (8, 500), (300, 12)])
def test_equal_to_one_call(engine, in_background, height, width):
    rng = np.random.default_rng(height)
    rough = rng.random((1, height // 4, width // 4)).repeat(4, 1).repeat(4, 2)
    pictures = np.rint(255 * (0.7 * rough + 0.3 * rng.random((1, height, width)))).astype(np.uint8)
    whole = engine.encode("mnist", pictures)
    counted = []
    tiled = engine.background() if in_background else engine
    latents = tiling.encode(tiled, "mnist", pictures, counted.append)
    np.testing.assert_allclose(latents, whole, atol=1e-5 * np.abs(whole).max())
    assert sum(counted) == latents.size
    answer = tiling.decode(tiled, "mnist", latents, counted.append)
    assert sum(counted) == 2 * latents.size
    straight = engine.decode("mnist", latents)
    assert answer.shape == pictures.shape
    assert np.abs(answer.astype(int) - straight).max() <= 1
    assert np.mean(answer != straight) < 0.001


class Shapes:
    """Notes the shapes that a network is asked for."""

    def __init__(self, in_background: bool = False) -> None:
        self.in_background = in_background
        self.seen: list[tuple[int, ...]] = []

    def encode(self, _: str, images: np.ndarray) -> np.ndarray:
        self.seen.append(images.shape)
        return images[:, ::SCALE, ::SCALE, np.newaxis].astype(np.float32)

    def decode(self, _: str, latents: np.ndarray) -> np.ndarray:
        self.seen.append(latents.shape)
        return latents[..., 0].astype(np.uint8).repeat(SCALE, 1).repeat(SCALE, 2)


@pytest.mark.parametrize(
    ("in_background", "encoded", "decoded"),
    [
        (False, (2 * 3, {(1, 4 * 128, 4 * 121)}), (3 * 3, {(1, 89, 123, 1)})),
        (True, (6 * 9, {(1, 4 * 47, 4 * 45)}), (7 * 9, {(1, 43, 47, 1)})),
    ],
)
def test_one_shape_for_all_windows_of_a_large_picture(in_background, encoded, decoded):
    pictures = np.arange(1000 * 1404, dtype=np.uint32).astype(np.uint8).reshape(1, 1000, 1404)
    network = Shapes(in_background)
    latents = tiling.encode(network, "any", pictures)
    assert np.array_equal(latents[..., 0], pictures[:, ::SCALE, ::SCALE])
    assert (len(network.seen), set(network.seen)) == encoded
    network.seen.clear()
    assert np.array_equal(tiling.decode(network, "any", latents)[:, ::SCALE, ::SCALE], pictures[:, ::SCALE, ::SCALE])
    assert (len(network.seen), set(network.seen)) == decoded


def test_small_pictures_go_at_once_and_together():
    network = Shapes()
    tiling.encode(network, "any", np.zeros((5, 28, 36), np.uint8))
    assert network.seen == [(5, 28, 36)]


def test_an_advance_that_raises_ends_the_work():
    network = Shapes()

    def stop(_: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        tiling.encode(network, "any", np.zeros((1, 1000, 1000), np.uint8), stop)
    assert len(network.seen) == 1

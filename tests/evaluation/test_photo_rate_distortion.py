"""Rate and distortion of photographs: two small made-up ones, block means in the network's place."""

import json
import shutil
from itertools import pairwise

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL

from cae.__main__ import main
from cae.cli import rate_distortion as rate_distortion_command
from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import unpack
from cae.data.photographs import PHOTOGRAPHS as SOURCE
from cae.data.photographs import Photographs
from cae.evaluation import photo_rate_distortion, standard_codecs
from cae.evaluation.photo_rate_distortion import RATES, ahead, block_means, psnr_at
from cae.evaluation.rate_distortion import FILE
from cae.imaging import colour
from cae.model import store


def photograph(height: int, width: int, seed: int) -> np.ndarray:
    """Waves, an edge and a little noise, uint8 (H, W, 3)."""
    y, x = np.mgrid[:height, :width]
    grey = 120 + 60 * np.sin(x / 9 + seed) * np.cos(y / 8) + 40 * (x + y > 60)
    noise = np.random.default_rng(seed).normal(0, 4, (height, width, 3))
    return np.clip(grey[..., np.newaxis] + noise, 0, 255).astype(np.uint8)


PHOTOGRAPHS = [photograph(50, 67, 1), photograph(67, 50, 2), photograph(50, 67, 3)]


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec.load(store.load(MODEL, GOLDEN))


@pytest.fixture(scope="module")
def measured(codec) -> dict:
    return photo_rate_distortion.measure(BlockMeans(), codec, PHOTOGRAPHS, 2)


def test_means_are_those_of_the_files(codec, measured):
    """Each photograph's own rate and PSNR, then the mean; bits as they stand in the files."""
    assert measured["images"] == 2
    rates, files, ratios = [], [], []
    for each in PHOTOGRAPHS[:2]:
        luma = colour.planes(each)[0]
        data = compression.compress(BlockMeans(), codec, luma[np.newaxis], 6)
        answer = compression.decompress(BlockMeans(), codec, data)
        rates.append(8 * len(unpack(data)[1]) / luma.size)
        files.append(8 * len(data) / luma.size)
        ratios.append(-10 * np.log10(np.mean((answer / 255 - luma / 255) ** 2)))
    point = measured["codec"][5]
    assert point["quality"] == 6
    assert point["bpp"] == pytest.approx(np.mean(rates))
    assert point["file_bpp"] == pytest.approx(np.mean(files))
    assert point["psnr"] == pytest.approx(np.mean(ratios), abs=1e-4)


def test_a_jpegs_rate_is_that_of_its_scan(measured):
    """The scan lies between the end of its header, ten bytes after SOS, and EOI."""
    expected = []
    for each in PHOTOGRAPHS[:2]:
        luma = colour.planes(each)[0]
        file = standard_codecs.encode(luma, "JPEG", 50)
        expected.append(8 * (len(file) - file.index(b"\xff\xda") - 10 - 2) / luma.size)
    point = next(point for point in measured["jpeg"] if point["quality"] == 50)
    assert point["bpp"] == pytest.approx(np.mean(expected))


def test_curves(measured):
    for name in ("codec", "jpeg", "webp"):
        curve = measured[name]
        assert [point["quality"] for point in curve] == sorted({point["quality"] for point in curve})
        assert all(0 < point["bpp"] < point["file_bpp"] for point in curve)
        assert curve[-1]["bpp"] > 2 * curve[0]["bpp"]
        assert curve[-1]["mse"] < curve[0]["mse"]
        assert curve[-1]["psnr"] > curve[0]["psnr"]
        assert curve[-1]["ssim"] > curve[0]["ssim"]
    rates = [point["bpp"] for point in measured["block_means"]]
    assert rates == sorted(rates, reverse=True)
    assert all(point["exact"] for point in measured["codec"])
    assert measured["png"] > measured["webp_lossless"] > 1
    json.dumps(measured, allow_nan=False)


def test_compared_at_equal_rates(measured):
    """Every figure lies between its curve's neighbours, and is missing beyond the ends only."""
    assert list(measured["psnr_at_bpp"]) == [str(rate) for rate in RATES]
    found = 0
    for rate, ratios in measured["psnr_at_bpp"].items():
        for name, ratio in ratios.items():
            points = sorted(measured[name], key=lambda point: point["bpp"])
            below = [point["psnr"] for point in points if point["bpp"] <= float(rate)]
            above = [point["psnr"] for point in points if point["bpp"] >= float(rate)]
            assert (ratio is None) == (not below or not above)
            if ratio is not None:
                found += 1
                low, high = sorted((below[-1], above[0]))
                assert low <= ratio <= high
    assert found > 5
    assert set(measured["ahead"]) == {"jpeg", "webp"}


def curve(*points: tuple[float, float | None]) -> list[dict]:
    return [{"bpp": rate, "psnr": ratio} for rate, ratio in points]


def test_psnr_is_linear_in_log_rate():
    points = curve((0.4, 26.0), (0.1, 20.0), (3.0, None), (0.0, 10.0))
    assert psnr_at(points, 0.2) == pytest.approx(23)
    assert psnr_at(points, 0.1 * 2**0.5) == pytest.approx(21.5)
    assert psnr_at(points, 0.4) == pytest.approx(26)
    for rate in (0.0999, 0.401, 3.0):
        assert psnr_at(points, rate) is None


def test_where_the_curves_cross():
    ours, theirs = curve((0.05, 20), (0.8, 28)), curve((0.1, 20), (1.6, 32))  # 2 dB and 3 dB an octave
    assert ahead(ours, theirs) == [[pytest.approx(0.1), pytest.approx(0.4)]]
    assert ahead(theirs, ours) == [[pytest.approx(0.4), pytest.approx(0.8)]]
    assert ahead(ours, ours) == []
    assert ahead(ours, curve((0.9, 20), (2, 30))) == []


@pytest.mark.parametrize("seed", range(5))
def test_ahead_as_counted_point_by_point(seed):
    rng = np.random.default_rng(seed)
    ours, theirs = (curve(*zip(rng.uniform(0.1, 1, 9), rng.uniform(20, 30, 9), strict=True)) for _ in range(2))
    ranges = ahead(ours, theirs)
    for rate in rng.uniform(0.1, 1, 400):
        mine, other = psnr_at(ours, rate), psnr_at(theirs, rate)
        leads = mine is not None and other is not None and mine > other
        assert leads == any(low < rate < high for low, high in ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


def test_block_means_of_two_greys():
    """Half of the blocks dark, half light: one bit each."""
    blocks = np.indices((6, 8)).sum(0) % 2 * 128 + 32
    _, bits = block_means(blocks.astype(np.uint8).repeat(4, 0).repeat(4, 1), 32)
    assert bits == pytest.approx(6 * 8)
    answer, bits = block_means(np.full((9, 5), 96, np.uint8), 32)
    assert bits == 0
    assert np.array_equal(answer, np.full((9, 5), 96, np.uint8))


@pytest.mark.parametrize(("height", "width"), [(40, 64), (37, 61), (3, 4)])
def test_block_means_of_a_slope(height, width):
    """What is smooth comes back, but for the levels' steps and the border."""
    picture = (2 * np.indices((height, width)).sum(0)).astype(np.uint8)
    inside = slice(6, -6)
    for step in (1, 4):
        answer, bits = block_means(picture, step)
        assert answer.shape == picture.shape
        assert 0 <= bits < picture.size
        assert np.abs(answer.astype(int) - picture)[inside, inside].max(initial=0) <= step


@pytest.fixture
def command(monkeypatch):
    """The command without a network, on the photographs above."""
    monkeypatch.setattr(Photographs, "test_pictures", lambda _: PHOTOGRAPHS)
    monkeypatch.setattr(store.Pretrained, "data_set", SOURCE.name)
    monkeypatch.setattr(rate_distortion_command, "Engine", BlockMeans)


@pytest.mark.usefixtures("command")
def test_the_command_shows_what_was_measured(measured, capfd):
    assert main(["rate-distortion", str(GOLDEN / MODEL), "--json", "--limit", "2"]) == 0
    assert json.loads(capfd.readouterr().out) == measured
    assert not (GOLDEN / MODEL / FILE).exists()
    assert main(["rate-distortion", str(GOLDEN / MODEL), "--limit", "1"]) == 0
    shown = capfd.readouterr().out
    assert "tiny, photographs kept aside, in grey: 1" in shown
    assert "block means" in shown


@pytest.mark.usefixtures("command")
def test_the_whole_result_goes_into_the_model_folder(monkeypatch, tmp_path, capfd):
    shutil.copytree(GOLDEN / MODEL, tmp_path / MODEL)
    monkeypatch.setattr(store, "FOLDER", tmp_path.resolve())
    assert main(["rate-distortion", str(tmp_path / MODEL), "--json"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert result["images"] == len(PHOTOGRAPHS)
    assert json.loads(store.load(MODEL, tmp_path).read(FILE)) == result

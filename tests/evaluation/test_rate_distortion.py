"""Rate and distortion of a few small pictures and photographs, block means in the network's place."""

import json
import shutil
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL

from cae.__main__ import main
from cae.cli import rate_distortion as rate_distortion_command
from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES, unpack
from cae.data.mnist import MNIST, PublishedImages
from cae.data.photographs import PHOTOGRAPHS as SOURCE
from cae.data.photographs import Photographs
from cae.data.source import Dataset
from cae.engine.client import Engine
from cae.evaluation import methods, standard_codecs
from cae.evaluation.rate_distortion import RATES, curve, measure
from cae.evaluation.reports import RATE_DISTORTION
from cae.imaging import colour
from cae.imaging.metrics import distortion
from cae.model import store

TINY = str(GOLDEN / MODEL)


def picture(height: int, width: int, phase: float) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.rint((0.5 + 0.4 * np.sin(x / 9 + phase) * np.cos(y / 8)) * 255).astype(np.uint8)


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
    """Of the first two photographs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Photographs, "test_pictures", lambda _: PHOTOGRAPHS)
        return measure(BlockMeans(), codec, SOURCE, 2)


def test_means_are_those_of_the_files(codec, measured):
    """Each photograph's own rate and PSNR, then the mean; bits as they stand in the files."""
    assert measured["images"] == 2
    rates, files, ratios, similarities = [], [], [], []
    for each in PHOTOGRAPHS[:2]:
        luma = colour.planes(each)[0]
        data = compression.compress(BlockMeans(), codec, luma[np.newaxis], 6)
        answer = compression.decompress(BlockMeans(), codec, data)
        rates.append(8 * len(unpack(data)[1]) / luma.size)
        files.append(8 * len(data) / luma.size)
        ratios.append(-10 * np.log10(np.mean((answer / 255 - luma / 255) ** 2)))
        similarities.append(distortion(luma, answer).ssim)
    point = measured["codec"][5]
    assert point["quality"] == 6
    assert point["bpp"] == pytest.approx(np.mean(rates))
    assert point["file_bpp"] == pytest.approx(np.mean(files))
    assert point["psnr"] == pytest.approx(np.mean(ratios), abs=1e-4)
    assert point["ssim"] == pytest.approx(np.mean(similarities))


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
    for name in ("codec", "jpeg", "webp", "avif"):
        curve = measured[name]
        assert [point["quality"] for point in curve] == sorted({point["quality"] for point in curve})
        assert all(0 < point["bpp"] < point["file_bpp"] for point in curve)
        assert curve[-1]["bpp"] > 2 * curve[0]["bpp"]
        assert curve[-1]["mse"] < curve[0]["mse"]
        assert (curve[-1]["psnr"] or np.inf) > curve[0]["psnr"], "the finest AVIF is without loss"
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
    assert set(measured["ahead"]) == set(measured["bd_rate"]) == {"jpeg", "webp", "avif"}


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.stack([picture(28, 28, phase) for phase in np.linspace(0, 6, 12)])


def codec_curve(engine: Engine, codec: Codec, images: np.ndarray, *qualities: int) -> list[dict]:
    """Of images in one archive."""
    return curve("", [images], qualities, partial(methods.archive, engine, codec))


def test_an_archive_at_every_quality(codec, images):
    points = codec_curve(BlockMeans(), codec, images, *QUALITIES)
    assert [point["quality"] for point in points] == list(range(1, 11))
    for point in points:
        assert point["exact"]
        assert point["bytes"] == pytest.approx(point["estimated_bytes"], rel=0.02)
        assert point["file_bytes"] > point["bytes"] + 12
    assert points[-1]["bytes"] > points[0]["bytes"]
    assert points[-1]["mse"] < points[0]["mse"]
    json.dumps(points, allow_nan=False)


def test_an_archives_figures_are_the_means_over_its_pictures(codec, images):
    """As its file gives them back, picture by picture."""
    data = compression.compress(BlockMeans(), codec, images, 7, archive=True)
    each = [distortion(*pair) for pair in zip(images, compression.decompress(BlockMeans(), codec, data), strict=True)]
    [point] = codec_curve(BlockMeans(), codec, images, 7)
    for name in ("mse", "psnr", "ssim"):
        assert point[name] == pytest.approx(np.mean([getattr(one, name) for one in each]))
    assert point["bytes"] == len(unpack(data)[1]) / len(images)
    assert point["bpp"] == pytest.approx(8 * len(unpack(data)[1]) / images.size)


def test_archives_and_single_files_give_the_same_figures(codec, images):
    """But for the rates of the archive, which a picture shares with others."""
    [archive] = codec_curve(BlockMeans(), codec, images, 7)
    [files] = curve("", [image[np.newaxis] for image in images], [7], partial(methods.round_trip, BlockMeans(), codec))
    assert archive.keys() == files.keys()
    for name in set(archive) - {"bytes", "bpp", "variant"}:
        assert archive[name] == pytest.approx(files[name], rel=1e-9), name


def test_pictures_given_back_exactly_have_no_psnr(images):
    """The mean is that of the others, and there is none without others."""

    def all_but(count: int) -> Iterator[methods.Sample]:
        decoded = images.copy()
        decoded[:count] ^= 16
        yield {}, {}, decoded

    [none], [one], [three] = (curve("", [images], [0], lambda *_, n=n: all_but(n)) for n in (0, 1, 3))
    assert none["psnr"] is None
    assert (none["mse"], none["ssim"]) == (0, pytest.approx(1))
    assert one["psnr"] == pytest.approx(three["psnr"]) == pytest.approx(20 * np.log10(255 / 16))
    assert 3 * one["mse"] == pytest.approx(three["mse"])


def test_measured_beside_others(monkeypatch, tmp_path, capfd):
    """The command prints what the codecs here make of a few pictures, one JSON object and nothing else."""
    phases = np.linspace(0, 6, 60)
    images = np.stack([picture(20, 20, phase) for phase in phases])
    labels = np.zeros(60, np.uint8)
    few = Dataset(images, labels, images[5:17], labels[5:17], MNIST.classes)
    monkeypatch.setattr(PublishedImages, "read", lambda _: few)
    monkeypatch.setattr(store.Pretrained, "data_set", MNIST.name)
    monkeypatch.setattr(rate_distortion_command, "Engine", BlockMeans)
    assert main(["rate-distortion", TINY, "--json", "--limit", "10"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert (result["model"], result["images"]) == ("tiny", 10)
    assert not (GOLDEN / MODEL / RATE_DISTORTION).exists()
    assert all(0 < point["ssim"] <= 1 for point in (*result["codec"], *result["pca"], *result["webp"]["files"]))
    for points in (result["klt"], result["jpeg"]["files"], result["webp"]["mosaic"]):
        sizes = [point["bytes"] for point in sorted(points, key=lambda point: point["mse"])]
        assert len(points) > 10
        assert sizes[0] > sizes[-1] > 0
    assert result["jpeg"]["files"][0]["bytes"] > 3 * result["jpeg"]["mosaic"][0]["bytes"]
    expected = {quality: standard_codecs.encode(images[5], "JPEG", quality) for quality in (0, 100)}
    assert abs(result["jpeg"]["files"][0]["bytes"] - len(expected[0])) < 50
    assert result["png"]["files"] > result["png"]["mosaic"] > result["webp_lossless"]["mosaic"] > 0
    errors = [point["mse"] for point in result["pca"]]
    assert np.diff(errors).max() < 1e-8, "fewer with more components, down to rounding errors"
    assert set(result["bytes_at_mse"]["0.003"]) == {"codec", "klt", "jpeg", "webp", "avif"}
    assert set(result["bd_rate"]) == {"jpeg", "webp", "avif"}
    monkeypatch.setattr(rate_distortion_command, "measure", lambda *_: result)
    assert main(["rate-distortion", str(shutil.copytree(GOLDEN / MODEL, tmp_path / MODEL))]) == 0
    shown = capfd.readouterr().out
    assert "The codec's bytes per image at equal MSE" in shown
    assert "tiny: 10 test pictures" in shown


def test_the_shipped_network(engine):
    """Real pictures through the real network: the archive gives exactly what the forward pass gives."""
    codec = Codec.load(store.load("mnist"))
    digits = MNIST.examples.images()
    coarse, fine = codec_curve(engine, codec, digits, 2, 8)
    assert coarse["exact"]
    assert fine["exact"]
    assert coarse["bytes"] < fine["bytes"] < 40
    assert fine["mse"] < coarse["mse"] < 0.03


@pytest.fixture
def command(monkeypatch):
    """The command without a network, on the photographs above."""
    monkeypatch.setattr(Photographs, "test_pictures", lambda _: PHOTOGRAPHS)
    monkeypatch.setattr(store.Pretrained, "data_set", SOURCE.name)
    monkeypatch.setattr(rate_distortion_command, "Engine", BlockMeans)


@pytest.mark.usefixtures("command")
def test_the_command_shows_what_was_measured(measured, capfd):
    assert main(["rate-distortion", TINY, "--json", "--limit", "2"]) == 0
    assert json.loads(capfd.readouterr().out) == measured
    assert not (GOLDEN / MODEL / RATE_DISTORTION).exists()
    assert main(["rate-distortion", TINY, "--limit", "1"]) == 0
    shown = capfd.readouterr().out
    assert "tiny: 1 test pictures" in shown
    assert "photographs kept aside, in grey" in " ".join(shown.split())
    assert "block means" in shown


@pytest.mark.usefixtures("command")
def test_the_whole_result_goes_into_the_model_folder(monkeypatch, tmp_path, capfd):
    shutil.copytree(GOLDEN / MODEL, tmp_path / MODEL)
    monkeypatch.setattr(store, "FOLDER", tmp_path.resolve())
    assert main(["rate-distortion", str(tmp_path / MODEL), "--json"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert result["images"] == len(PHOTOGRAPHS)
    assert json.loads(store.load(MODEL, tmp_path).read(RATE_DISTORTION)) == result

"""Pictures to files and back, with block means in the network's place; and the commands around that."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL, grey_file
from PIL import Image

from cae.__main__ import main
from cae.cli import compress as compress_command
from cae.cli import decompress as decompress_command
from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import MAX_SIDE, CodecError, unpack
from cae.imaging import colour
from cae.imaging.metrics import distortion
from cae.imaging.pixels import to_png
from cae.model import store

TINY = str(GOLDEN / MODEL)


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec.load(store.load(MODEL, GOLDEN))


@pytest.fixture
def commands(monkeypatch):
    """The commands without a network."""
    for module in (compress_command, decompress_command):
        monkeypatch.setattr(module, "Engine", BlockMeans)


def picture(height: int, width: int, phase: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.rint((0.5 + 0.4 * np.sin(x / 9 + phase) * np.cos(y / 8)) * 255).astype(np.uint8)


@pytest.mark.parametrize(("height", "width"), [(28, 28), (1, 1), (30, 57), (101, 4)])
def test_padded_and_cropped(codec, height, width):
    original = picture(height, width)
    engine = BlockMeans()
    data = compression.compress(engine, codec, original[np.newaxis], 10)
    decoded = compression.decompress(engine, codec, data)
    assert (decoded.shape, decoded.dtype) == (original.shape, np.uint8)
    padded = np.pad(original, ((0, -height % 4), (0, -width % 4)), "edge")
    means = padded.reshape(padded.shape[0] // 4, 4, -1, 4).mean((1, 3)).repeat(4, 0).repeat(4, 1)
    np.testing.assert_allclose(decoded, means[:height, :width], atol=0.01 * 255)
    assert set(engine.asked) == {codec.model.network()}


def test_archive(codec):
    pictures = np.stack([picture(28, 28, phase) for phase in range(9)])
    data = compression.compress(BlockMeans(), codec, pictures, 8, archive=True)
    decoded = compression.decompress(BlockMeans(), codec, data)
    singles = [compression.compress(BlockMeans(), codec, one[np.newaxis], 8) for one in pictures]
    for one, single in zip(decoded, singles, strict=True):
        assert np.array_equal(one, compression.decompress(BlockMeans(), codec, single))
    assert len(data) < sum(len(single) for single in singles) - 9 * 10


def test_too_large(codec):
    with pytest.raises(CodecError, match="pixels a side"):
        compression.compress(BlockMeans(), codec, np.zeros((1, 1, MAX_SIDE + 1), np.uint8), 5)


def coloured(height: int, width: int) -> np.ndarray:
    """RGB uint8 (H, W, 3), smooth, with strong colours."""
    return np.stack([picture(height, width, phase) for phase in (0.0, 2.0, 4.0)], -1)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (37, 54), (9, 700), (701, 530)])
def test_colour_and_size_are_kept(codec, height, width):
    """The answer's planes are the block means of the picture's; every value is counted as often as is said."""
    pixels = coloured(height, width)
    counted = []
    data = compression.compress_colour(BlockMeans(), codec, pixels, 10, counted.append)
    header, _ = unpack(data)
    assert (header.height, header.width, header.colour) == (height, width, True)
    work = compression.work(codec, header)
    assert sum(counted) == work
    answer = compression.decompress(BlockMeans(), codec, data, counted.append)
    assert sum(counted) == work + compression.DECOMPRESSING * header.values
    assert (answer.shape, answer.dtype) == (pixels.shape, np.uint8)
    means = []
    for plane in colour.planes(pixels):
        rows, columns = plane.shape
        padded = np.pad(plane, ((0, -rows % 4), (0, -columns % 4)), "edge").astype(float)
        blocks = padded.reshape(padded.shape[0] // 4, 4, -1, 4).mean((1, 3)).repeat(4, 0).repeat(4, 1)
        means.append(np.rint(blocks[:rows, :columns]).astype(np.uint8))
    np.testing.assert_allclose(answer.astype(int), colour.picture(*means).astype(int), atol=6)
    assert 255**2 * distortion(pixels, answer).mse == pytest.approx(((pixels.astype(float) - answer) ** 2).mean())


class Tinted(BlockMeans):
    """Decodes everything 9 levels too bright."""

    def decode(self, model: str, latents: np.ndarray) -> np.ndarray:
        return np.minimum(super().decode(model, latents), 246) + np.uint8(9)


def test_the_mean_of_colours_is_kept(codec):
    """Whatever the network does to them, within a level; the file tells how far."""
    pixels = coloured(90, 70) // 2 + 60
    data = compression.compress_colour(Tinted(), codec, pixels, 10)
    assert unpack(data)[0].shifts == (-9, -9)
    answer = compression.decompress(Tinted(), codec, data)
    for before, after in list(zip(colour.planes(pixels), colour.planes(answer), strict=True))[1:]:
        assert abs(before.mean() - after.mean()) < 1


@pytest.mark.parametrize("quality", [1, 10])
def test_colours_that_rgb_does_not_have_move_no_mean(codec, quality):
    """Where a dark picture is saturated, many of the network's colours are clipped to those there are."""
    pixels = np.zeros((90, 70, 3), np.uint8)
    pixels[..., 0] = picture(90, 70)
    data = compression.compress_colour(Tinted(), codec, pixels, quality)
    answer = compression.decompress(Tinted(), codec, data)
    for before, after in list(zip(colour.planes(pixels), colour.planes(answer), strict=True))[1:]:
        assert abs(before.mean() - after.mean()) < 1


class Faint(BlockMeans):
    """Its encoder finds four fifths of what its decoder needs."""

    def encode(self, model: str, pictures: np.ndarray) -> np.ndarray:
        return 0.8 * super().encode(model, pictures)


def test_fitted_latents_lose_less(codec):
    """The file is read as before; the passes of its 56 latents are counted."""
    sensitivity = 1 / 16**2 / 56
    fitting = replace(codec, settings=[replace(setting, sensitivity=sensitivity) for setting in codec.settings])
    pixels, errors = picture(28, 32)[np.newaxis], []
    for each in (codec, fitting):
        counted: list[int] = []
        data = compression.compress(Faint(), each, pixels, 10, advance=counted.append)
        assert sum(counted) == compression.work(each, unpack(data)[0])
        errors.append(np.square(compression.decompress(Faint(), codec, data) - pixels[0].astype(float)).mean())
    assert errors[1] < 0.7 * errors[0]
    assert sum(counted) == (1 + 57 + 1) * 56


def test_larger_pictures_are_fitted_many_latents_at_a_time(codec):
    """Up to half a megapixel; each takes ten more passes."""
    fitting = replace(codec, settings=[replace(setting, sensitivity=1e-3) for setting in codec.settings])
    pixels, errors = picture(44, 60)[np.newaxis], []
    for each in (codec, fitting):
        counted: list[int] = []
        data = compression.compress(Faint(), each, pixels, 10, advance=counted.append)
        assert sum(counted) == compression.work(each, unpack(data)[0])
        exact = BlockMeans().decode("", BlockMeans().encode("", pixels))[0]
        errors.append(np.abs(compression.decompress(Faint(), codec, data) - exact.astype(float)).mean())
    assert errors[1] < 0.7 * errors[0]
    assert sum(counted) == (1 + 10 + 1) * 11 * 15
    for side, passes in ((724, 11), (728, 1)):
        header = codec.header(10, side, side)
        assert compression.work(fitting, header) == (passes + 1) * header.values


def test_grey_pictures_of_any_size_count_as_well(codec):
    counted = []
    data = compression.compress(BlockMeans(), codec, picture(700, 530)[np.newaxis], 5, advance=counted.append)
    compression.decompress(BlockMeans(), codec, data, counted.append)
    assert sum(counted) == 4 * unpack(data)[0].values == 4 * 175 * 133


def test_whose_file_it_is(codec):
    own = (GOLDEN / "single-5.cae").read_bytes()
    with pytest.raises(CodecError, match="--model"):
        compression.codec_of(own)
    mnist = Codec(replace(codec.model, name="mnist"), codec.settings, codec.contexts)
    data = grey_file(mnist, np.zeros((1, 7, 7), np.int16), 5, 28, 28)
    with pytest.raises(CodecError, match="model mnist, which is not here"):
        compression.codec_of(data, GOLDEN)


def write_png(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_png(pixels))
    return path


def read_png(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.usefixtures("commands")
def test_commands_on_a_picture(tmp_path, capfd):
    source = write_png(tmp_path / "a.png", picture(30, 50))
    packed, target = tmp_path / "a.cae", tmp_path / "b.png"
    sizes = []
    for quality in ("2", "10"):
        arguments = ["compress", str(source), "-o", str(packed), "--model", TINY, "--quality", quality]
        assert main(arguments) == 0
        sizes.append(packed.stat().st_size)
        said = capfd.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        rate = f"{8 * sizes[-1] / 1500:.3f} bits per pixel"
        for phrase in (f"{sizes[-1]} bytes", "1,500 pixels", f"{1500 / sizes[-1]:.1f} : 1", rate, "PSNR", "dB"):
            assert phrase in said.err
    assert sizes[1] > sizes[0]
    assert unpack(packed.read_bytes())[0].quality == 10
    assert main(["decompress", str(packed), "-o", str(target), "--model", TINY]) == 0
    assert "1 picture of 50 × 30 pixels" in capfd.readouterr().err
    np.testing.assert_allclose(read_png(target), picture(30, 50).astype(int), atol=0.2 * 255)


@pytest.fixture
def photos(tmp_path) -> str:
    """The small codec as that of a model of photographs."""
    return str(shutil.copytree(GOLDEN / MODEL, tmp_path / "models" / "photos"))


@pytest.mark.usefixtures("commands")
def test_commands_keep_the_colour_of_photographs(tmp_path, capfd, photos):
    pixels = coloured(57, 90)
    source, packed, target = tmp_path / "a.png", tmp_path / "a.cae", tmp_path / "b.png"
    source.write_bytes(to_png(pixels))
    assert main(["compress", str(source), "-o", str(packed), "--model", photos, "--quality", "10"]) == 0
    said, size = capfd.readouterr().err, packed.stat().st_size
    for phrase in (f"{size:,} bytes", "5,130 pixels", f"{3 * 5130 / size:.1f} : 1", f"{8 * size / 5130:.3f} bits per"):
        assert phrase in said
    assert main(["decompress", str(packed), "-o", str(target), "--model", photos]) == 0
    assert "1 picture of 90 × 57 pixels in colour" in capfd.readouterr().err
    with Image.open(target) as image:
        answer = np.asarray(image)
    assert answer.shape == pixels.shape
    assert f"PSNR {-10 * np.log10(distortion(pixels, answer).mse):.2f} dB" in said
    write_png(source, picture(57, 90))  # grey stays grey
    assert main(["compress", str(source), "-o", str(packed), "--model", photos]) == 0
    assert not unpack(packed.read_bytes())[0].colour
    source.write_bytes(to_png(pixels))
    assert main(["compress", str(source), "-o", str(packed), "--model", TINY]) == 0
    assert not unpack(packed.read_bytes())[0].colour


@pytest.mark.usefixtures("commands")
def test_commands_on_a_folder_of_photographs(tmp_path, capfd, photos):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(to_png(coloured(30, 41)))
    write_png(tmp_path / "in" / "b.png", picture(28, 28))
    assert main(["compress", str(tmp_path / "in"), "-o", str(tmp_path / "packed"), "--model", photos]) == 0
    size = sum(path.stat().st_size for path in (tmp_path / "packed").iterdir())
    assert f"2 files: {size} bytes for {30 * 41 + 784:,} pixels" in capfd.readouterr().err
    assert main(["decompress", str(tmp_path / "packed"), "-o", str(tmp_path / "out"), "--model", photos]) == 0
    assert f"2 pictures, {30 * 41 + 784:,} pixels from {size} bytes" in capfd.readouterr().err
    modes = []
    for path in sorted((tmp_path / "out").iterdir()):
        with Image.open(path) as image:
            modes.append((image.mode, image.size))
    assert modes == [("RGB", (41, 30)), ("L", (28, 28))]


@pytest.mark.parametrize("operation", ["encode", "decode"])
@pytest.mark.usefixtures("commands")
def test_stopped_it_leaves_no_file(tmp_path, capfd, photos, monkeypatch, operation):
    """Whether it is stopped on the way to the file or on the way back."""
    source, packed = tmp_path / "a.png", tmp_path / "a.cae"
    source.write_bytes(to_png(coloured(40, 40)))

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(BlockMeans, operation, interrupted)
    assert main(["compress", str(source), "-o", str(packed), "--model", photos]) == 130
    assert capfd.readouterr().err == "Stopped.\n"
    assert not packed.exists()


@pytest.mark.usefixtures("commands")
def test_commands_on_a_folder(tmp_path, capfd):
    pictures = [picture(28, 28, phase) for phase in range(11)]
    for index, pixels in enumerate(pictures):
        write_png(tmp_path / "in" / f"{index:02d}.png", pixels)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    archive = tmp_path / "all.cae"
    assert main(["compress", str(tmp_path / "in"), "-o", str(archive), "--model", TINY]) == 0
    assert "11 pictures" in capfd.readouterr().err
    assert main(["decompress", str(archive), "-o", str(tmp_path / "out"), "--model", TINY]) == 0
    out = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in out] == [f"{index:02d}.png" for index in range(1, 12)]

    assert main(["compress", str(tmp_path / "in"), "-o", str(tmp_path / "packed"), "--model", TINY]) == 0
    assert "11 files" in capfd.readouterr().err
    assert len(list((tmp_path / "packed").glob("*.cae"))) == 11
    assert main(["decompress", str(tmp_path / "packed"), "-o", str(tmp_path / "again"), "--model", TINY]) == 0
    for path, again in zip(out, sorted((tmp_path / "again").iterdir()), strict=True):
        assert np.array_equal(read_png(path), read_png(again))


def refusal(capfd, *arguments: str) -> str:
    capfd.readouterr()
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


@pytest.mark.usefixtures("commands")
def test_refusals(tmp_path, capfd):
    text = tmp_path / "a.txt"
    text.write_text("no picture")
    packed = shutil.copy(GOLDEN / "single-5.cae", tmp_path / "a.cae")
    write_png(tmp_path / "two" / "a.png", picture(28, 28))
    write_png(tmp_path / "two" / "b.png", picture(32, 28))
    (tmp_path / "empty").mkdir()
    target = ("-o", str(tmp_path / "x.cae"), "--model", TINY)
    assert "not an image" in refusal(capfd, "compress", str(text), *target)
    assert "No such file" in refusal(capfd, "compress", str(tmp_path / "none.png"), *target)
    assert "one size: b.png is not 28 × 28" in refusal(capfd, "compress", str(tmp_path / "two"), *target)
    assert "no picture in" in refusal(capfd, "compress", str(tmp_path / "empty"), *target)
    assert "from 1 to 10" in refusal(capfd, "compress", str(text), *target, "--quality", "11")
    assert "-o" in refusal(capfd, "compress", str(text))
    assert "not a .cae file" in refusal(capfd, "decompress", str(text), "-o", "x.png", "--model", TINY)
    assert "--model" in refusal(capfd, "decompress", str(packed), "-o", str(tmp_path / "x.png"))
    assert "no .cae file in" in refusal(capfd, "decompress", str(tmp_path / "empty"), "-o", "x", "--model", TINY)
    Path(packed).write_bytes(Path(packed).read_bytes()[:-1])
    assert "damaged" in refusal(capfd, "decompress", str(packed), "-o", "x.png", "--model", TINY)
    assert not (tmp_path / "x.cae").exists()

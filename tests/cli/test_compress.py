"""compress and decompress: what they write, where, and what they leave alone; with block means for the network."""

import io
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL
from PIL import Image

from cae.__main__ import main
from cae.cli import compress as compress_command
from cae.cli import decompress as decompress_command
from cae.codec.file_format import unpack
from cae.imaging.pixels import to_png

TINY = ("--model", str(GOLDEN / MODEL))


@pytest.fixture(autouse=True)
def _without_a_network(monkeypatch):
    for module in (compress_command, decompress_command):
        monkeypatch.setattr(module, "Engine", BlockMeans)


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.rint((0.5 + 0.4 * np.sin(x / 9) * np.cos(y / 8)) * 255).astype(np.uint8)


def coloured(height: int, width: int) -> np.ndarray:
    return np.stack([smooth(height, width), smooth(height, width)[::-1], smooth(height, width)[:, ::-1]], -1)


def png(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_png(pixels))
    return path


@pytest.fixture
def source(tmp_path) -> Path:
    return png(tmp_path / "a.png", smooth(30, 50))


@pytest.fixture
def packed(source, tmp_path) -> Path:
    """What `source` is compressed to."""
    path = tmp_path / "packed.cae"
    assert run("compress", source, "-o", path, *TINY) == 0
    return path


@pytest.fixture
def golden(tmp_path) -> Path:
    """A .cae file of one picture, which no test has to compute."""
    path = tmp_path / "golden.cae"
    path.write_bytes((GOLDEN / "single-5.cae").read_bytes())
    return path


def repeated() -> np.ndarray:
    """Squares of 4×4 pixels at random, repeated: for PNG a small picture, for the codec a large one."""
    squares = np.random.default_rng(0).integers(0, 2, (10, 10), np.uint8) * 255
    return np.tile(np.kron(squares, np.ones((4, 4), np.uint8)), (8, 8))


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def refusal(capfd, *arguments: object) -> str:
    """The one sentence of a command that ends with status 2; it is said before anything is computed."""
    capfd.readouterr()
    assert run(*arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


@pytest.fixture
def no_work(monkeypatch):
    """Makes any computation fail."""

    def computed(*_):
        pytest.fail("computed before the output was tried")

    for operation in ("encode", "decode"):
        monkeypatch.setattr(BlockMeans, operation, computed)


@pytest.mark.parametrize("link", ["itself", "symbolic", "hard", "by another way"])
@pytest.mark.parametrize("command", ["compress", "decompress"])
@pytest.mark.usefixtures("no_work")
def test_an_input_is_never_overwritten(command, link, source, golden, tmp_path, capfd):
    given = source if command == "compress" else golden
    content, target = given.read_bytes(), tmp_path / "link"
    if link == "symbolic":
        target.symlink_to(given)
    elif link == "hard":
        os.link(given, target)
    elif link == "by another way":
        target = tmp_path / "x" / ".." / given.name
        (tmp_path / "x").mkdir()
    else:
        target = given
    for force in ((), ("--force",)):
        assert "is an input itself" in refusal(capfd, command, given, "-o", target, *TINY, *force)
    assert given.read_bytes() == content


@pytest.mark.usefixtures("no_work")
def test_no_picture_of_a_folder_is_overwritten(source, tmp_path, capfd):
    """Though the output for one picture is a link to another."""
    content = source.read_bytes()
    folder = tmp_path / "in"
    png(folder / "b.png", smooth(28, 28))
    source.rename(folder / "a.png")
    (folder / "b.png.cae").symlink_to(folder / "a.png")
    assert "is an input itself" in refusal(capfd, "compress", folder, "-o", folder, *TINY, "--force")
    assert (folder / "a.png").read_bytes() == content


@pytest.mark.usefixtures("no_work")
def test_a_file_of_another_kind_stays(source, golden, tmp_path, capfd):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff precious")
    assert f"{photo} exists and is no .cae file" in refusal(capfd, "compress", source, "-o", photo, *TINY)
    assert f"{photo} exists and is no PNG picture" in refusal(capfd, "decompress", golden, "-o", photo, *TINY)
    folder = tmp_path / "in"
    png(folder / "a.png", smooth(28, 28))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png.cae").write_text("notes")
    assert "a.png.cae exists" in refusal(capfd, "compress", folder, "-o", tmp_path / "out", *TINY)
    assert photo.read_bytes() == b"\xff\xd8\xff precious"
    assert (tmp_path / "out" / "a.png.cae").read_text() == "notes"


def test_force_overwrites_it(source, packed, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff precious")
    assert run("compress", source, "-o", photo, *TINY, "--force") == 0
    assert photo.read_bytes() == packed.read_bytes()


def test_files_of_its_own_kind_and_empty_ones_are_overwritten(source, packed, tmp_path):
    content = packed.read_bytes()
    for before in (b"CAE older", b""):
        packed.write_bytes(before)
        packed.chmod(0o640)
        assert run("compress", source, "-o", packed, *TINY) == 0
        assert packed.read_bytes() == content
        assert packed.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "packed.cae"}


def test_what_a_link_leads_to_is_written(source, packed, tmp_path):
    (tmp_path / "link.cae").symlink_to(packed)
    content = packed.read_bytes()
    packed.write_bytes(b"")
    assert run("compress", source, "-o", tmp_path / "link.cae", *TINY) == 0
    assert (tmp_path / "link.cae").is_symlink()
    assert packed.read_bytes() == content


def test_a_damaged_picture_gets_one_sentence(tmp_path, capfd):
    """And nothing of what the TIFF library says."""
    path = tmp_path / "a.tiff"
    Image.fromarray(smooth(60, 60)).save(path, compression="tiff_lzw")
    content = bytearray(path.read_bytes())
    content[20:200] = bytes(180)
    path.write_bytes(content)
    assert f"{path}: The image is damaged" in refusal(capfd, "compress", path, "-o", tmp_path / "a.cae", *TINY)


@pytest.mark.usefixtures("no_work")
def test_outputs_that_cannot_be_written_are_told_before_the_work(source, golden, tmp_path, capfd):
    (tmp_path / "folder").mkdir()
    for command, given in (("compress", source), ("decompress", golden)):
        assert "is a folder" in refusal(capfd, command, given, "-o", tmp_path / "folder", *TINY)
        assert "There is no folder" in refusal(capfd, command, given, "-o", tmp_path / "no" / "x", *TINY)
        assert "cannot be written" in refusal(capfd, command, given, "-o", source / "x", *TINY)
        assert "cannot be written" in refusal(capfd, command, given, "-o", tmp_path / ("x" * 300), *TINY)
        if Path("/proc/self").is_dir():
            assert "/proc/1 cannot be written" in refusal(capfd, command, given, "-o", "/proc/1/x", *TINY)
    png(tmp_path / "in" / "a.png", smooth(28, 28))
    assert "is a file: name a folder" in refusal(capfd, "compress", tmp_path / "in", "-o", source, *TINY)
    archive = GOLDEN / "archive-5.cae"
    assert "is a file: name a folder" in refusal(capfd, "decompress", archive, "-o", source, *TINY)
    assert "name a folder" in refusal(capfd, "decompress", archive, "-o", "-", *TINY)
    golden.chmod(0o440)
    if not os.access(golden, os.W_OK):  # root may always write
        assert "write-protected" in refusal(capfd, "compress", source, "-o", golden, *TINY)


@pytest.mark.parametrize("failing", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(source, packed, tmp_path, monkeypatch, failing):
    content, before = packed.read_bytes(), {path.name for path in tmp_path.iterdir()}

    def fail(*_):
        raise failing

    monkeypatch.setattr(Path, "replace", fail)
    assert run("compress", source, "-o", packed, *TINY, "--quality", "1") in (2, 130)
    assert packed.read_bytes() == content
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_full_disk(source, packed, small_disk, capfd):
    old = small_disk(4) / "old.cae"
    shutil.copy(packed, old)
    for command, given, output in (
        ("compress", source, old),
        ("compress", source, Path("/dev/full")),
        ("decompress", packed, old.with_name("new.png")),
    ):
        sentence = refusal(capfd, command, given, "-o", output, *TINY)
        assert f"{output} cannot be written (No space left on device): " in sentence
        assert sentence.endswith("name another place.\n")
    assert list(old.parent.iterdir()) == [old]
    assert old.read_bytes() == packed.read_bytes()


def test_standard_output(source, packed, capfdbinary):
    """Takes the file and nothing else: the summary goes to standard error."""
    capfdbinary.readouterr()
    assert run("compress", source, "-o", "-", *TINY) == 0
    out, err = capfdbinary.readouterr()
    assert out == packed.read_bytes()
    assert err.startswith(b"standard output: ")
    assert run("decompress", packed, "-o", "-", *TINY) == 0
    out, err = capfdbinary.readouterr()
    with Image.open(io.BytesIO(out)) as image:
        assert (image.format, image.size) == ("PNG", (50, 30))
    assert err.count(b"\n") == 1
    archive = source.parent / "in"
    for name in "ab":
        png(archive / f"{name}.png", smooth(28, 28))
    assert run("compress", archive, "-o", "-", *TINY) == 0
    assert unpack(capfdbinary.readouterr().out)[0].count == 2
    assert not Path("-").exists()


@pytest.mark.usefixtures("no_work")
def test_no_file_goes_to_a_terminal(source, monkeypatch, capfd):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "is a terminal" in refusal(capfd, "compress", source, "-o", "-", *TINY)


def test_a_device_is_written_to_and_stays(source):
    assert run("compress", source, "-o", os.devnull, *TINY) == 0
    assert Path(os.devnull).is_char_device()


@pytest.fixture
def mixed(tmp_path) -> Path:
    """Three good pictures and three that cannot be read, of different kinds; and a text, which is no picture."""
    folder = tmp_path / "mixed"
    for index, ending in enumerate(("png", "avif", "tiff")):
        path = folder / f"good-{index}.{ending}"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(smooth(28, 28)).save(path)
    (folder / "bad-web-page.png").write_text("<!doctype html><title>A picture</title>")
    (folder / "bad-empty.JPG").write_bytes(b"")
    (folder / "bad-phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.mark.parametrize("output", ["packed", "all.cae"])
def test_a_folder_goes_on_past_bad_pictures(mixed, tmp_path, capfd, output):
    assert run("compress", mixed, "-o", tmp_path / output, *TINY) == 2
    *named, _, last = capfd.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in named] == [str(path) for path in sorted(mixed.glob("bad-*"))]
    assert "HEIC" in named[1]
    assert "web page" in named[2]
    assert last == f"3 of 6 pictures could not be read; the others are in {tmp_path / output}."
    if output == "packed":
        names = {path.name for path in (tmp_path / output).iterdir()}
        assert names == {"good-0.png.cae", "good-1.avif.cae", "good-2.tiff.cae"}
    else:
        assert unpack((tmp_path / output).read_bytes())[0].count == 3


@pytest.mark.parametrize("output", ["packed", "all.cae"])
def test_a_folder_of_bad_pictures_alone(mixed, tmp_path, capfd, output):
    for path in mixed.glob("good-*"):
        path.unlink()
    assert run("compress", mixed, "-o", tmp_path / output, *TINY) == 2
    assert "None of the pictures" in capfd.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "all.cae").exists()


def test_a_folder_goes_on_past_bad_files(packed, tmp_path, capfd):
    folder = tmp_path / "packed"
    folder.mkdir()
    for name in ("a", "z"):
        (folder / f"{name}.cae").write_bytes(packed.read_bytes())
    (folder / "cut.cae").write_bytes(packed.read_bytes()[:-1])
    (folder / "many.cae").write_bytes((GOLDEN / "archive-5.cae").read_bytes())
    capfd.readouterr()
    assert run("decompress", folder, "-o", tmp_path / "out", *TINY) == 2
    *named, summary, last = capfd.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in named] == [str(folder / "cut.cae"), str(folder / "many.cae")]
    assert "2 pictures, 3,000 pixels" in summary
    assert last.startswith("2 of 4 files could not be read")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.png", "z.png"}


@pytest.mark.parametrize(
    ("pixels", "model"),
    [
        (smooth(28, 28), "mnist"),
        (np.repeat(smooth(28, 28)[..., np.newaxis], 3, -1), "mnist"),  # grey, stored as colour
        (coloured(28, 28), "photos"),
        (smooth(28, 29), "photos"),
        (coloured(40, 60), "photos"),
    ],
)
def test_the_model_follows_from_the_picture(pixels, model, tmp_path, capfd):
    source, target = png(tmp_path / "a.png", pixels), tmp_path / "a.cae"
    assert run("compress", source, "-o", target) == 0
    header, _ = unpack(target.read_bytes())
    assert header.model == {"mnist": 0, "photos": 2}[model]
    assert header.colour == (model == "photos" and pixels.ndim == 3)
    said = capfd.readouterr().err
    assert ("The model photos was taken for the picture" in said) == (model == "photos")
    assert said.count("\n") == 1 + (model == "photos")
    assert run("decompress", target, "-o", tmp_path / "b.png") == 0


def test_in_a_folder_each_picture_has_its_model(tmp_path, capfd):
    folder = tmp_path / "in"
    png(folder / "a.png", smooth(28, 28))
    png(folder / "b.png", coloured(40, 60))
    assert run("compress", folder, "-o", tmp_path / "packed") == 0
    assert capfd.readouterr().err.count("The model photos was taken for the pictures that are not of 28 × 28") == 1
    assert [unpack(path.read_bytes())[0].model for path in sorted((tmp_path / "packed").iterdir())] == [0, 2]
    assert run("decompress", tmp_path / "packed", "-o", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png.png", "b.png.png"]


def test_a_file_larger_than_its_input_says_so(tmp_path, capfd):
    source, target = tmp_path / "a.png", tmp_path / "a.cae"
    Image.fromarray(repeated()).convert("1").save(source, optimize=True)
    assert run("compress", source, "-o", target, *TINY, "--quality", "10") == 0
    size, given, pixels = target.stat().st_size, source.stat().st_size, 320 * 320
    assert size > given
    said = capfd.readouterr().err
    assert f"{pixels / size:.1f} : 1 from raw pixels, {given / size:.1f} : 1 from {given:,} bytes of input" in said
    assert f"The file is larger than its input: {target} has {size:,} bytes, its input {given:,}." in said


def test_in_a_folder_the_larger_files_are_counted(tmp_path, capfd):
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(repeated()).convert("1").save(folder / "a.png", optimize=True)
    Image.fromarray(smooth(60, 60)).save(folder / "b.bmp")
    assert run("compress", folder, "-o", tmp_path / "out", *TINY, "--quality", "10") == 0
    assert f"1 of 2 files are larger than their inputs: {tmp_path / 'out' / 'a.png.cae'} has" in capfd.readouterr().err

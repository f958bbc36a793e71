"""Arrays of one's own: what is taken as it is meant; what is refused, with the line that converts it, which works."""

import io
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cae.data import arrays as own_arrays
from cae.data.folders import own_pictures
from cae.data.source import Dataset, DatasetError

PICTURES = np.random.default_rng(0).integers(0, 256, (30, 28, 28)).astype(np.uint8)
PICTURES[0, 0, :2] = 0, 255
COLOUR = np.random.default_rng(1).integers(0, 256, (30, 28, 28, 3)).astype(np.uint8)
TRAINED_WITH = np.arange(30) % 10 != 9


def archive(folder: Path, **arrays: object) -> Path:
    path = folder / "own.npz"
    np.savez(path, **{key: np.asarray(array) for key, array in arrays.items()})
    return path


def load(path: Path) -> Dataset:
    return own_pictures("mine", path).read()


def images(path: Path) -> np.ndarray:
    """All of its pictures, in their order."""
    data = load(path)
    assert data.x_train.dtype == data.x_test.dtype == np.uint8
    found = np.empty((30, 28, 28), np.uint8)
    found[TRAINED_WITH], found[~TRAINED_WITH] = data.x_train, data.x_test
    return found


def refusal(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    "array",
    [
        PICTURES,
        *(PICTURES.astype(dtype) for dtype in ("int16", "uint16", ">u2", "int32", "uint32", "int64", "uint64")),
        *(PICTURES.astype(dtype) for dtype in ("float16", "float32", "float64", "longdouble", ">f8")),
        *((PICTURES / 255).astype(dtype) for dtype in ("float32", "float64")),
        PICTURES[..., np.newaxis],
        PICTURES[:, np.newaxis],
        PICTURES.reshape(30, 784),
        PICTURES.reshape(30, 784, 1) / 255,
        np.repeat(PICTURES[..., np.newaxis], 3, -1),
        np.repeat(PICTURES[:, np.newaxis], 3, 1),
        np.concatenate([np.repeat(PICTURES[..., np.newaxis], 3, -1), np.full((30, 28, 28, 1), 255, np.uint8)], -1),
        np.asfortranarray(PICTURES),
    ],
    ids=lambda array: f"{array.dtype.str} {array.shape}",
)
def test_the_same_pictures_in_any_form(tmp_path, array):
    np.testing.assert_array_equal(images(archive(tmp_path, x_train=array)), PICTURES)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_black_and_white(tmp_path, dtype):
    ink = PICTURES > 100
    np.testing.assert_array_equal(images(archive(tmp_path, x_train=ink.astype(dtype))), ink * 255)


def test_colour_is_made_grey_wherever_its_channels_are(tmp_path):
    expected = np.stack([np.asarray(Image.fromarray(picture).convert("L")) for picture in COLOUR])
    for array in (COLOUR, np.moveaxis(COLOUR, 3, 1), COLOUR / 255):
        np.testing.assert_array_equal(images(archive(tmp_path, x_train=array)), expected)


def test_transparent_parts_are_laid_on_white(tmp_path):
    """As those of an uploaded picture are."""
    opacity = np.random.default_rng(2).integers(0, 256, (30, 28, 28, 1), np.uint8)
    layers = np.concatenate([COLOUR, opacity], -1)
    white = Image.new("RGBA", (28, 28), "white")
    expected = [Image.alpha_composite(white, Image.fromarray(layer)).convert("L") for layer in layers]
    for array in (layers, np.moveaxis(layers, 3, 1), layers / 255):
        found = images(archive(tmp_path, x_train=array))
        np.testing.assert_allclose(found, np.stack([np.asarray(each, int) for each in expected]), atol=2)


def test_both_parts_have_one_range(tmp_path):
    """A dark test picture in floats from 0 to 255 stays dark."""
    dark = np.ones((1, 28, 28))
    data = load(archive(tmp_path, x_train=PICTURES.astype(float), x_test=dark))
    np.testing.assert_array_equal(data.x_test, dark)
    data = load(archive(tmp_path, x_train=PICTURES, x_test=(PICTURES / 255)[:5]))
    np.testing.assert_array_equal(data.x_test, PICTURES[:5])


CONVERTED = {
    "16 bits": PICTURES.astype(np.uint16) * 257,
    "-1 to 1": PICTURES / 127.5 - 1,
    "negative": PICTURES.astype(np.int16) - 128,
    "0 to 16": np.random.default_rng(0).integers(0, 17, (30, 64)).astype(float),
    "a little above 1": PICTURES / 250,
    "not a number": np.where(PICTURES > 250, np.nan, PICTURES / 255),
    "infinite": np.where(PICTURES > 250, np.inf, PICTURES / 255),
    "complex": PICTURES.astype(complex),
    "texts": PICTURES.astype(str),
    "last, as MATLAB has it": np.moveaxis(np.repeat(PICTURES, 5, 0), 0, -1),
    "last, in colour": np.moveaxis(COLOUR, 0, -1),
    "rows in colour": COLOUR.reshape(30, -1),
    "objects": np.array([*PICTURES, None], dtype=object)[:30],
}


@pytest.mark.parametrize("kind", CONVERTED)
def test_the_line_that_is_named_converts(tmp_path, kind):
    """It is run here as it stands in the sentence."""
    path, names = tmp_path / "own.npz", {"np": np, "Image": Image, "x_train": CONVERTED[kind]}
    np.savez(path, x_train=names["x_train"])
    (line,) = re.findall(r"(x_train = .*) in NumPy", refusal(path))
    exec(line, names)
    assert len(load(archive(tmp_path, x_train=names["x_train"])).x_train) >= 27


def test_a_single_array(tmp_path, monkeypatch):
    """Under the name of an archive, or its own; the line that is named makes an archive."""
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path / "a.npy", tmp_path / "b.npz"):
        with path.open("wb") as file:
            np.save(file, PICTURES)
        (line,) = re.findall(r"(np\.savez.*) in NumPy", refusal(path))
        exec(line, {"np": np})
        np.testing.assert_array_equal(images(tmp_path / "pictures.npz"), PICTURES)
        (tmp_path / "pictures.npz").unlink()


def test_an_array_of_another_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sentence = refusal(archive(tmp_path, images=PICTURES, labels=np.arange(30)))
    assert "lacks the array x_train" in sentence
    assert "holds images, labels" in sentence
    exec(re.findall(r"(np\.savez.*) in NumPy", sentence)[0], {"np": np})
    np.testing.assert_array_equal(images(tmp_path / "pictures.npz"), PICTURES)
    assert "holds none" in refusal(archive(tmp_path))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x_train": PICTURES[:19]}, "has 19 pictures that can be read; training needs at least 20"),
        ({"x_train": PICTURES[:1]}, "has 1 picture that"),
        ({"x_train": PICTURES[:0]}, "has 0 pictures"),
        ({"x_train": []}, "has 0 pictures"),
        ({"x_train": PICTURES[0]}, "none of"),
        ({"x_train": PICTURES[0, 0]}, "none of"),
        ({"x_train": COLOUR[0]}, r"x_train.reshape\(-1, HEIGHT, WIDTH, 3\)"),
        ({"x_train": PICTURES, "x_test": COLOUR.astype(float) - 255}, r"x_test in .* from -255 to 0.*x_test.min\(\)"),
        ({"x_train": PICTURES / 255, "x_test": np.full((1, 28, 28), np.nan)}, "x_test in .* no numbers"),
        ({"x_train": 7}, "none of"),
        ({"x_train": PICTURES[..., np.newaxis, np.newaxis]}, "none of"),
        ({"x_train": np.zeros((30, 28, 28, 2), np.uint8)}, "none of"),
        ({"x_train": np.zeros((24, 0, 0), np.uint8)}, "no pixels"),
        ({"x_train": np.zeros((30, 28, 0), np.uint8)}, "no pixels"),
        ({"x_train": PICTURES[:19], "x_test": PICTURES}, "at least 20"),
        ({"x_train": PICTURES, "x_test": PICTURES[0]}, "none of"),
        ({"x_train": PICTURES, "y_train": np.zeros(29)}, "30 images in x_train, but 29 labels"),
        ({"x_train": PICTURES, "y_train": np.eye(30)}, r"y_train = y_train.argmax\(axis=1\)"),
        ({"x_train": PICTURES, "y_train": np.array(["a"] * 30, object)}, r"y_train = y_train.astype\(str\)"),
    ],
)
def test_refused(tmp_path, arrays, message):
    assert re.search(message, refusal(archive(tmp_path, **arrays)))


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["shirt", "bag", "Stiefel äöü"])[np.arange(30) % 3],
        np.array([b"shirt", b"bag", b"\xff"])[np.arange(30) % 3],
        np.array([-1, 7, 900])[np.arange(30) % 3],
        np.array([0.5, 1.5, np.nan])[np.arange(30) % 3],
        np.array(["2020-01-01", "2021-01-01", "2022-01-01"], "datetime64[D]")[np.arange(30) % 3],
    ],
    ids=["words", "bytes", "numbers", "fractions", "dates"],
)
def test_labels_may_be_anything(tmp_path, labels):
    data = load(archive(tmp_path, x_train=PICTURES, y_train=labels))
    assert len(data.classes) == 3
    assert all(isinstance(name, str) for name in data.classes)
    assert data.y_train.dtype == np.uint8
    found = [data.classes[label] for label in data.y_train]
    words = [str(label, "utf-8", "replace") if isinstance(label, bytes) else str(label) for label in labels]
    assert found == [word for word, trained in zip(words, TRAINED_WITH, strict=True) if trained]


def test_labels_of_both_parts_are_one_set_of_classes(tmp_path):
    words = np.array(["b", "c"] * 15)
    data = load(archive(tmp_path, x_train=PICTURES, y_train=words, x_test=PICTURES[:2], y_test=["a", "c"]))
    assert data.classes == ("a", "b", "c")
    assert (data.y_train[:2].tolist(), data.y_test.tolist()) == ([1, 2], [0, 2])
    data = load(archive(tmp_path, x_train=PICTURES, y_train=np.arange(30) % 3, x_test=PICTURES[:2], y_test=["a", "2"]))
    assert data.classes == ("0", "1", "2", "a")


def test_labels_that_are_no_classes(tmp_path):
    """Where they are too many, or only one part has any."""
    many = np.repeat(PICTURES, 10, 0)
    data = load(archive(tmp_path, x_train=many, y_train=np.arange(1000, 1300)))
    assert (data.classes, set(data.y_train)) == (("own",), {0})
    data = load(archive(tmp_path, x_train=PICTURES, x_test=PICTURES, y_test=["word"] * 30))
    assert (data.classes, set(data.y_test)) == (("0",), {0})


@pytest.mark.parametrize("empty", [np.zeros((0, 28, 28), np.uint8), np.zeros(0), np.zeros((5, 0, 0))])
def test_an_empty_test_set_is_none(tmp_path, empty):
    """Every tenth picture is held out then."""
    data = load(archive(tmp_path, x_train=PICTURES, x_test=empty, y_test=[]))
    np.testing.assert_array_equal(data.x_test, PICTURES[9::10])


def with_header(folder: Path, shape: str, descr: str = "'|u1'", content: bytes = bytes(100)) -> Path:
    """An archive whose only array has a header of one's own choice."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content
    with zipfile.ZipFile(folder / "own.npz", "w") as file:
        file.writestr("x_train.npy", array)
    return folder / "own.npz"


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("(10**9,)", "truncated"),
        ("(1000000000, 28, 28)", "784.0 GB of arrays"),
        (f"({2**62}, {2**62}, 28)", "GB of arrays"),
        ("(1000000, 28, 28)", "truncated"),
        ("(-5, 28, 28)", "truncated"),
        ("(28", "truncated"),
        ("{}", "truncated"),
        ("(" * 2000, "truncated"),
    ],
)
def test_headers_that_lie(tmp_path, shape, message):
    assert message in refusal(with_header(tmp_path, shape))


@pytest.mark.parametrize("descr", ["'|V3'", "[('a', '<i4')]", "'|O'", "'nonsense'", "'<U5'", "'<M8[s]'"])
def test_types_that_are_no_numbers(tmp_path, descr):
    refusal(with_header(tmp_path, "(2, 5, 5)", descr, bytes(1000)))


def test_many_pictures_that_compress_well(tmp_path, monkeypatch):
    monkeypatch.setattr(own_arrays, "MOST_BYTES", 20_000)
    sentence = refusal(archive(tmp_path, x_train=PICTURES))
    assert "x_train = x_train[:12] in NumPy" in sentence
    assert 12 * 784 < 20_000


def test_damaged_archives(tmp_path):
    """Cut anywhere, or with bytes changed: pictures or one sentence, nothing else."""
    path = archive(tmp_path, x_train=PICTURES[:, :5, :5], y_train=np.array(["a", "b"] * 15))
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    damaged = [content[:length] for length in range(0, len(content), 37)]
    for _ in range(300):
        changed = np.frombuffer(content, np.uint8).copy()
        changed[rng.integers(0, len(content), 3)] = rng.integers(0, 256, 3)
        damaged.append(changed.tobytes())
    refused = 0
    for data in damaged:
        path.write_bytes(data)
        try:
            load(path)
        except DatasetError:
            refused += 1
    assert refused > len(damaged) / 2


@pytest.mark.parametrize(
    ("error", "message"), [(MemoryError, "memory"), (PermissionError(13, "No permission"), "No per")]
)
def test_what_the_machine_refuses(tmp_path, monkeypatch, error, message):
    path = archive(tmp_path, x_train=PICTURES)

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(np.lib.format, "read_array", fail)
    assert message in refusal(path)


def test_no_code_is_run(tmp_path):
    """A pickled object, which would make a folder when it is opened."""

    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    file = io.BytesIO()
    np.save(file, np.array([Harmful()] * 30, dtype=object), allow_pickle=True)
    with zipfile.ZipFile(tmp_path / "own.npz", "w") as whole:
        whole.writestr("x_train.npy", file.getvalue())
    assert "may carry code" in refusal(tmp_path / "own.npz")
    assert not (tmp_path / "harm").exists()


def test_the_shared_cases(shared_cases):
    taken = {"own-float-0-to-1", "own-labels-are-words", "own-test-is-empty"}
    paths = sorted(shared_cases.glob("own-*.npz"))
    assert taken < {path.stem for path in paths}
    for path in paths:
        if path.stem in taken:
            assert len(load(path).x_test) == 2
        else:
            refusal(path)

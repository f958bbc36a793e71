"""One's own pictures: what is taken from a folder or an archive, what is refused, and the way to a model in the app."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cae.__main__ import main
from cae.data import folders
from cae.data.folders import own_pictures
from cae.data.source import Dataset
from cae.data.sources import source
from cae.model import store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """40 pictures in two classes, of many sizes and modes; a text and a broken picture among them."""
    rng, root = np.random.default_rng(0), tmp_path / "My pictures!"
    for index in range(40):
        path = root / ("cats", "dogs")[index % 2] / f"{index:02d}.{('png', 'JPG', 'webp', 'bmp')[index % 4]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = (int(rng.integers(20, 60)), int(rng.integers(20, 60)))
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(path)
    (root / "notes.txt").write_text("not a picture")
    (root / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    return root


def load(path: Path) -> Dataset:
    return own_pictures("mine", path).read()


def archive(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def test_folder(folder, capfd):
    data = load(folder)
    assert source(folder).name == "My-pictures"
    assert (data.x_train.shape, data.x_test.shape) == ((36, 28, 28), (4, 28, 28))
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    assert {data.classes[label] for label in data.y_train} == {"cats", "dogs"}
    said = capfd.readouterr().err
    assert "2 of 42 files could not be read as pictures and are left out: 1 × .txt, 1 × unreadable .png." in said


def test_more_folders_than_labels_can_tell_apart_are_no_classes(folder, monkeypatch):
    monkeypatch.setattr(folders, "MOST_CLASSES", 1)
    data = load(folder)
    assert data.classes == (folder.name,)
    assert set(data.y_train) == {0}


def test_a_picture_is_scaled_as_a_whole(tmp_path):
    """28×28 pixels stay as they are, in grey; a wide picture keeps its proportions, with its border's grey around."""
    small = np.random.default_rng(0).integers(0, 256, (28, 28, 3), np.uint8)
    wide = np.full((20, 100), 90, np.uint8)
    for index in range(folders.FEWEST):
        Image.fromarray(wide if index else small).save(tmp_path / f"{index:02d}.png")
    images = load(tmp_path).x_train
    np.testing.assert_array_equal(images[0], np.asarray(Image.fromarray(small).convert("L")))
    assert (images[1:] == 90).all()


def test_archive_as_keras_has_it(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (30, 28, 28), np.uint8),
        "y_train": rng.integers(0, 10, 30).astype(np.int64),
        "x_test": rng.integers(0, 256, (5, 28, 28), np.uint8),
        "y_test": rng.integers(0, 10, 5).astype(np.int64),
    }
    data = load(archive(tmp_path / "mnist.npz", **arrays))
    assert source(tmp_path / "mnist.npz").name == "own-mnist"  # not to be mixed up with the published one
    for key, array in arrays.items():
        np.testing.assert_array_equal(getattr(data, key), array)
        assert getattr(data, key).dtype == np.uint8


def test_archive_of_training_images_alone_in_colour(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    data = load(archive(tmp_path / "cifar.npz", x_train=images, y_train=np.arange(20)[:, np.newaxis]))
    assert (data.x_train.shape, data.x_test.shape) == ((18, 28, 28), (2, 28, 28))
    assert data.y_test.tolist() == [9, 19]


def test_other_bad_places(tmp_path, capfd):
    (tmp_path / "empty").mkdir()
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "letter.txt").write_text("Dear reader")
    for name, message in (("empty", "0 pictures"), ("cut.npz", "truncated"), ("letter.txt", "neither a folder")):
        assert main(["train", str(tmp_path / name), "--output", str(tmp_path / "model")]) == 2
        assert message in capfd.readouterr().err
    assert main(["train", str(tmp_path / "nowhere")]) == 2
    assert "neither mnist nor fashion_mnist" in capfd.readouterr().err


@pytest.mark.slow
def test_from_pictures_to_a_model(folder, tmp_path, capfd):
    """Trained, listed after the shipped models, and evaluated on the pictures held out."""
    output = tmp_path / store.RUNS / "My-pictures"
    assert main(["train", str(folder), "--epochs", "1", "--batch-size", "4", "--output", str(output)]) == 0
    assert "pictures of the trainer's own" in (output / "README.md").read_text()
    root = tmp_path / "pretrained"
    root.mkdir()
    found, problems = store.available(root)
    assert ([model.name for model in found], problems) == (["runs/My-pictures"], [])
    assert store.load("runs/My-pictures", root).history["autoencoder"]["images"] == 33, (
        "of 40, a tenth is for testing and a twelfth of the others held out"
    )
    capfd.readouterr()
    assert main(["evaluate", str(output), "--json", "--data", "mnist"]) == 2
    assert "was trained on My-pictures, not on mnist" in capfd.readouterr().err
    assert main(["evaluate", str(output), "--json", "--data", str(folder)]) == 0
    assert json.loads(capfd.readouterr().out)["images"] == 4


def test_files_that_are_no_pictures_are_counted_by_kind(folder, capfd):
    """In one line: by content, whatever they are called, or else by ending; hidden files are not counted."""
    for name, content in {
        "IMG_1.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "IMG_2.jpg": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",  # as a telephone may call it
        "page.png": b"<!doctype html><title>Cat</title>",
        "paper.pdf": b"%PDF-1.7",
        "empty.gif": b"",
        "LICENSE": b"None.",
        ".DS_Store": b"Bud1",
        "cats/._00.png": b"Mac OS X",
    }.items():
        (folder / name).write_bytes(content)
    assert len(load(folder).x_train) == 36
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "8 of 48 files could not be read as pictures and are left out: 2 × HEIC picture, " in said
    for kind in (
        "1 × web page",
        "1 × PDF document",
        "1 × unreadable .gif",
        "1 × unreadable .png",
        "1 × .txt",
        "no ending",
    ):
        assert kind in said


def test_tiff_and_avif_count_as_pictures(tmp_path):
    for index in range(folders.FEWEST):
        Image.fromarray(np.full((30, 30), 10 * index, np.uint8)).save(
            tmp_path / f"{index}.{('avif', 'tif', 'TIFF', 'jfif')[index % 4]}",
            format=("AVIF", "TIFF", "TIFF", "JPEG")[index % 4],
        )
    assert len(load(tmp_path).x_train) == 18


def test_a_file_that_is_too_large_is_not_read(folder, capfd):
    """Of what is beyond 25 MB nothing is read: the file's holes take no memory."""
    with (folder / "huge.png").open("wb") as file:
        file.truncate(2**40)
    assert len(load(folder).x_train) == 36
    assert "2 × unreadable .png" in capfd.readouterr().err

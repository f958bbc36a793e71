"""A model folder is read back as it was written, and an altered one is refused in one sentence."""

import json
from pathlib import Path

import numpy as np
import pytest

from cae.model import store
from cae.model.store import PretrainedError, State

FILES = ("encoder.safetensors", "decoder.safetensors", "denoiser.safetensors", "history.json", "README.md")
SNAPSHOTS = (store.snapshot_name(0), store.snapshot_name(20))


@pytest.fixture
def folder(tmp_path) -> Path:
    """A model folder with small arrays in place of a network's."""
    folder = tmp_path / "models" / "small"
    rng = np.random.default_rng(0)
    for part in ("encoder", "decoder", "denoiser"):
        weights = {f"{part}_01_conv/kernel": rng.normal(size=(3, 3, 1, 2)), f"{part}_01_conv/bias": rng.normal(size=2)}
        store.write_weights(folder, f"{part}.safetensors", weights)
    for name in SNAPSHOTS:
        store.write_weights(folder, name, {"a/kernel": rng.normal(size=(2, 3))}, np.float16)
    store.write_history(folder, "autoencoder", {"epochs": [{"epoch": 1, "loss": 0.5}]})
    store.write_history(folder, "denoiser", {"epochs": []})
    store.write(folder, "README.md", "# small\n")
    store.write_state(folder, "autoencoder", State({"a": np.zeros(2)}, {}))
    store.write(folder, "logs/autoencoder/events", b"x")
    store.write_manifest(folder)
    return folder


def load(folder: Path) -> store.Pretrained:
    return store.load(folder.name, folder.parent)


def one_sentence(caught: pytest.ExceptionInfo) -> str:
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_read_back(folder):
    model = load(folder)
    assert set(model.checksums) == {*FILES, *SNAPSHOTS}
    assert set(model.weights("encoder", "decoder")) == {
        f"{part}_01_conv/{kind}" for part in ("encoder", "decoder") for kind in ("kernel", "bias")
    }
    assert all(array.dtype == np.float32 for array in model.weights("denoiser").values())
    assert model.has_denoiser
    assert model.snapshot_epochs == [0, 20]
    assert model.snapshot(20)["a/kernel"].dtype == np.float16
    assert model.history == {"autoencoder": {"epochs": [{"epoch": 1, "loss": 0.5}]}, "denoiser": {"epochs": []}}
    assert model.data_set == "small"
    assert store.names(folder.parent) == ["small"]


def test_data_set_named_in_the_history(folder):
    store.write_history(folder, "autoencoder", {"data_set": "mnist", "epochs": []})
    store.write_manifest(folder)
    assert load(folder).data_set == "mnist"


@pytest.mark.parametrize("name", [*FILES, *SNAPSHOTS])
def test_altered_byte(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(PretrainedError, match="was altered") as caught:
        load(folder).read(name)
    assert name in one_sentence(caught)


@pytest.mark.parametrize("name", [*FILES, *SNAPSHOTS])
def test_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(PretrainedError, match="lacks its file") as caught:
        load(folder).read(name)
    assert name in one_sentence(caught)


def test_file_that_is_not_in_the_manifest(folder):
    (folder / "more.json").write_text("{}")
    with pytest.raises(PretrainedError, match="was altered"):
        load(folder).read("more.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"sha256": 3}', b"\xff\xfe", b'{"sha256": ["a"]}'])
def test_corrupted_manifest(folder, content):
    (folder / store.MANIFEST).write_bytes(content)
    with pytest.raises(PretrainedError, match="manifest") as caught:
        load(folder)
    one_sentence(caught)


def test_unknown_model(folder):
    with pytest.raises(PretrainedError, match="there are: small") as caught:
        store.load("big", folder.parent)
    one_sentence(caught)


def test_interrupted_write_leaves_the_old_content(folder, monkeypatch):
    before = (folder / "README.md").read_bytes()
    write_bytes = Path.write_bytes

    def write_half(path: Path, content: bytes) -> int:
        write_bytes(path, content[: len(content) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(KeyboardInterrupt):
        store.write(folder, "README.md", "# quite another text\n")
    monkeypatch.undo()
    assert (folder / "README.md").read_bytes() == before
    store.write_manifest(folder)
    assert set(load(folder).checksums) == {*FILES, *SNAPSHOTS}


def test_state_goes_out_and_in_unchanged(folder):
    arrays = {"a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "optimizer/000": np.array(7, dtype=np.int64)}
    record = {"epochs": [{"epoch": 1, "loss": 0.1}], "restarts": []}
    store.write_state(folder, "denoiser", State(arrays, record))
    state = store.read_state(folder, "denoiser")
    assert state.record == record
    assert {key: array.dtype for key, array in state.arrays.items()} == {key: x.dtype for key, x in arrays.items()}
    assert all(np.array_equal(state.arrays[key], arrays[key]) for key in arrays)
    assert store.read_state(folder, "nobody") is None


@pytest.mark.parametrize("length", [0, 4, 20, -1])
def test_damaged_state(folder, length):
    path = folder / store.TRAINING / "autoencoder.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(PretrainedError, match="train again") as caught:
        store.read_state(folder, "autoencoder")
    one_sentence(caught)


@pytest.mark.parametrize("name", store.names())
def test_shipped_model_is_whole(name):
    model = store.load(name)
    for file in model.checksums:
        model.read(file)
    assert {"encoder.safetensors", "decoder.safetensors", "history.json", "README.md"} <= set(model.checksums)
    assert json.loads(model.read("history.json")) == model.history

"""A model folder is read back as it was written, and an altered one is refused in one sentence."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from cae.model import store
from cae.model.store import PretrainedError, State
from cae.model.writing import WriteError

FILES = ("encoder.safetensors", "decoder.safetensors", "denoiser.safetensors", "history.json", "README.md")
SNAPSHOTS = (store.snapshot_name(0), store.snapshot_name(20))


@pytest.fixture
def folder(tmp_path) -> Path:
    """A model folder with small arrays in place of a network's."""
    return make(tmp_path / "models" / "small")


def make(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    files: dict[str, bytes | str] = {"README.md": "# small\n"}
    for part in ("encoder", "decoder", "denoiser"):
        weights = {f"{part}_01_conv/kernel": rng.normal(size=(3, 3, 1, 2)), f"{part}_01_conv/bias": rng.normal(size=2)}
        files[f"{part}.safetensors"] = store.weights_file(weights)
    for name in SNAPSHOTS:
        files[name] = store.weights_file({"a/kernel": rng.normal(size=(2, 3))}, np.float16)
    store.write_state(folder, "autoencoder", State({"a": np.zeros(2)}, {}))
    store.write(folder, "logs/autoencoder/events", b"x")
    history = store.history_file(folder, "autoencoder", {"epochs": [{"epoch": 1, "loss": 0.5}]})
    store.seal(folder, {**files, "history.json": history})
    store.seal(folder, {"history.json": store.history_file(folder, "denoiser", {"epochs": []})})
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
    assert model.read_tensors(SNAPSHOTS[1])["a/kernel"].dtype == np.float16
    assert model.history == {"autoencoder": {"epochs": [{"epoch": 1, "loss": 0.5}]}, "denoiser": {"epochs": []}}
    assert model.data_set == "small"
    assert store.names(folder.parent) == ["small"]


def test_data_set_named_in_the_history(folder):
    store.seal(folder, {"history.json": store.history_file(folder, "autoencoder", {"data_set": "mnist", "epochs": []})})
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
    store.seal(folder)
    assert set(load(folder).checksums) == {*FILES, *SNAPSHOTS}


def test_interrupted_seal_leaves_the_old_model(folder, monkeypatch):
    """Nothing is replaced before everything is written."""
    before, write_bytes = load(folder), Path.write_bytes

    def fail_at_the_second(path: Path, content: bytes) -> int:
        if path.name.startswith("decoder"):
            raise KeyboardInterrupt
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        store.seal(folder, {"encoder.safetensors": b"new", "decoder.safetensors": b"new"})
    monkeypatch.undo()
    assert load(folder) is before
    before.check()


@pytest.mark.parametrize("kilobytes", [20, 28])
def test_a_full_disk_leaves_the_old_model(small_disk, kilobytes):
    """Whether the second new file or the manifest finds no room; each of the ten old ones takes 4 kB."""
    folder = make(small_disk(40 + kilobytes) / "small")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    new = {f"{half}.safetensors": store.weights_file({"a/kernel": np.zeros(2_500)}) for half in ("encoder", "decoder")}
    new["history.json"] = store.history_file(folder, "autoencoder", {"epochs": []})
    with pytest.raises(WriteError, match="No space left") as caught:
        store.seal(folder, new)
    assert ("manifest" in one_sentence(caught)) == (kilobytes == 28)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    load(folder).check()
    small_disk(200)
    store.seal(folder, new)
    load(folder).check()


def test_the_version_is_the_manifests_hash(folder):
    before = load(folder)
    assert before.version == hashlib.sha256((folder / store.MANIFEST).read_bytes()).hexdigest()
    assert before.network() == f"small@{before.version}"
    store.seal(folder)
    assert load(folder).version == before.version, "nothing has changed"
    store.seal(folder, {"README.md": "# another\n"})
    assert load(folder).version != before.version


def test_sealing_a_variant_seals_its_model(folder):
    before = load(folder)
    with pytest.raises(PretrainedError, match=r"lacks its file rate/manifest\.json"):
        before.network("rate")
    make(folder / "rate")
    model, variant = load(folder), store.load("small/rate", folder.parent)
    model.check()
    assert model.version != before.version
    assert model.network("rate") == variant.network() == f"small/rate@{variant.version}"


BROKEN = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-2]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("name", [*FILES, *SNAPSHOTS, store.MANIFEST])
def test_a_folder_with_a_broken_file_is_left_out(folder, caplog, how, name):
    """With one sentence in the log, however often it is looked for, until it is whole again."""
    make(folder.parent / "whole")
    make(folder.parents[1] / "runs" / "own")
    store.seal(folder.parents[1] / "runs" / "own", {"examples.json": "{}"})
    before = (folder / name).read_bytes()

    def found() -> list[str]:
        return [model.name for model in store.available(folder.parent)[0]]

    assert found() == ["small", "whole", "runs/own"]
    BROKEN[how](folder / name)
    for _ in range(3):
        if (how, name) != ("missing", store.MANIFEST):  # then it is no model folder at all
            (sentence,) = store.available(folder.parent)[1]
            assert "small" in sentence
            assert name in sentence or name == store.MANIFEST
            assert str(folder) not in sentence, "visitors see it"
            assert sentence.endswith(".")
            assert len([record for record in caplog.records if record.args == (sentence,)]) <= 1
        assert found() == ["whole", "runs/own"]
    if how == "a folder":
        (folder / name).rmdir()
    (folder / name).write_bytes(before)
    assert found() == ["small", "whole", "runs/own"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("history.json", "{"),
        ("history.json", "[]"),
        ("history.json", "{}"),
        ("history.json", '{"autoencoder": {}}'),
        ("history.json", '{"autoencoder": {"epochs": []}, "denoiser": 3}'),
        ("more.json", "\0"),
        ("encoder.safetensors", "no weights"),
    ],
)
def test_a_sealed_file_that_makes_no_sense(folder, name, content):
    store.seal(folder, {name: content})
    with pytest.raises(PretrainedError, match=f"{name} of the model small is damaged"):
        load(folder).check()
    assert len(store.available(folder.parent)[1]) == 1


def test_a_further_check(folder):
    def refuse(model: store.Pretrained) -> None:
        raise model.damaged("examples.json")

    assert store.available(folder.parent, also=refuse) == ([], [str(load(folder).damaged("examples.json"))])


def test_unfinished_trainings_of_ones_own_are_not_listed(folder):
    """They have no stored examples yet, and are no fault either."""
    make(folder.parents[1] / "runs" / "own")
    assert store.available(folder.parent) == ([load(folder)], [])
    store.seal(folder.parents[1] / "runs" / "own", {"examples.json": "{}"})
    assert store.available(folder.parent) == ([load(folder), store.load("runs/own", folder.parent)], [])
    assert store.available(folder.parent, own=False) == ([load(folder)], [])


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

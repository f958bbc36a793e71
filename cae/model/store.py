"""The model folders: weights, histories, snapshots, model cards and checksums. Knows nothing of Keras.

<folder>/encoder.safetensors, decoder.safetensors    the autoencoder, float32
         denoiser.safetensors                        the second instance: its encoder and decoder in one file
         history.json                                both trainings, epoch by epoch
         snapshots/epoch-000.safetensors             encoder and decoder after that epoch, float16
         README.md                                   the model card
         manifest.json                               SHA-256 of each file above, checked on loading
         training/, logs/                            for `--resume` and TensorBoard; not in the manifest
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from cae import CaeError

_PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = (_PACKAGE / "pretrained").is_dir()
"""Whether this is an installed package, which holds the weights itself, and not a clone of the repository."""
HOME = Path.cwd() if INSTALLED else _PACKAGE.parent
"""The folder that holds `RUNS`: the current folder, or the clone."""
FOLDER = (_PACKAGE if INSTALLED else HOME) / "pretrained"
"""The folder of the shipped models."""
DEFAULT = "mnist"
"""The model that comes first, and that is used where none is named."""
RUNS = "runs"
"""The folder, in `HOME`, of user-trained models. They are called runs/NAME."""
TRAINING = "training"
MANIFEST = "manifest.json"


class PretrainedError(CaeError):
    """A model folder is missing, incomplete or altered; the message says so in one plain sentence."""


@dataclass(frozen=True)
class Pretrained:
    """A model folder whose manifest has been read; each file is checked against it when it is read."""

    name: str
    folder: Path
    checksums: Mapping[str, str]

    @cached_property
    def history(self) -> dict:
        """The two trainings: {"autoencoder": {…, "epochs": [{"epoch", "loss", "val_loss", …}]}, "denoiser": {…}}."""
        return json.loads(self.read("history.json"))

    def weights(self, *parts: str) -> dict[str, np.ndarray]:
        """Float32 weights by name of "encoder", "decoder" or "denoiser"; several parts come in one dictionary."""
        return {name: array for part in parts for name, array in load_tensors(self.read(f"{part}.safetensors")).items()}

    @property
    def data_set(self) -> str:
        """The data set it was trained on; where the history does not say, the folder is named after it."""
        return self.history["autoencoder"].get("data_set") or self.name

    @property
    def has_denoiser(self) -> bool:
        return "denoiser.safetensors" in self.checksums

    @property
    def snapshot_epochs(self) -> list[int]:
        """The epochs whose weights were kept, ascending; 0 is the start."""
        return sorted(int(Path(name).stem.split("-")[1]) for name in self.checksums if name.startswith("snapshots/"))

    def snapshot(self, epoch: int) -> dict[str, np.ndarray]:
        """Encoder and decoder weights after the epoch, float16, by name."""
        return load_tensors(self.read(snapshot_name(epoch)))

    def read(self, name: str) -> bytes:
        """A file's content.

        Raises:
            PretrainedError: the file is missing, or its SHA-256 is not the manifest's.
        """
        try:
            content = (self.folder / name).read_bytes()
        except OSError:
            raise PretrainedError(f"The model {self.name} lacks its file {name}: restore {self.folder}.") from None
        if hashlib.sha256(content).hexdigest() != self.checksums.get(name):
            raise PretrainedError(f"The file {name} of the model {self.name} was altered: restore {self.folder}.")
        return content


def load(name: str, root: Path = FOLDER) -> Pretrained:
    """The model folder `root/name`; runs/NAME stands in `HOME`, or beside another `root` than `FOLDER`.

    Raises:
        PretrainedError: there is no such folder, or it has no readable manifest.
    """
    folder = (_home(root) if name.startswith(f"{RUNS}/") else root) / name
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        return Pretrained(name, folder, dict(manifest["sha256"]))
    except FileNotFoundError:
        known = ", ".join(names(root)) or "none"
        raise PretrainedError(f"There is no trained model {name!r} in {root}; there are: {known}.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise PretrainedError(f"The manifest of the model {name} cannot be read: restore {folder}.") from None


def find(model: str | Path) -> Pretrained:
    """The model of that name, or in that folder; raises as `load` does."""
    folder = Path(model)
    if str(model) not in names() and folder.is_dir():
        folder = folder.resolve()
        return load(folder.name, folder.parent)
    return load(str(model))


def names(root: Path = FOLDER) -> list[str]:
    """The trained models in a folder, MNIST first."""
    found = (path.parent.name for path in root.glob(f"*/{MANIFEST}"))
    return sorted(found, key=lambda name: (name != DEFAULT, name))


def all_names(root: Path = FOLDER) -> list[str]:
    """The models in `root`, then those of one's own beside it whose training has come to its end."""
    own = (f"{RUNS}/{name}" for name in names(_home(root) / RUNS))
    return [*names(root), *(name for name in own if "examples.json" in load(name, root).checksums)]


def _home(root: Path) -> Path:
    """The folder that holds the user-trained models which belong to the models in `root`."""
    return HOME if root == FOLDER else root.parent


def snapshot_name(epoch: int) -> str:
    return f"snapshots/epoch-{epoch:03d}.safetensors"


def write(folder: Path, name: str, content: bytes | str) -> None:
    """Write a file of a model folder so that a kill at any moment leaves the old or the new content, never half."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    temporary.replace(path)


def write_weights(folder: Path, name: str, weights: Mapping[str, np.ndarray], dtype: type = np.float32) -> None:
    """Write weights as safetensors in the given precision."""
    write(folder, name, save_tensors({key: np.ascontiguousarray(value, dtype) for key, value in weights.items()}))


def write_history(folder: Path, part: str, record: dict) -> None:
    """Put the record of a training of "autoencoder" or "denoiser" into history.json, beside the other's."""
    path = folder / "history.json"
    history = json.loads(path.read_text()) if path.exists() else {}
    write(folder, "history.json", json.dumps(history | {part: record}, indent=1) + "\n")


def write_manifest(folder: Path) -> None:
    """Seal the folder: SHA-256 of each of its files but the manifest itself and what only `--resume` needs."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sealed = [
        name
        for name in files
        if name != MANIFEST and not name.startswith((f"{TRAINING}/", "logs/")) and not name.endswith(".part")
    ]
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sealed}
    write(folder, MANIFEST, json.dumps({"sha256": sums}, indent=1) + "\n")


@dataclass(frozen=True)
class State:
    """Where a training stands after an epoch: all arrays by name, and its record as kept in history.json."""

    arrays: Mapping[str, np.ndarray]
    record: dict


def write_state(folder: Path, part: str, state: State) -> None:
    """Keep what `--resume` needs, in one file that is replaced at once."""
    metadata = {"record": json.dumps(state.record)}
    write(folder, f"{TRAINING}/{part}.safetensors", save_tensors(dict(state.arrays), metadata=metadata))


def read_state(folder: Path, part: str) -> State | None:
    """The state of a training of "autoencoder" or "denoiser", or None if there is none.

    Raises:
        PretrainedError: the file cannot be read.
    """
    path = folder / TRAINING / f"{part}.safetensors"
    if not path.exists():
        return None
    try:
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        return State(load_tensors(content), json.loads(header["__metadata__"]["record"]))
    except (OSError, ValueError, KeyError, SafetensorError):
        raise PretrainedError(f"{path} cannot be read: delete {path.parent} and train again.") from None

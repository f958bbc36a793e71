"""The model folders: weights, histories, snapshots, model cards and checksums. Knows nothing of Keras.

<folder>/encoder.safetensors, decoder.safetensors    the autoencoder, float32
         denoiser.safetensors                        the second instance: its encoder and decoder in one file
         history.json                                both trainings, epoch by epoch
         snapshots/epoch-000.safetensors             encoder and decoder after that epoch, float16
         README.md                                   the model card
         manifest.json                               SHA-256 of each file above, checked on loading
         training/, logs/                            for `--resume` and TensorBoard; not in the manifest

The SHA-256 of the manifest is the model's version: whatever is kept of a model in memory is kept by it.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from cae import CaeError
from cae.model import writing

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
HISTORY = "history.json"
SNAPSHOT = "snapshots/epoch-{epoch}.safetensors"
"""With three digits for the epoch."""
NAME = r"\w[\w .,+-]*"
"""What a model's folder may be called, as a regular expression."""
ALWAYS = ("encoder.safetensors", "decoder.safetensors", HISTORY)
"""The files without which there is no model."""

Stamp = tuple[int, int, int] | None
"""Modification time in nanoseconds, size and inode of a file: what changes when it is written; None without a file."""

log = logging.getLogger(__name__)


class PretrainedError(CaeError):
    """A model folder is missing, incomplete or altered; the message says so in one plain sentence, without its path."""


@dataclass(frozen=True, eq=False)
class Pretrained:
    """A model folder whose manifest has been read; each file is checked against it when it is read."""

    name: str
    folder: Path
    checksums: Mapping[str, str]
    version: str
    """The SHA-256 of the manifest, in hexadecimal digits."""

    @cached_property
    def history(self) -> dict:
        """The two trainings: {"autoencoder": {…, "epochs": [{"epoch", "loss", "val_loss", …}]}, "denoiser": {…}}."""
        history = self.read_json(HISTORY)
        if not isinstance(history.get("autoencoder"), dict):
            raise self.damaged(HISTORY)
        return history

    def weights(self, *parts: str) -> dict[str, np.ndarray]:
        """Float32 weights by name of "encoder", "decoder" or "denoiser"; several parts come in one dictionary."""
        return {name: array for part in parts for name, array in self.read_tensors(f"{part}.safetensors").items()}

    @property
    def data_set(self) -> str:
        """The data set it was trained on; where the history does not say, the folder is named after it."""
        return self.history["autoencoder"].get("data_set") or self.name

    @property
    def has_denoiser(self) -> bool:
        return "denoiser.safetensors" in self.checksums

    @property
    def argument(self) -> str:
        """What names this model on the command line: its name, or its folder."""
        if self.folder == FOLDER / self.folder.name:
            return self.folder.name
        own = Path(RUNS, self.folder.name)
        return str(own if self.folder == HOME / own else self.folder)

    @property
    def snapshot_epochs(self) -> list[int]:
        """The epochs whose weights were kept, ascending; 0 is the start."""
        return sorted(int(Path(name).stem.split("-")[1]) for name in self.checksums if name.startswith("snapshots/"))

    def network(self, variant: str = "") -> str:
        """What the engine calls the network with exactly these weights, or the variant in a folder within this one."""
        if not variant:
            return f"{self.name}@{self.version}"
        manifest = f"{variant}/{MANIFEST}"
        if manifest not in self.checksums:
            raise self._lacks(manifest)
        return f"{self.name}/{variant}@{self.checksums[manifest]}"

    def variants(self) -> list["Pretrained"]:
        """The networks in folders within this one, which were trained on for the codec."""
        folders = sorted(path.parent for path in self.folder.glob(f"*/{MANIFEST}"))
        return [load(f"{self.name}/{folder.name}", self.folder.parent) for folder in folders]

    def read(self, name: str) -> bytes:
        """A file's content.

        Raises:
            PretrainedError: the file is missing, or its SHA-256 is not the manifest's.
        """
        try:
            content = (self.folder / name).read_bytes()
        except OSError:
            raise self._lacks(name) from None
        if hashlib.sha256(content).hexdigest() != self.checksums.get(name):
            raise PretrainedError(f"The file {name} of the model {self.name} was altered: restore its folder.")
        return content

    def read_json(self, name: str) -> dict:
        """The object in a JSON file; raises `PretrainedError` as `read` does, and where it holds something else."""
        try:
            content = json.loads(self.read(name))
        except ValueError:
            raise self.damaged(name) from None
        if not isinstance(content, dict):
            raise self.damaged(name)
        return content

    def read_tensors(self, name: str) -> dict[str, np.ndarray]:
        """The arrays in a safetensors file, by name; raises `PretrainedError` as `read_json` does."""
        try:
            return load_tensors(self.read(name))
        except SafetensorError:
            raise self.damaged(name) from None

    def _lacks(self, name: str) -> PretrainedError:
        return PretrainedError(f"The model {self.name} lacks its file {name}: restore its folder.")

    def damaged(self, name: str) -> PretrainedError:
        """What to raise where a file is as the manifest says, but does not hold what it should."""
        return PretrainedError(f"The file {name} of the model {self.name} is damaged: restore its folder.")

    def check(self) -> None:
        """Read every file; raises `PretrainedError` where one is missing, altered or damaged."""
        for name in dict.fromkeys((*ALWAYS, *self.checksums)):
            read = {".json": self.read_json, ".safetensors": self.read_tensors}.get(Path(name).suffix, self.read)
            read(name)
        if not all(isinstance(part, dict) and isinstance(part.get("epochs"), list) for part in self.history.values()):
            raise self.damaged(HISTORY)


def load(name: str, root: Path = FOLDER) -> Pretrained:
    """The model folder `root/name`, as it is now; runs/NAME stands in `HOME`, or beside another `root` than `FOLDER`.

    Raises:
        PretrainedError: there is no such folder, or it has no readable manifest.
    """
    folder = (_home(root) if name.startswith(f"{RUNS}/") else root) / name
    try:
        return _load(name, folder, _stamp(folder / MANIFEST))
    except FileNotFoundError:
        known = ", ".join(names(root)) or "none"
        raise PretrainedError(f"There is no trained model {name!r}; there are: {known}.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise PretrainedError(f"The manifest of the model {name} cannot be read: restore its folder.") from None


@lru_cache(maxsize=64)
def _load(name: str, folder: Path, _: Stamp) -> Pretrained:
    """Reads the manifest again only where its stamp has changed."""
    content = (folder / MANIFEST).read_bytes()
    return Pretrained(name, folder, dict(json.loads(content)["sha256"]), hashlib.sha256(content).hexdigest())


def find(model: str | Path) -> Pretrained:
    """The model of that name, or in that folder; raises as `load` does."""
    folder = Path(model)
    if str(model) not in names() and folder.is_dir():
        folder = folder.resolve()
        return load(folder.name, folder.parent)
    return load(str(model))


def names(root: Path = FOLDER) -> list[str]:
    """The model folders in a folder, MNIST first."""
    found = (path.parent.name for path in root.glob(f"*/{MANIFEST}"))
    return sorted(found, key=lambda name: (name != DEFAULT, name))


def available(
    root: Path = FOLDER, *, own: bool = True, also: Callable[[Pretrained], object] = lambda _: None
) -> tuple[list[Pretrained], list[str]]:
    """The models in `root`, then those of one's own beside it whose training has come to its end.

    Args:
        own: whether those of one's own are wanted.
        also: a further check of a model, which raises `PretrainedError` for one that cannot be used.

    Returns:
        The models of which every file is as it should be, and a sentence for each that is left out. The sentence also
        goes to the log, once. A model is checked again when one of its files has changed.
    """
    found, problems = [], []
    own_names = [f"{RUNS}/{name}" for name in names(_home(root) / RUNS)] if own else []
    for name in names(root) + own_names:
        try:
            model = load(name, root)
            if name.startswith(f"{RUNS}/") and "examples.json" not in model.checksums:
                continue
            if problem := _problem(model, tuple(_stamp(model.folder / file) for file in model.checksums)):
                raise PretrainedError(problem)
            also(model)
            found.append(model)
        except PretrainedError as error:
            problems.append(str(error))
            _log_once(str(error))
    return found, problems


@lru_cache(maxsize=64)
def _problem(model: Pretrained, _: tuple[Stamp, ...]) -> str:
    """What is wrong with the files of a model, or nothing; they are read again only where a stamp has changed."""
    try:
        model.check()
    except PretrainedError as error:
        return str(error)
    return ""


@cache
def _log_once(sentence: str) -> None:
    log.warning("A model is left out. %s", sentence)


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _home(root: Path) -> Path:
    """The folder that holds the user-trained models which belong to the models in `root`."""
    return HOME if root == FOLDER else root.parent


def snapshot_name(epoch: int) -> str:
    return SNAPSHOT.format(epoch=f"{epoch:03d}")


def write(folder: Path, name: str, content: bytes | str) -> None:
    """Write one file, as `writing.replace` does; what belongs into the manifest is written by `seal`."""
    writing.replace({folder / name: content})


def seal(folder: Path, files: Mapping[str, bytes | str] = MappingProxyType({})) -> None:
    """Write files of a model folder, and the manifest of all that it holds but hidden files and what only
    `--resume` needs.

    A kill or a full disk leaves the old model, or, in the moment of renaming, one that is refused until it is sealed
    again. Where the folder is that of a variant, its model's is sealed again, too. Raises `WriteError`.
    """
    contents = {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    checksums = _checksums(folder) | {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    manifest = json.dumps({"sha256": dict(sorted(checksums.items()))}, indent=1) + "\n"
    writing.replace({folder / name: content for name, content in contents.items()} | {folder / MANIFEST: manifest})
    if (folder.parent / MANIFEST).exists():
        seal(folder.parent)


def _checksums(folder: Path) -> dict[str, str]:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in files
        if name != MANIFEST
        and not name.startswith((f"{TRAINING}/", "logs/"))
        and not name.endswith(".part")
        and "/." not in f"/{name}"
    }


def weights_file(weights: Mapping[str, np.ndarray], dtype: type = np.float32) -> bytes:
    """Weights by name as a safetensors file in the given precision."""
    return save_tensors({key: np.ascontiguousarray(value, dtype) for key, value in weights.items()})


def history_file(folder: Path, part: str, record: dict) -> str:
    """The folder's history.json with this record of the training of "autoencoder" or "denoiser", beside the other's."""
    path = folder / HISTORY
    history = json.loads(path.read_text()) if path.exists() else {}
    return json.dumps(history | {part: record}, indent=1) + "\n"


def start_of_plan(record: dict) -> int:
    """After how many epochs the optimiser of a training last started afresh."""
    return max((earlier["epochs"] for earlier in record.get("earlier", [])), default=0)


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
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dictionary
            return State(arrays, json.loads(file.metadata()["record"]))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        raise PretrainedError(f"{path} cannot be read: delete {path.parent} and train again.") from None

"""The client of the network. One process holds it for all visitors; they never import TensorFlow or Keras themselves.

It is a child of this process, or, where `CAE_ENGINE` has an address, one that runs already: `cae.engine.remote`.

parent (Streamlit, the command line)                       child: python -m cae.engine.worker ROOT
Engine.run(…)  ── steps ──▶ Dispatcher ── ("run", network, images) ─────────▶ stdin   → the Keras backend
Result         ◀─ answers ─            ◀─ ("done", arrays, milliseconds) ──── stdout  ←
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae.engine.dispatcher import BATCHES, Dispatcher, Request
from cae.engine.errors import EngineDied, EngineError, EngineRestarts, EngineTimeout, ModelUnavailable
from cae.engine.inputs import FROM_CODE, check_name, checked
from cae.engine.process import Process, shared_engine
from cae.engine.remote import Remote
from cae.imaging.pixels import as_network_input, quantise
from cae.model import store

__all__ = ["Engine", "EngineDied", "EngineError", "EngineRestarts", "EngineTimeout", "ModelUnavailable", "Result"]

STEP, BACKGROUND_STEP = 64, 8
"""Images of 28×28 in one step; a request with more of them, or larger ones, takes several."""


@dataclass(frozen=True)
class Result:
    """What the network makes of N pictures; those it gives are rounded to 8 bits."""

    latent: np.ndarray
    """float32 (N, H/4, W/4, 1), unbounded."""
    reconstruction: np.ndarray
    """uint8 (N, H, W)."""
    denoised: np.ndarray | None
    """uint8 (N, H, W), or None where the model has no denoiser."""
    milliseconds: float
    """Spent in the network, without the way there and back."""


class Engine:
    """Runs the network for any number of threads. The process that holds it is started, watched and replaced here.

    Where `CAE_ENGINE` has an address, that engine answers for `store.FOLDER`; for another folder a process is started.

    Pictures are grey, uint8 (N, H, W), with H and W multiples of 4: here they become the network's floats in [0, 1],
    and its floats become pictures. Latents are (N, H/4, W/4, 1). A model is named as in `store.load`, with a variant as
    NAME/VARIANT, and is answered for as its folder is at that moment; or it is named as by `Pretrained.network`, and no
    other version than that one answers. All requests raise

        ValueError: the input has another shape or is empty, too large or not finite.
        ModelUnavailable, EngineRestarts, EngineTimeout, EngineDied, EngineError: see there.

    Args:
        root: the folder of the model folders.
        time_limit: seconds that one step (at most 64 images of 28×28, or one larger image) may take. A step that takes
            longer, or in which the process ends, is tried once more, in a new process.
        patience: seconds after which a request raises `EngineRestarts` while the process is being replaced; None: it
            waits for the new one.
        spare_after: seconds of life after which the process gets a spare, which takes its place at once should it end;
            where less than 4 GB of memory are free, or with None, there is none.
    """

    def __init__(
        self,
        root: Path = store.FOLDER,
        time_limit: float = 20.0,
        patience: float | None = None,
        spare_after: float | None = None,
    ) -> None:
        self.time_limit = time_limit
        self.patience = patience
        self.in_background = False
        """Whether requests give way to others."""
        root = Path(root).resolve()
        self._process: Process | Remote
        self._dispatcher: Dispatcher | Remote
        if (address := shared_engine()) and root == store.FOLDER.resolve():
            self._process = self._dispatcher = Remote(address)
        else:
            self._process = Process(root, spare_after)
            self._dispatcher = Dispatcher(self._process)

    def background(self) -> "Engine":
        """The same engine for work that nobody waits for: its requests are patient, give way to all others, and are cut
        shorter."""
        engine = copy.copy(self)
        engine.in_background, engine.patience = True, None
        return engine

    def start(self) -> None:
        """Start the process in the background and return at once; once started, do nothing."""
        self._process.start()

    def close(self) -> None:
        """End the process and wait until it is gone; requests under way raise EngineError."""
        self._dispatcher.close()
        self._process.close()

    @property
    def status(self) -> str:
        """ "starting", "ready" or "failed"; a failed start is tried again after a pause."""
        return self._process.status

    @property
    def ready(self) -> bool:
        """Whether a request would be answered at once."""
        return self.status == "ready"

    @property
    def device(self) -> str | None:
        """What the network runs on, e.g. "NVIDIA H200" or "CPU, 2 cores"; None until ready for the first time."""
        return self._process.device

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds until the start succeeds or fails; return `ready`."""
        return self._process.wait(timeout) == "ready"

    def run(self, model: str, pictures: np.ndarray) -> Result:
        """Pictures → latents → reconstructions → denoised reconstructions, in one step."""
        (latent, *outputs), milliseconds = self._request("run", model, _network_input(pictures))
        return _result(latent, outputs, milliseconds)

    def redraw(self, model: str, latents: np.ndarray) -> Result:
        """Latents → reconstructions → denoised reconstructions, as `run` has them from its latents."""
        latents = checked(latents, "redraw")
        return _result(latents, *self._request("redraw", model, latents))

    def encode(self, model: str, pictures: np.ndarray) -> np.ndarray:
        """Pictures → latents, float32."""
        return self._request("encode", model, _network_input(pictures))[0][0]

    def decode(self, model: str, latents: np.ndarray) -> np.ndarray:
        """Latents → reconstructions."""
        return quantise(self._request("decode", model, latents)[0][0][..., 0])

    def _request(self, operation: str, model: str, array: np.ndarray) -> tuple[list[np.ndarray], float]:
        """The operation's outputs, and the milliseconds spent in the network."""
        check_name(model)
        array = checked(array, operation)
        self.start()
        most = BACKGROUND_STEP if self.in_background else STEP
        pixels = most * 28 * 28 // (16 if operation in FROM_CODE else 1)
        answers = [
            self._dispatcher.ask(Request(operation, model, step, self.time_limit, self.in_background), self.patience)
            for step in _steps(array, pixels)
        ]
        outputs = [np.concatenate(parts) for parts in zip(*(outputs for outputs, _ in answers), strict=True)]
        return outputs, sum(milliseconds for _, milliseconds in answers)


def _result(latent: np.ndarray, outputs: list[np.ndarray], milliseconds: float) -> Result:
    reconstruction, *denoised = (quantise(output[..., 0]) for output in outputs)
    return Result(latent, reconstruction, denoised[0] if denoised else None, milliseconds)


def _network_input(pictures: np.ndarray) -> np.ndarray:
    """Pictures as the network takes them, float32 (N, H, W, 1) in [0, 1], or ValueError."""
    if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8 or pictures.ndim != 3:
        kind = f"{pictures.dtype} {pictures.shape}" if isinstance(pictures, np.ndarray) else type(pictures).__name__
        raise ValueError(f"The pictures must be an array uint8 (N, H, W), not {kind}.")
    return as_network_input(pictures)


def _steps(array: np.ndarray, pixels: int) -> Iterator[np.ndarray]:
    """Cut (N, H, W, 1) into steps of at most so many pixels, but one image at least, of a size in `BATCHES`."""
    most = max(1, pixels // (array.shape[1] * array.shape[2]))
    start = 0
    while start < len(array):
        size = next(size for size in BATCHES if size <= min(most, len(array) - start))
        yield array[start : start + size]
        start += size

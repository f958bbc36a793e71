"""Training the autoencoder and its denoiser: Muon, mean squared error, a short warm-up, cosine decay, averaged weights.

The denoiser is a second instance of the same network (the publication's experiment 3). It starts from the trained
autoencoder and learns pairs of (reconstruction, original); most of the reconstructions are of images with noise, drawn
anew for each epoch.

After each epoch everything is on disk: weights, history, snapshots, TensorBoard logs, and the state of optimiser and
schedule from which `resume` goes on, also to more epochs than planned, along the longer plan's rates. The order
of the images depends on seed and epoch alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from time import perf_counter

import keras
import numpy as np
from keras import ops

from cae import CaeError
from cae.imaging.noise import CLEAN_SHARE, some_noisy
from cae.imaging.pixels import as_network_input, quantise
from cae.model import devices, store
from cae.model.fast_decoder import without_upsampling
from cae.model.network import build_autoencoder, set_weights, weights_of
from cae.progress import progress_bar, say
from cae.training.muon import Muon
from cae.training.tensorboard import training_log

SNAPSHOT_EPOCHS = (0, 1, 2, 3, 5, 8, 12, 16, 20)
AUTOENCODER, DENOISER = "autoencoder", "denoiser"
RESTARTS = 5
SAMPLE = 64
"""Validation images whose outputs tell whether a network has collapsed."""
OPTIMIZER = "Muon"
DENOISER_PEAK_LEARNING_RATE = 8e-3
"""Lower than the autoencoder's, as the denoiser starts from trained weights; much lower ones learn too slowly."""

Networks = tuple[keras.Model, keras.Model]
Build = Callable[[int], Networks]
Advance = Callable[[int, str], None]
"""Hears of so many more images done, and of the loss; as of `progress_bar`."""
Inputs = Callable[[np.random.Generator], np.ndarray]
"""What the network is shown in an epoch, float32 (N, H, W, 1)."""


class TrainingError(CaeError):
    """A training cannot start, go on or succeed; the message says why in one plain sentence."""


@dataclass(frozen=True)
class Settings:
    """What determines a training, together with the images. A resumed one must have the same, or more epochs."""

    epochs: int = 20
    batch_size: int = 32
    seed: int = 0
    peak_learning_rate: float = 12e-3
    data_set: str = ""


def _on_all_devices(training: Callable[..., dict]) -> Callable[..., dict]:
    """Let a training use as many devices as all its batches can be divided among."""

    @wraps(training)
    def on_all_devices(x_train, x_validation, folder, settings, **options) -> dict:
        with devices.shared(settings.batch_size, len(x_train), len(x_validation), SAMPLE):
            return training(x_train, x_validation, folder, settings, **options)

    return on_all_devices


@_on_all_devices
def train(
    x_train: np.ndarray,
    x_validation: np.ndarray,
    folder: Path,
    settings: Settings,
    *,
    resume: bool = False,
    build: Build = build_autoencoder,
) -> dict:
    """Train encoder and decoder to give back images uint8 (N, 28, 28); everything goes into the model folder.

    Returns:
        The record of the training, as in history.json.

    Raises:
        TrainingError: the folder already holds a training and `resume` is off, or one with other settings; or one
            seed after the other collapses.
    """
    train_x, validation_x = as_network_input(x_train), as_network_input(x_validation)
    state = _state_to_resume(folder, AUTOENCODER, settings, len(x_train), resume)
    run = _Run(folder, AUTOENCODER, settings, build)
    return run.fit(lambda _: train_x, train_x, (validation_x, validation_x), state)


@_on_all_devices
def train_denoiser(
    x_train: np.ndarray, x_validation: np.ndarray, folder: Path, settings: Settings, *, resume: bool = False
) -> dict:
    """Train the denoiser of the autoencoder in the model folder: its reconstructions → images uint8 (N, 28, 28).

    Validation is on reconstructions of clean images.

    Returns:
        The record of the training, as in history.json.

    Raises:
        PretrainedError: there is no trained autoencoder in the folder.
        TrainingError: as for `train`.
    """
    autoencoder = store.load(folder.name, folder.parent).weights("encoder", "decoder")
    state = _state_to_resume(folder, DENOISER, settings, len(x_train), resume)

    def from_autoencoder(seed: int) -> Networks:
        networks = build_autoencoder(seed, x_train.shape[1])
        set_weights(autoencoder, *networks)
        return networks

    train_x, validation_x = as_network_input(x_train), as_network_input(x_validation)
    with devices.dtype_policy():
        network = chain(*from_autoencoder(settings.seed))
        clean, validation = _reconstruct(network, train_x), _reconstruct(network, validation_x)

    def inputs(rng: np.random.Generator) -> np.ndarray:
        chosen, noisy = some_noisy(train_x, rng)
        mixed = clean.copy()
        mixed[chosen] = _reconstruct(network, noisy)
        return mixed

    return _Run(folder, DENOISER, settings, from_autoencoder).fit(inputs, train_x, (validation, validation_x), state)


def is_collapsed(outputs: np.ndarray, targets: np.ndarray) -> bool:
    """Whether a network gives the same output (N, H, W, 1) whatever the image, while the targets differ.

    That is the state which a dead narrow layer leaves: no gradient passes, and the loss rests at the pixel variance,
    the loss of the best constant grey image.
    """
    return float(np.std(outputs, axis=0).mean()) < 1e-3 * float(np.std(targets, axis=0).mean())


class _Run:
    """One training of one part into one folder."""

    def __init__(self, folder: Path, part: str, settings: Settings, build: Build) -> None:
        self.folder, self.part, self.settings, self.build = folder, part, settings, build

    def fit(self, inputs: Inputs, targets: np.ndarray, validation: tuple, state: store.State | None) -> dict:
        if state:
            self.publish(state.record, state.arrays)
        restarts = state.record["restarts"] if state else []
        for restart in range(len(restarts), RESTARTS + 1):
            with devices.dtype_policy():
                record = self.fit_seed(self.settings.seed + restart, restarts, inputs, targets, validation, state)
            if record:
                return record
            state = None  # the next seed starts afresh
        seeds = ", ".join(str(restart["seed"]) for restart in restarts)
        raise TrainingError(f"Every run collapsed, with the seeds {seeds}: try another --seed.")

    def fit_seed(
        self, seed: int, restarts: list, inputs: Inputs, targets: np.ndarray, validation: tuple, state
    ) -> dict | None:
        """Train with one seed, from the state if there is one; None, and an entry in `restarts`, if it collapses."""
        settings = self.settings
        steps = -(-len(targets) // settings.batch_size)
        networks = self.build(seed)
        optimizer = make_optimizer(settings, steps)
        model = compiled(networks, optimizer)
        if state:
            record = state.record
            set_weights(state.arrays, *networks)
            for index, variable in enumerate(optimizer.variables):
                variable.assign(state.arrays[_optimizer_key(index)])
        else:
            record = self.new_record(seed, restarts, len(targets))
            for name, content in self.snapshot(0, weights_of(*networks)).items():
                store.write(self.folder, name, content)

        with training_log(self.folder / "logs" / self.part) as log:
            for epoch in range(len(record["epochs"]) + 1, settings.epochs + 1):
                rng = np.random.default_rng([seed, epoch])
                order = rng.permutation(len(targets))
                images = inputs(rng)[order], targets[order]
                with progress_bar(f"Epoch {epoch}/{settings.epochs}", len(order)) as advance:
                    entry = {"epoch": epoch, **fit_epoch(model, *images, settings.batch_size, advance)}
                entry["val_loss"] = float(model.evaluate(*validation, batch_size=settings.batch_size, verbose=0))
                record["epochs"].append(entry)
                say(
                    f"Epoch {epoch}/{settings.epochs}: loss {entry['loss']:.5f}, validation {entry['val_loss']:.5f}, "
                    f"{entry['images_per_second']:.0f} images/s"
                )
                log(entry)
                outputs = ops.convert_to_numpy(model.predict_on_batch(validation[0][:SAMPLE]))
                if is_collapsed(outputs, validation[1][:SAMPLE]):
                    restarts.append(self.name_collapse(seed, entry, validation[1]))
                    return None
                weights = weights_of(*networks)
                arrays = weights | {
                    _optimizer_key(index): np.array(ops.convert_to_numpy(variable.value))
                    for index, variable in enumerate(optimizer.variables)
                }
                store.write_state(self.folder, self.part, store.State(arrays, record))
                self.publish(record, weights, self.snapshot(epoch, weights))
        return record

    def new_record(self, seed: int, restarts: list, images: int) -> dict:
        return {
            **_planned(self.settings),
            "images": images,
            "seed_used": seed,
            "restarts": restarts,
            "optimizer": OPTIMIZER,
            "average_momentum": average_momentum(-(-images // self.settings.batch_size)),
            "precision": keras.mixed_precision.dtype_policy().name,
            "backend": keras.backend.backend(),
            "device": devices.describe(),
            **({"noisy_share": 1 - CLEAN_SHARE} if self.part == DENOISER else {}),
            "epochs": [],
        }

    def name_collapse(self, seed: int, entry: dict, targets: np.ndarray) -> dict:
        variance = float(np.var(targets))
        say(
            f"The run with seed {seed} has collapsed: its output is the same grey for every image, and its loss "
            f"{entry['val_loss']:.4f} that of a constant image (pixel variance {variance:.4f}). On to the next seed."
        )
        return {"seed": seed, "epoch": entry["epoch"], "val_loss": entry["val_loss"], "pixel_variance": variance}

    def snapshot(self, epoch: int, weights: Mapping[str, np.ndarray]) -> dict[str, bytes]:
        """The file of the weights after an epoch, by its name; none where the epoch's are not kept."""
        if self.part != AUTOENCODER or epoch not in SNAPSHOT_EPOCHS:
            return {}
        return {store.snapshot_name(epoch): store.weights_file(weights, np.float16)}

    def publish(self, record: dict, arrays: Mapping[str, np.ndarray], snapshot: Mapping[str, bytes] = {}) -> None:
        """Seal the folder with the weights, the history and the snapshot of a finished epoch."""
        weights = {name: array for name, array in arrays.items() if not name.startswith("optimizer/")}
        parts = {part: part for part in ("encoder", "decoder")} if self.part == AUTOENCODER else {"denoiser": ""}
        files = {
            f"{part}.safetensors": store.weights_file(
                {name: array for name, array in weights.items() if name.startswith(prefix)}
            )
            for part, prefix in parts.items()
        }
        history = store.history_file(self.folder, self.part, record)
        store.seal(self.folder, {**files, **snapshot, store.HISTORY: history})


def _state_to_resume(folder: Path, part: str, settings: Settings, images: int, resume: bool) -> store.State | None:
    state = store.read_state(folder, part)
    if state is None:
        if (folder / f"{'encoder' if part == AUTOENCODER else part}.safetensors").exists():
            raise TrainingError(
                f"{folder} holds a trained {part}, but not the state to go on from: name another --output."
            )
        return None
    if not resume:
        raise TrainingError(f"{folder} already holds a training of the {part}: add --resume, or name another --output.")
    record = state.record
    if settings.epochs > (planned := record["epochs_planned"]):
        lengthened = {"epoch": len(record["epochs"]), "epochs_planned": planned}
        record |= {"epochs_planned": settings.epochs, "lengthened": [*record.get("lengthened", []), lengthened]}
    for key, value in (_planned(settings) | {"images": images, "optimizer": OPTIMIZER}).items():
        if (kept := record.get(key, value)) != value:
            raise TrainingError(f"The training in {folder} has {key} {kept}, not {value}: resume it with {kept}.")
    return state


def _planned(settings: Settings) -> dict:
    """The settings as the record has them, whose "epochs" are the finished ones."""
    planned = asdict(settings)
    return {"epochs_planned": planned.pop("epochs"), **planned}


def chain(encoder: keras.Model, decoder: keras.Model) -> keras.Model:
    """Encoder and decoder in a row, on the same weights, in the form that trains fastest."""
    inputs = keras.Input(encoder.input_shape[1:])
    return keras.Model(inputs, without_upsampling(decoder)(encoder(inputs)))


def compiled(networks: Networks, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """Encoder and decoder in a row, with all the optimiser's variables, ready for `fit_epoch`."""
    model = chain(*networks)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer=optimizer, loss="mse", steps_per_execution=devices.steps_per_execution())
    return model


def make_optimizer(settings: Settings, steps_per_epoch: int) -> Muon:
    """Muon; an epoch of `fit` with it ends with the weights' moving average in the weights' place."""
    return Muon(schedule(settings, steps_per_epoch), use_ema=True, ema_momentum=average_momentum(steps_per_epoch))


def average_momentum(steps_per_epoch: int) -> float:
    """Of the weights' exponential moving average, which thus spans a quarter of an epoch (Polyak & Juditsky 1992)."""
    return 1 - min(1.0, 4 / steps_per_epoch)


def schedule(settings: Settings, steps_per_epoch: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Up to the peak in a line, within 500 steps or a tenth of all, then down to zero along a cosine."""
    total = settings.epochs * steps_per_epoch
    warm_up = min(500, max(1, total // 10))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warm_up), warmup_target=settings.peak_learning_rate, warmup_steps=warm_up
    )


def fit_epoch(model: keras.Model, inputs: np.ndarray, targets: np.ndarray, batch_size: int, advance: Advance) -> dict:
    """One pass over images float32 (N, H, W, 1) in their order: "loss", "seconds" and "images_per_second"."""
    started = perf_counter()
    n = batch_size * model.steps_per_execution
    report = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: advance(n, f"loss {logs['loss']:.5f}"))
    logs = model.fit(inputs, targets, batch_size, shuffle=False, verbose=0, callbacks=[report])
    seconds = perf_counter() - started
    loss = float(logs.history["loss"][0])
    return {"loss": loss, "seconds": round(seconds, 2), "images_per_second": round(len(inputs) / seconds, 1)}


def _reconstruct(model: keras.Model, images: np.ndarray, batch_size: int = 4 * SAMPLE) -> np.ndarray:
    """The network's answer (N, 28, 28, 1) as a picture has it: clipped to [0, 1] and rounded to 8 bits, as float32."""
    answers = np.empty_like(images)
    with progress_bar("Reconstructing", len(images)) as advance:
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            filled = np.resize(batch, (-(-len(batch) // SAMPLE) * SAMPLE, *batch.shape[1:]))  # divides among devices
            answer = ops.convert_to_numpy(model.predict_on_batch(filled))[: len(batch)]
            answers[start : start + batch_size] = quantise(answer) / np.float32(255)
            advance(len(batch))
    return answers


def _optimizer_key(index: int) -> str:
    return f"optimizer/{index:03d}"

"""Training the autoencoder and its denoiser: Muon, mean squared error, a short warm-up, cosine decay, averaged weights.

The denoiser is a second instance of the same network (the publication's experiment 3). It starts from the trained
autoencoder and learns pairs of (reconstruction, original); most of the reconstructions are of images with noise, drawn
anew for each epoch.

After each epoch everything is on disk: weights, history, snapshots, TensorBoard logs, and the state of optimiser and
schedule from which `resume` goes on, also to more epochs than planned, along the longer plan's rates. From a model
without that state, as it is published, it goes on with the weights and a fresh optimiser. The order of the images
depends on seed and epoch alone.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import ops

from cae.imaging.noise import CLEAN_SHARE, add_training_noise
from cae.imaging.pixels import as_network_input, quantise
from cae.model import devices, store
from cae.model.fast_decoder import without_upsampling
from cae.model.network import build_autoencoder, build_like, set_weights, weights_of
from cae.progress import progress_bar, say
from cae.training.leak import keep_alive
from cae.training.loop import (
    OPTIMIZER,
    Settings,
    TrainingError,
    has_diverged,
    make_optimizer,
    new_record,
    train_epochs,
)
from cae.training.tensorboard import training_log
from cae.training.variation import vary

SNAPSHOT_EPOCHS, SNAPSHOT_EVERY = (0, 1, 2, 3, 5, 8, 12, 16), 20
"""The epochs after which the weights are kept: these, and every twentieth."""
AUTOENCODER, DENOISER = "autoencoder", "denoiser"
RESTARTS = 5
_COURSE = {"epochs", "restarts", "seed_used"}
"""What a record says of how a training went, beside its settings."""
SAMPLE = 64
"""The number of validation images whose outputs tell whether a network has collapsed."""
DENOISER_PEAK_LEARNING_RATE = 8e-3
"""Lower than the autoencoder's, as the denoiser starts from trained weights; much lower ones learn too slowly."""

Networks = tuple[keras.Model, keras.Model]
Build = Callable[[int], Networks]
Pair = tuple[np.ndarray, np.ndarray]
"""Inputs and targets, float32 (N, H, W, 1) each."""
Pairs = Callable[[np.random.Generator, float], Pair]
"""Gives what the network is shown in an epoch, by the share of the plan that lies behind."""


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
    with devices.shared(settings.batch_size, len(x_train), len(x_validation), SAMPLE):
        state = _state_to_resume(folder, AUTOENCODER, settings, len(x_train), resume)

        def pairs(rng: np.random.Generator, behind: float) -> Pair:
            images = vary(train_x, settings.varied * (1 - behind), rng)
            return images, images

        run = _Run(folder, AUTOENCODER, settings, build)
        return run.fit(pairs, len(train_x), (validation_x, validation_x), state)


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

    def from_autoencoder(_seed: int) -> Networks:
        return build_like(autoencoder, x_train.shape[1])

    train_x, validation_x = as_network_input(x_train), as_network_input(x_validation)
    with devices.shared(settings.batch_size, len(x_train), len(x_validation), SAMPLE):
        with devices.dtype_policy():
            network = chain(*from_autoencoder(settings.seed))
            clean, validation = _reconstruct(network, train_x), _reconstruct(network, validation_x)

        def pairs(rng: np.random.Generator, _: float) -> Pair:
            chosen, noisy = add_training_noise(train_x, rng)
            mixed = clean.copy()
            mixed[chosen] = _reconstruct(network, noisy)
            return mixed, train_x

        run = _Run(folder, DENOISER, settings, from_autoencoder)
        return run.fit(pairs, len(train_x), (validation, validation_x), state)


def is_collapsed(outputs: np.ndarray, targets: np.ndarray) -> bool:
    """Whether a network gives the same output (N, H, W, 1) whatever the image, while the targets differ.

    That is the state which a dead narrow layer leaves: no gradient passes, and the loss rests at the pixel variance,
    the loss of the best constant grey image.
    """
    # A comparison with NaN is false, so outputs that are no numbers count as collapsed.
    return not float(np.std(outputs, axis=0).mean()) >= 1e-3 * float(np.std(targets, axis=0).mean())


class _Run:
    """One training of one part into one folder."""

    def __init__(self, folder: Path, part: str, settings: Settings, build: Build) -> None:
        self.folder, self.part, self.settings, self.build = folder, part, settings, build

    def fit(self, pairs: Pairs, images: int, validation: Pair, state: store.State | None) -> dict:
        """Train with one seed after the other until a training neither collapses nor diverges."""
        if state:
            if has_diverged({}, state.arrays):
                raise TrainingError(f"The training in {self.folder} has diverged: train again into another --output.")
            self.publish(state.record, state.arrays)
        restarts = state.record["restarts"] if state else []
        for restart in range(len(restarts), RESTARTS + 1):
            with devices.dtype_policy():
                record = self.fit_seed(self.settings.seed + restart, restarts, pairs, images, validation, state)
            if record:
                return record
            state = None  # the next seed starts afresh
        seeds = ", ".join(str(restart["seed"]) for restart in restarts)
        raise TrainingError(f"Every run collapsed or diverged, with the seeds {seeds}: try another --seed.")

    def fit_seed(
        self,
        seed: int,
        restarts: list[dict],
        pairs: Pairs,
        images: int,
        validation: Pair,
        state: store.State | None,
    ) -> dict | None:
        """Train with one seed, from the state if there is one; None, and an entry in `restarts`, if that fails."""
        settings = self.settings
        steps = -(-images // settings.batch_size)
        networks = self.build(seed)
        keep_alive(*networks)
        noise = {"noisy_share": 1 - CLEAN_SHARE} if self.part == DENOISER else {}
        record = new_record(settings, images, seed_used=seed, restarts=restarts, **noise)
        if state:
            record = state.record if _has_optimizer(state) else _continued(state.record, record)
        start = store.start_of_plan(record)
        optimizer = make_optimizer(settings, steps, first=start)
        model = compiled(networks, optimizer)
        if state:
            set_weights(state.arrays, *networks)
            if _has_optimizer(state):
                for index, variable in enumerate(optimizer.variables):
                    variable.assign(state.arrays[_optimizer_key(index)])
        else:
            for name, content in self.snapshot(0, weights_of(*networks)).items():
                store.write(self.folder, name, content)

        def shown(epoch: int, rng: np.random.Generator, order: np.ndarray) -> Pair:
            inputs, targets = pairs(rng, (epoch - 1 - start) / (settings.epochs - start))
            return inputs[order], targets[order]

        with training_log(self.folder / "logs" / self.part) as log:
            finished = len(record["epochs"])
            for entry in train_epochs(model, settings, images, shown, seed=seed, finished=finished):
                entry["val_loss"] = float(model.evaluate(*validation, batch_size=settings.batch_size, verbose=0))
                record["epochs"].append(entry)
                say(
                    f"Epoch {entry['epoch']}/{settings.epochs}: loss {entry['loss']:.5f}, "
                    f"validation {entry['val_loss']:.5f}, {entry['images_per_second']:.0f} images/s"
                )
                log(entry)
                weights = weights_of(*networks)
                outputs = ops.convert_to_numpy(model.predict_on_batch(validation[0][:SAMPLE]))
                diverged = has_diverged(entry, weights)
                if diverged or is_collapsed(outputs, validation[1][:SAMPLE]):
                    restarts.append(self.name_failure(seed, entry, validation[1], diverged))
                    return None
                arrays = weights | {
                    _optimizer_key(index): np.array(ops.convert_to_numpy(variable.value))
                    for index, variable in enumerate(optimizer.variables)
                }
                store.write_state(self.folder, self.part, store.State(arrays, record))
                self.publish(record, weights)
        return record

    def name_failure(self, seed: int, entry: dict, targets: np.ndarray, diverged: bool) -> dict:
        """Say that a seed has failed; its entry among the record's restarts, "val_loss" None if it has diverged."""
        variance, loss = float(np.var(targets)), None if diverged else entry["val_loss"]
        what = (
            "diverged: its loss or its weights are infinite or no numbers"
            if diverged
            else f"collapsed: its output is the same grey for every image, and its loss {loss:.4f} that of a constant "
            f"image (pixel variance {variance:.4f})"
        )
        say(f"The run with seed {seed} has {what}. On to the next seed.")
        return {"seed": seed, "epoch": entry["epoch"], "val_loss": loss, "pixel_variance": variance}

    def snapshot(self, epoch: int, weights: Mapping[str, np.ndarray]) -> dict[str, bytes]:
        """The file of the weights after an epoch, by its name; none where the epoch's are not kept.

        The last epoch's are always kept: a replay of the training ends where the network stands.
        """
        kept = epoch in (*SNAPSHOT_EPOCHS, self.settings.epochs) or epoch % SNAPSHOT_EVERY == 0
        if self.part != AUTOENCODER or not kept:
            return {}
        return {store.snapshot_name(epoch): store.weights_file(weights, np.float16)}

    def publish(self, record: dict, arrays: Mapping[str, np.ndarray]) -> None:
        """Seal the folder with the weights, the history and the snapshot of the last finished epoch."""
        weights = {name: array for name, array in arrays.items() if not name.startswith("optimizer/")}
        parts = {part: part for part in ("encoder", "decoder")} if self.part == AUTOENCODER else {"denoiser": ""}
        files = {
            f"{part}.safetensors": store.weights_file(
                {name: array for name, array in weights.items() if name.startswith(prefix)}
            )
            for part, prefix in parts.items()
        }
        snapshot = self.snapshot(len(record["epochs"]), weights)
        history = store.history_file(self.folder, self.part, record)
        store.seal(self.folder, {**files, **snapshot, store.HISTORY: history})


def _state_to_resume(folder: Path, part: str, settings: Settings, images: int, resume: bool) -> store.State | None:
    state = store.read_state(folder, part) or _published_state(folder, part)
    if state is None:
        return None
    if not resume:
        raise TrainingError(f"{folder} already holds a training of the {part}: add --resume, or name another --output.")
    record = state.record
    if settings.data_path:
        record["data_path"] = settings.data_path
    if not _has_optimizer(state):
        if settings.epochs <= (finished := len(record["epochs"])):
            raise TrainingError(f"The {part} in {folder} is trained: to go on, name more --epochs than its {finished}.")
        fixed = {"data_set": settings.data_set}
    else:
        if settings.epochs > (planned := record["epochs_planned"]):
            lengthened = {"epoch": len(record["epochs"]), "epochs_planned": planned}
            record |= {"epochs_planned": settings.epochs, "lengthened": [*record.get("lengthened", []), lengthened]}
        fixed = settings.planned() | {"images": images, "optimizer": OPTIMIZER}
    for key, value in fixed.items():
        if (kept := record.get(key, value)) != value:
            raise TrainingError(f"The training in {folder} has {key} {kept}, not {value}: resume it with {kept}.")
    return state


def _published_state(folder: Path, part: str) -> store.State | None:
    """Weights and record of a trained model that came without its optimiser's state, or None if there is none."""
    files = ("encoder", "decoder") if part == AUTOENCODER else (part,)
    if not all((folder / f"{file}.safetensors").exists() for file in files):
        return None
    model = store.load(folder.name, folder.parent)
    return store.State(model.weights(*files), dict(model.history[part]))


def _has_optimizer(state: store.State) -> bool:
    return _optimizer_key(0) in state.arrays


def _continued(old: dict, new: dict) -> dict:
    """The record of a training that goes on with new settings: "earlier" has those of its first epochs."""
    course = {key: old[key] for key in _COURSE}
    settings = {key: value for key, value in old.items() if key not in _COURSE | {"earlier"}}
    return new | course | {"earlier": [*old.get("earlier", []), settings | {"epochs": len(old["epochs"])}]}


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


def _reconstruct(model: keras.Model, images: np.ndarray, batch_size: int = 4 * SAMPLE) -> np.ndarray:
    """The network's output (N, H, W, 1), clipped to [0, 1] and rounded to steps of 1/255, float32."""
    outputs = np.empty_like(images)
    with progress_bar("Reconstructing", len(images)) as advance:
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            filled = np.resize(batch, (-(-len(batch) // SAMPLE) * SAMPLE, *batch.shape[1:]))  # divides among devices
            output = ops.convert_to_numpy(model.predict_on_batch(filled))[: len(batch)]
            outputs[start : start + batch_size] = quantise(output) / np.float32(255)
            advance(len(batch))
    return outputs


def _optimizer_key(index: int) -> str:
    return f"optimizer/{index:03d}"

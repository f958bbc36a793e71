"""Measures how often a short training collapses, with this project's initialisation and with plain He initialisation.

A collapsed network gives one grey image for every input, and its loss rests at the pixel variance. The networks are
trained with ReLU's own gradient; that of `cae.training.leak` would hide the difference.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from cae.imaging.pixels import as_network_input
from cae.model import devices
from cae.model.network import build_autoencoder, set_weights, weights_of
from cae.progress import progress_bar
from cae.training.autoencoder import SAMPLE, Networks, compiled, is_collapsed
from cae.training.loop import OPTIMIZER, Settings, fit_epoch, make_optimizer

IMAGES, VALIDATION = 3_200, 500
"""The numbers of images. With 640 the warm-up of four steps itself makes networks collapse, which live with these."""
SETTINGS = Settings(epochs=2)


def he_autoencoder(seed: int) -> Networks:
    """The same layers, all initialised as He et al. (2015) propose for ReLU layers, the narrow ones included."""
    networks = build_autoencoder(seed)
    start_as_he(networks, seed)
    return networks


def start_as_he(networks: Networks, seed: int) -> None:
    """Put such first weights into encoder and decoder."""
    for part, network in enumerate(networks):
        for index, variable in enumerate(network.trainable_variables):
            if variable.path.endswith("kernel"):
                draw = keras.initializers.HeNormal(1000 * (2 * seed + part) + index)
                variable.assign(draw(variable.shape, "float32"))


INITIALISATIONS: dict[str, Callable[[int], Networks]] = {"shipped": build_autoencoder, "he": he_autoencoder}


def measure(x_train: np.ndarray, x_validation: np.ndarray, seeds: int) -> dict:
    """Train `seeds` networks of each kind on the first images uint8 (N, 28, 28), two epochs each, else as `train` does.

    Returns:
        {"images", "epochs", "batch_size", "optimizer", "pixel_variance", "runs": [{"initialisation": "shipped" or "he",
        "seed", "val_loss", "collapsed"}, …]}; the loss is the MSE on the first validation images.
    """
    images, validation = as_network_input(x_train[:IMAGES]), as_network_input(x_validation[:VALIDATION])
    runs = []
    with progress_bar("Trainings", seeds * len(INITIALISATIONS)) as advance, devices.dtype_policy():
        for name, build in INITIALISATIONS.items():
            networks = build(0)
            model = compiled(networks, make_optimizer(SETTINGS, -(-len(images) // SETTINGS.batch_size)))
            start = [np.array(variable) for variable in model.optimizer.variables]
            for seed in range(seeds):
                set_weights(weights_of(*build(seed)), *networks)
                for variable, value in zip(model.optimizer.variables, start, strict=True):
                    variable.assign(value)
                runs.append({"initialisation": name, "seed": seed, **_train(model, seed, images, validation)})
                advance(1, f"{name} {seed}: {runs[-1]['val_loss']:.4f}")
    return {
        "images": len(images),
        "epochs": SETTINGS.epochs,
        "batch_size": SETTINGS.batch_size,
        "optimizer": OPTIMIZER,
        "pixel_variance": float(validation.var()),
        "runs": runs,
    }


def _train(model: keras.Model, seed: int, images: np.ndarray, validation: np.ndarray) -> dict:
    for epoch in range(1, SETTINGS.epochs + 1):
        shuffled = images[np.random.default_rng([seed, epoch]).permutation(len(images))]
        fit_epoch(model, shuffled, shuffled, SETTINGS.batch_size, lambda *_: None)
    val_loss = float(model.evaluate(validation, validation, batch_size=SETTINGS.batch_size, verbose=0))
    outputs = ops.convert_to_numpy(model.predict_on_batch(validation[:SAMPLE]))
    return {"val_loss": val_loss, "collapsed": is_collapsed(outputs, validation[:SAMPLE])}

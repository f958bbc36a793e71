"""How often a short training collapses: with this project's initialisation, and with plain He initialisation.

A collapsed network gives one grey image for every input, and its loss rests at the pixel variance.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from cae.architecture import build_autoencoder
from cae.datasets import as_network_input
from cae.progress import progress_bar
from cae.training import Networks, Settings, chain, dtype_policy, is_collapsed, schedule

IMAGES = 3_200
SETTINGS = Settings(epochs=2)


def he_autoencoder(seed: int) -> Networks:
    """The same layers, all of them initialised as He et al. (2015) propose for ReLU layers, and nothing done for the
    narrow ones."""
    networks = build_autoencoder(seed)
    for part, network in enumerate(networks):
        for index, variable in enumerate(network.trainable_variables):
            if variable.path.endswith("kernel"):
                draw = keras.initializers.HeNormal(1000 * (2 * seed + part) + index)
                variable.assign(draw(variable.shape, "float32"))
    return networks


INITIALISATIONS: dict[str, Callable[[int], Networks]] = {"shipped": build_autoencoder, "he": he_autoencoder}


def measure(x_train: np.ndarray, x_validation: np.ndarray, seeds: int) -> dict:
    """Train `seeds` networks of each kind on the first images uint8 (N, 28, 28), two epochs each, else as usual.

    Returns:
        {"images", "epochs", "batch_size", "pixel_variance", "runs": [{"initialisation": "shipped" or "he", "seed",
        "val_loss", "collapsed"}, …]}; the loss is the MSE on the validation images.
    """
    images, validation = as_network_input(x_train[:IMAGES]), as_network_input(x_validation)
    runs = []
    with progress_bar("Trainings", seeds * len(INITIALISATIONS)) as advance:
        for name, build in INITIALISATIONS.items():
            for seed in range(seeds):
                runs.append({"initialisation": name, "seed": seed, **_train(build, seed, images, validation)})
                advance(1, f"{name} {seed}: {runs[-1]['val_loss']:.4f}")
    return {
        "images": len(images),
        "epochs": SETTINGS.epochs,
        "batch_size": SETTINGS.batch_size,
        "pixel_variance": float(validation.var()),
        "runs": runs,
    }


def _train(build: Callable[[int], Networks], seed: int, images: np.ndarray, validation: np.ndarray) -> dict:
    with dtype_policy():
        model = chain(*build(seed))
        model.compile(keras.optimizers.Adam(schedule(SETTINGS, -(-len(images) // SETTINGS.batch_size))), "mse")
        rng = np.random.default_rng(seed)
        for _ in range(SETTINGS.epochs):
            shuffled = images[rng.permutation(len(images))]
            model.fit(shuffled, shuffled, batch_size=SETTINGS.batch_size, shuffle=False, verbose=0)
        val_loss = float(model.evaluate(validation, validation, batch_size=SETTINGS.batch_size, verbose=0))
        outputs = ops.convert_to_numpy(model.predict_on_batch(validation[:64]))
    return {"val_loss": val_loss, "collapsed": is_collapsed(outputs, validation[:64])}

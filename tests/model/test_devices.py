"""Training on several devices gives what one gives. JAX makes two devices of one CPU, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from places import ROOT
from safetensors.numpy import load_file
from small_network import small_autoencoder

from cae.model import devices, store
from cae.model.network import weights_of
from cae.training.autoencoder import compiled
from cae.training.loop import Settings, fit_epoch, make_optimizer

pytestmark = pytest.mark.slow

TRAIN = """
import sys
import warnings
sys.modules["tensorflow"] = None  # JAX does without; TensorBoard and Keras import it, if they can, for seconds
from pathlib import Path
import keras, numpy
from cae.model import devices
from cae.model.network import weights_of
from cae.imaging.pixels import as_network_input
from cae.model.store import weights_file, write
from cae.training.autoencoder import compiled, train
from cae.training.loop import Settings, fit_epoch, make_optimizer
from small_network import small_autoencoder

coarse = numpy.random.default_rng(0).integers(0, 256, (40, 7, 7), numpy.uint8)
images = numpy.kron(coarse, numpy.ones((1, 4, 4), numpy.uint8))
folder, settings = Path(sys.argv[1]), Settings(epochs=2, batch_size=16)
warnings.simplefilter("error", UserWarning)  # Keras warns where some variables are on one device and others on all
train(images, images[:20], folder, settings, build=small_autoencoder)
assert keras.distribution.distribution() is None

with devices.shared(settings.batch_size, len(images)):
    networks, shown = small_autoencoder(0), as_network_input(images)
    model = compiled(networks, make_optimizer(settings, 3))
    for _ in range(settings.epochs):
        fit_epoch(model, shown, shown, settings.batch_size, lambda *_: None)
    write(folder.parent, "float32.safetensors", weights_file(weights_of(*networks)))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> dict[int, Path]:
    """Folders of models trained with JAX on one device and on two. Of 40 images the last batch has but eight."""
    pytest.importorskip("jax")
    folders, runs = {}, []
    for count in (1, 2):
        folders[count] = tmp_path_factory.mktemp("devices") / "model"
        flags = f"--xla_force_host_platform_device_count={count} --xla_backend_optimization_level=0"  # compiles sooner
        environment = os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
        environment["PYTHONPATH"] = str(ROOT / "tests")
        command = [sys.executable, "-c", TRAIN, str(folders[count])]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        runs.append(subprocess.Popen(command, cwd=ROOT, env=environment, **pipes))
    for run in runs:
        _, errors = run.communicate()
        assert run.returncode == 0, errors
    return folders


def test_two_devices_train_as_one(trained):
    """The device's precision may be bfloat16, which the losses hardly feel."""
    one, two = (store.load(folder.name, folder.parent).history["autoencoder"] for folder in trained.values())
    assert two["device"] == f"2 × {one['device']}"
    for name in ("loss", "val_loss"):
        losses = [[epoch[name] for epoch in record["epochs"]] for record in (one, two)]
        np.testing.assert_allclose(*losses, rtol=0.01)


def test_two_devices_give_the_weights_of_one(trained):
    start = weights_of(*small_autoencoder(0))
    one, two = (load_file(folder.parent / "float32.safetensors") for folder in trained.values())
    for name, weights in one.items():
        moved = np.linalg.norm(weights - start[name])
        assert np.linalg.norm(two[name] - weights) < 0.01 * moved, name


def test_several_steps_in_one_call_change_nothing():
    """Nor does the last call, which has fewer steps left than it may do."""
    coarse = np.random.default_rng(0).random((56, 7, 7, 1), np.float32)
    images = np.kron(coarse, np.ones((1, 4, 4, 1), np.float32))
    weights, calls = [], []
    for steps in (1, 3):
        networks = small_autoencoder(0)
        model = compiled(networks, make_optimizer(Settings(epochs=1), 7))
        model.steps_per_execution = steps
        advances = []
        fit_epoch(model, images, images, 8, lambda n, _, seen=advances: seen.append(n))
        weights.append(weights_of(*networks))
        calls.append(advances)
    assert calls == [[8] * 7, [24] * 3]
    for name, expected in weights[0].items():
        np.testing.assert_allclose(weights[1][name], expected, atol=1e-4, err_msg=name)


def test_one_device_is_not_shared():
    with devices.shared(32, 60_000):
        assert keras.distribution.distribution() is None
    assert "×" not in devices.describe()

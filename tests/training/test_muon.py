"""Muon for convolutions, beside a second implementation in NumPy. Both methods of Keras that it overrides are private:
a Keras that calls others gives other steps and fails here."""

import keras
import numpy as np
import pytest

from cae.model.network import build_autoencoder
from cae.training.loop import Settings, make_optimizer
from cae.training.muon import ADAM_LR_RATIO, Muon

LEARNING_RATE, MOMENTUM = 0.01, 0.95
TURNED = {f"encoder_{index:02d}_conv/kernel" for index in (2, 4, 5)} | {
    f"decoder_{index:02d}_conv/kernel" for index in (5, 6, 7, 9)
}
"""The kernels of more than eight filters on more than one channel."""


def near_orthogonal(matrix: np.ndarray) -> np.ndarray:
    """Newton–Schulz: the singular values of (rows, columns) are driven towards one, the singular vectors stay."""
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / np.linalg.norm(x)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


def muon_steps(kernel: np.ndarray, gradients: list[np.ndarray]) -> np.ndarray:
    """What the gradients make of a kernel (k, k, C, F), with Nesterov's momentum, in float64."""
    kernel, momentum = kernel.astype(np.float64), np.zeros(kernel.shape)
    for gradient in gradients:
        momentum = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        towards = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        matrix = towards.reshape(-1, kernel.shape[-1])
        step = near_orthogonal(matrix) * 0.2 * np.sqrt(max(matrix.shape))
        kernel = kernel - LEARNING_RATE * step.reshape(kernel.shape)
    return kernel


def draws(shape: tuple[int, ...], count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(np.float32) for _ in range(count)]


def parts() -> list[keras.Variable]:
    """A variable for Muon, one for Adam."""
    return [keras.Variable(draws(shape, 1, seed=7)[0], name=f"v{len(shape)}") for shape in ((3, 3, 4, 16), (16,))]


def apply(optimizer: Muon, variables: list[keras.Variable], steps: range) -> None:
    gradients = [draws(tuple(variable.shape), steps.stop) for variable in variables]
    for step in steps:
        optimizer.apply([keras.ops.convert_to_tensor(found[step]) for found in gradients], variables)


@pytest.mark.parametrize(
    "shape", [(3, 3, 4, 16), (1, 1, 10, 40), (3, 3, 16, 9), (1, 1, 24, 24)], ids=["tall", "wide", "nine", "square"]
)
def test_steps_as_in_numpy(shape):
    start, gradients = draws(shape, 1, seed=7)[0], draws(shape, 4)
    kernel, optimizer = keras.Variable(start), Muon(LEARNING_RATE)
    for count, gradient in enumerate(gradients, start=1):
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [kernel])
        expected = muon_steps(start, gradients[:count])
        np.testing.assert_allclose(keras.ops.convert_to_numpy(kernel.value), expected, atol=1e-5)
    assert np.abs(expected - start).max() > 1e-2


def test_a_step_turns_and_does_not_stretch():
    """However unequal the gradient's directions are, the step goes as far in all of them."""
    rng = np.random.default_rng(1)
    left, _ = np.linalg.qr(rng.standard_normal((36, 16)))
    right, _ = np.linalg.qr(rng.standard_normal((16, 16)))
    gradient = (left * np.geomspace(1, 0.03, 16)) @ right
    kernel = keras.Variable(np.zeros((3, 3, 4, 16), np.float32))
    Muon(LEARNING_RATE).apply([keras.ops.convert_to_tensor(gradient.reshape(kernel.shape), "float32")], [kernel])
    step = -keras.ops.convert_to_numpy(kernel.value).reshape(36, 16) / (LEARNING_RATE * 0.2 * 6)
    sizes = np.linalg.svd(step, compute_uv=False)
    assert sizes.min() > 0.5
    assert sizes.max() < 1.3
    assert np.trace(left.T @ step @ right.T) > 0.6 * 16


def test_who_is_left_to_adam():
    """Adam's first step has the same size in every weight, the learning rate; a Muon step has not."""
    networks = build_autoencoder()
    variables = [variable for network in networks for variable in network.trainable_variables]
    before = [keras.ops.convert_to_numpy(variable.value).copy() for variable in variables]
    gradients = [draws(tuple(variable.shape), 1)[0] for variable in variables]
    Muon(LEARNING_RATE).apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    turned = set()
    for variable, start, gradient in zip(variables, before, gradients, strict=True):
        step = start - keras.ops.convert_to_numpy(variable.value)
        if not np.allclose(step, LEARNING_RATE * ADAM_LR_RATIO * np.sign(gradient), rtol=1e-2, atol=1e-6):
            turned.add("/".join(variable.path.split("/")[-2:]))
    assert turned == TURNED


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_what_decays(decay):
    """What Muon trains, by the decay times the learning rate at each step; what Adam trains never does."""
    variables = parts()
    before = [keras.ops.convert_to_numpy(variable.value).copy() for variable in variables]
    nothing = [keras.ops.zeros(variable.shape) for variable in variables]
    optimizer = make_optimizer(Settings(epochs=2, peak_learning_rate=LEARNING_RATE, weight_decay=decay), 10)
    rates = [float(optimizer.learning_rate)]
    for _ in range(4):
        optimizer.apply(nothing, variables)
        rates.append(float(optimizer.learning_rate))
    kernel, bias = (keras.ops.convert_to_numpy(variable.value) for variable in variables)
    assert max(rates) == pytest.approx(LEARNING_RATE)
    np.testing.assert_allclose(kernel, before[0] * np.prod([1 - decay * rate for rate in rates[:-1]]), rtol=1e-6)
    assert np.array_equal(bias, before[1])


def test_equal_runs_and_a_resumed_one_give_equal_weights():
    """The state is all that a fresh optimiser needs to go on as if there had been no break."""

    def weights(variables) -> list[np.ndarray]:
        return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]

    schedule = keras.optimizers.schedules.CosineDecay(0.0, 5, warmup_target=LEARNING_RATE, warmup_steps=2)
    runs = []
    for _ in range(2):
        variables, optimizer = parts(), Muon(schedule, use_ema=True, ema_momentum=0.9)
        apply(optimizer, variables, range(5))
        runs.append(weights(variables) + weights(optimizer.variables))

    variables, optimizer = parts(), Muon(schedule, use_ema=True, ema_momentum=0.9)
    apply(optimizer, variables, range(3))
    state = weights(optimizer.variables)
    fresh = Muon(schedule, use_ema=True, ema_momentum=0.9)
    fresh.build(variables)
    assert len(fresh.variables) == len(state)
    for variable, array in zip(fresh.variables, state, strict=True):
        variable.assign(array)
    apply(fresh, variables, range(3, 5))
    runs.append(weights(variables) + weights(fresh.variables))

    for again, resumed, first in zip(runs[1], runs[2], runs[0], strict=True):
        assert np.array_equal(again, first)
        assert np.array_equal(resumed, first)

"""The map of codes: its layouts against other implementations, what is shipped, and what belongs to other weights."""

import base64
import json

import numpy as np
import pytest

from cae.data import sources
from cae.engine.client import Engine
from cae.evaluation import code_map
from cae.evaluation.code_map import IMAGES, MAP, kept_neighbours, principal, quantised
from cae.model import store

SHIPPED = [name for name in store.names() if code_map.read(store.load(name))]


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def codes_of(found: dict) -> np.ndarray:
    """The codes (N, 49) that a map's bytes stand for."""
    symbols = np.frombuffer(base64.b64decode(found["codes"]), np.uint8).reshape(-1, 49)
    return floats(found["low"]) + floats(found["step"]) * symbols


@pytest.fixture
def codes() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(60, 49)) @ rng.normal(size=(49, 49))).astype(np.float32)


def test_codes_in_8_bits_are_off_by_half_a_step(codes):
    codes[:, 7] = 3  # a cell that never changes
    symbols, low, step = quantised(codes)
    assert symbols.dtype == np.uint8
    assert np.array_equal(symbols.min(axis=0), np.zeros(49))
    assert (np.abs(low + step * symbols - codes) <= step / 2 + 1e-4).all()


def test_the_directions_are_those_of_the_singular_value_decomposition(codes):
    mean, components, variance = principal(codes)
    _, singular, directions = np.linalg.svd(codes - codes.mean(axis=0, dtype=np.float64), full_matrices=False)
    assert np.allclose(np.abs(components @ directions[:2].T), np.eye(2), atol=1e-4)
    assert variance == pytest.approx((singular[:2] ** 2).sum() / (singular**2).sum(), abs=1e-4)
    assert np.allclose(mean, codes.mean(axis=0), atol=1e-4)
    assert all(each[np.abs(each).argmax()] > 0 for each in components)


def test_kept_neighbours_counted_one_by_one(codes):
    points = codes[:, :2]
    shares = []
    for index in range(len(codes)):
        near, shown = (
            set(np.argsort(np.linalg.norm(each - each[index], axis=1))[1:11]) for each in (codes.astype(float), points)
        )
        shares.append(len(near & shown) / 10)
    assert kept_neighbours(codes, points) == pytest.approx(np.mean(shares), abs=0.002)
    assert kept_neighbours(codes, codes) == 1


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_map_says_of_itself_what_it_is(name):
    found = code_map.read(store.load(name))
    codes, points = codes_of(found), floats(found["umap"]["points"]).reshape(-1, 2)
    assert len(codes) == len(points) == len(base64.b64decode(found["labels"])) == IMAGES
    assert set(base64.b64decode(found["labels"])) == set(range(len(found["classes"])))
    mean, components, variance = principal(codes)
    assert np.allclose(floats(found["pca"]["mean"]), mean, atol=1e-4)
    assert np.allclose(floats(found["pca"]["components"]).reshape(2, 49), components, atol=1e-4)
    assert found["pca"]["variance"] == pytest.approx(variance, abs=1e-3)
    assert found["umap"]["kept"] == pytest.approx(kept_neighbours(codes, points), abs=0.003)
    assert found["pca"]["kept"] == pytest.approx(kept_neighbours(codes, (codes - mean) @ components.T), abs=0.003)
    assert found["umap"]["kept"] > found["pca"]["kept"]
    assert (store.FOLDER / name / MAP).stat().st_size < 200_000


@pytest.mark.parametrize("name", SHIPPED)
def test_its_codes_are_those_of_the_test_images(name, engine: Engine, data_folder):  # noqa: ARG001
    model = store.load(name)
    found, data = code_map.read(model), sources.of(model).dataset
    latents = engine.encode(model.network(), data.x_test[:64]).reshape(64, 49)
    assert (np.abs(codes_of(found)[:64] - latents) <= floats(found["step"]) / 2 + 0.02).all()
    assert base64.b64decode(found["labels"])[:64] == bytes(data.y_test[:64])


def test_the_map_of_other_weights_is_not_shown(tmp_path):
    folder = tmp_path / "mine"
    store.seal(folder, {"encoder.safetensors": b"1", "decoder.safetensors": b"2"})
    assert code_map.read(store.load("mine", tmp_path)) is None
    model = store.load("mine", tmp_path)
    made_for = {name: model.checksums[name] for name in code_map.MADE_FOR}
    store.seal(folder, {MAP: json.dumps({"made_for": made_for})})
    assert code_map.read(store.load("mine", tmp_path)) == {"made_for": made_for}
    store.seal(folder, {"decoder.safetensors": b"3"})
    assert code_map.read(store.load("mine", tmp_path)) is None

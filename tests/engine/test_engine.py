import gc
import os
import shutil
import signal
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from places import ROOT
from worker_process import gone, pid_of

from cae.engine import worker
from cae.engine.client import Engine, EngineDied, EngineError, ModelUnavailable, Result
from cae.imaging.pixels import as_network_input
from cae.model import lean, store
from cae.model.denoising import CHANGE_OF_NOISE

pytestmark = pytest.mark.slow

LONG = 180.0
"""Seconds to wait for a start on a busy machine."""
ROUNDING = 1e-4
"""A batch may add its products in another order than one picture alone does, so latents differ by some 3e-6."""


@pytest.fixture(scope="module")
def networks() -> dict:
    """Fresh networks; the test process may use Keras, the engine's parent does not."""
    from cae.model.network import build_autoencoder

    return {"autoencoder": build_autoencoder(0), "denoiser": build_autoencoder(7)}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, networks: dict) -> Path:
    """mnist has a denoiser, photos has none, altered, strange and broken cannot be used."""
    root = tmp_path_factory.mktemp("program") / "models"
    encoder, decoder = networks["autoencoder"]
    for name in ("mnist", "photos", "altered", "strange"):
        networks_of_parts = {"encoder": (encoder,), "decoder": (encoder if name == "strange" else decoder,)}
        if name == "mnist":
            networks_of_parts["denoiser"] = networks["denoiser"]
        seal(root / name, networks_of_parts)
    for folder in (root / "broken", root.parent / "runs" / "broken"):
        folder.mkdir(parents=True)
        (folder / store.MANIFEST).write_text("{")
    with (root / "altered" / "encoder.safetensors").open("ab") as file:
        file.write(b"\0")
    return root


def seal(folder: Path, networks_of_parts: dict) -> None:
    from cae.model.network import weights_of

    files = {f"{part}.safetensors": store.weights_file(weights_of(*of)) for part, of in networks_of_parts.items()}
    store.seal(folder, {**files, "history.json": '{"autoencoder": {"epochs": []}}'})


@pytest.fixture(scope="module")
def engine(root: Path):
    engine = Engine(root)
    engine.start()
    assert engine.wait(LONG)
    yield engine
    engine.close()


def pictures(n: int, seed: int = 0, side: int = 28) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, side, side), np.uint8)


def test_start_returns_before_the_network_is_ready(root: Path) -> None:
    engine = Engine(root)
    before = monotonic()
    engine.start()
    engine.start()
    assert monotonic() - before < 1
    assert (engine.status, engine.ready, engine.device) == ("starting", False, None)
    assert not engine.wait(0.05)
    pid = pid_of(root)
    engine.close()
    assert pid is None or gone(pid)
    assert pid_of(root) is None
    with pytest.raises(EngineError, match="shut down"):
        engine.run("mnist", pictures(1))


def test_close_also_when_never_started(root: Path) -> None:
    Engine(root).close()


def test_it_says_what_it_runs_on(engine: Engine) -> None:
    assert engine.wait(LONG)
    assert engine.status == "ready"
    assert engine.device


@pytest.mark.parametrize("n", [1, 3, 70])
def test_the_answers_are_those_of_keras(engine: Engine, networks: dict, n: int) -> None:
    encoder, decoder = networks["autoencoder"]
    x = as_network_input(pictures(n))
    latent = np.asarray(encoder(x))
    reconstruction = np.clip(np.asarray(decoder(latent)), 0, 1)
    again, back = networks["denoiser"]
    answer = np.clip(np.asarray(back(again(reconstruction))), 0, 1)
    second_pass = np.clip(np.asarray(decoder(encoder(reconstruction))), 0, 1)
    changes = [((reconstruction - after) ** 2).mean((1, 2, 3), keepdims=True) for after in (answer, second_pass)]
    clean = 1 / (1 + changes[0] * changes[1] / CHANGE_OF_NOISE**2)
    denoised = np.clip(clean * (2 * reconstruction - second_pass) + (1 - clean) * answer, 0, 1)

    result = engine.run("mnist", pictures(n))

    assert result.latent.dtype == np.float32
    np.testing.assert_allclose(result.latent, latent, atol=1e-4)
    assert_rounded(result.reconstruction, reconstruction)
    assert_rounded(result.denoised, denoised)
    assert result.milliseconds > 0
    np.testing.assert_allclose(engine.encode("mnist", pictures(n)), latent, atol=1e-4)
    assert_rounded(engine.decode("mnist", latent), reconstruction)
    redrawn = engine.redraw("mnist", latent)
    np.testing.assert_array_equal(redrawn.latent, latent)
    assert_rounded(redrawn.reconstruction, reconstruction)
    assert_rounded(redrawn.denoised, denoised)
    assert redrawn.milliseconds > 0


def assert_rounded(pictures: np.ndarray, expected: np.ndarray) -> None:
    """uint8 (N, H, W) are floats (N, H, W, 1) that agree within 1e-4, rounded: few of them to the other side."""
    assert pictures.dtype == np.uint8
    off = np.abs(pictures - 255 * expected[..., 0])
    assert off.max() < 0.5 + 255 * 1e-4
    assert np.mean(off > 0.5) < 0.02


def test_any_size_that_four_divides(engine: Engine) -> None:
    latent = engine.encode("photos", np.zeros((2, 32, 48), np.uint8))
    assert latent.shape == (2, 8, 12, 1)
    assert engine.decode("photos", latent).shape == (2, 32, 48)


def test_a_model_without_denoiser(engine: Engine) -> None:
    result = engine.run("photos", pictures(2))
    assert result.denoised is None
    redrawn = engine.redraw("photos", result.latent)
    assert redrawn.denoised is None
    assert_agree(redrawn.reconstruction, result.reconstruction)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("unknown", "no trained model 'unknown'"),
        ("../mnist", "no trained model"),
        ("altered", "was altered"),
        ("strange", "not those of this network"),
        ("broken", "manifest of the model broken cannot be read"),
        ("runs/broken", "manifest of the model runs/broken cannot be read"),
    ],
)
def test_a_model_that_cannot_be_used(engine: Engine, root: Path, model: str, sentence: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"^The(re)? .*\.$") as raised:
        engine.run(model, pictures(1))
    assert sentence in str(raised.value)
    assert str(root) not in str(raised.value), "visitors see it"
    engine.run("mnist", pictures(1))


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((0, 28, 28), np.uint8),
        np.zeros((1, 28, 28, 3), np.uint8),
        np.zeros((1, 30, 28), np.uint8),
        np.zeros((1, 2048, 2048), np.uint8),
        np.zeros((1, 28, 28)),
        "picture",
        [[1, 2], [3]],
        None,
    ],
    ids=["shape", "none of them", "colour", "not of 4", "huge", "floats", "text", "ragged", "none"],
)
def test_bad_input(engine: Engine, images) -> None:
    for operation in (engine.run, engine.encode):
        with pytest.raises(ValueError, match=r"^The pictures .*\.$"):
            operation("mnist", images)


@pytest.mark.parametrize(
    "latents",
    [np.zeros((1, 7, 7)), np.zeros((1, 512, 512, 1)), *(np.full((1, 7, 7, 1), x) for x in (np.nan, np.inf, 1e300))],
)
def test_bad_latents(engine: Engine, latents: np.ndarray) -> None:
    for operation in (engine.decode, engine.redraw):
        with pytest.raises(ValueError, match=r"^The latents .*\.$"):
            operation("mnist", latents)


def test_each_thread_gets_its_own_answer(engine: Engine) -> None:
    def ask(seed: int) -> bool:
        alone = engine.encode("mnist", pictures(1, seed))
        return all(np.allclose(engine.run("mnist", pictures(1, seed)).latent, alone, atol=ROUNDING) for _ in range(3))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(16)))


@pytest.mark.parametrize("fate", ["goes on", "is killed"])
def test_many_that_wait_together(engine: Engine, root: Path, fate: str) -> None:
    """Of 60 requests of many kinds each gets the answer that it gets alone; those of one kind come in one batch."""
    assert engine.wait(LONG)
    latents = engine.encode("mnist", pictures(4, 1))
    asked = [
        *((engine.run, "mnist", pictures(1, seed)) for seed in range(24)),
        *((engine.encode, "photos", pictures(2, seed, side=32)) for seed in range(8)),
        *((engine.decode, "mnist", latents[seed % 4 : seed % 4 + 1] + seed) for seed in range(16)),
        *((engine.background().run, "mnist", pictures(1, seed)) for seed in range(100, 112)),
    ]
    alone = [parts(ask(*given)) for ask, *given in asked]
    pid = pid_of(root)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(len(asked) + 1) as threads:
        first = threads.submit(engine.encode, "mnist", pictures(1))  # under way when the others come
        waiting = [threads.submit(*each) for each in asked]
        sleep(0.5)
        os.kill(pid, signal.SIGCONT if fate == "goes on" else signal.SIGKILL)
        found = [each.result(LONG) for each in waiting]
        first.result(LONG)
    for one, other in zip(alone, map(parts, found), strict=True):
        for expected, given in zip(one, other, strict=True):
            assert_agree(given, expected)
    steps = {result.milliseconds for result in found[:24]}
    assert len(steps) <= 12, "with 24 requests at once, most are answered together"


def assert_agree(given: np.ndarray, expected: np.ndarray) -> None:
    """Latents but for the rounding of their sums, pictures but for one grey where that falls between two."""
    np.testing.assert_allclose(given.astype(float), expected, atol=1 if expected.dtype == np.uint8 else ROUNDING)


def parts(result: Result | np.ndarray) -> list[np.ndarray]:
    return [result] if isinstance(result, np.ndarray) else [result.latent, result.reconstruction, result.denoised]


def test_background_gives_the_same_answers(engine: Engine) -> None:
    """Though its steps are shorter."""
    images = pictures(20)
    for one, other in zip(
        parts(engine.run("mnist", images)), parts(engine.background().run("mnist", images)), strict=True
    ):
        assert_agree(other, one)


def test_a_child_killed_between_requests_is_replaced(engine: Engine, root: Path) -> None:
    assert engine.wait(LONG)
    before = engine.run("mnist", pictures(1)).latent
    pid = pid_of(root)
    os.kill(pid, signal.SIGKILL)
    np.testing.assert_allclose(engine.run("mnist", pictures(1)).latent, before, atol=1e-6)
    assert pid_of(root) != pid
    assert gone(pid)


def test_a_start_that_fails(root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "abacus")
    engine = Engine(root)
    engine.start()
    assert not engine.wait(LONG)
    assert engine.status == "failed"
    with pytest.raises(EngineDied, match="could not be started"):
        engine.run("mnist", pictures(1))
    engine.close()
    assert "abacus" in caplog.text


def in_a_parent(code: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_parent_imports_neither_keras_nor_streamlit() -> None:
    code = (
        "import cae.engine.client, sys; "
        "print({m.split('.')[0] for m in sys.modules} & {'tensorflow', 'keras', 'streamlit'})"
    )
    with in_a_parent(code) as parent:
        assert parent.communicate(timeout=LONG)[0].strip() == "set()"


def test_the_process_imports_nothing_that_no_request_needs(engine: Engine, root: Path) -> None:
    engine.encode("mnist", pictures(1))
    maps = Path(f"/proc/{pid_of(root)}/maps").read_text()
    assert "/tensorflow/" in maps
    assert [name for name in lean.UNUSED if f"/{name}/" in maps] == []


def test_a_model_trained_anew_is_served_anew(engine: Engine, root: Path) -> None:
    """By the same process, under its name; under that of the old version it is not served any more."""
    from cae.model.network import build_autoencoder

    def outputs(encoder, decoder, images: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(decoder(encoder(as_network_input(images)))), 0, 1)

    images, folder = pictures(2), root / "anew"
    old, new = build_autoencoder(1), build_autoencoder(2)
    seal(folder, {"encoder": old[:1], "decoder": old[1:]})
    before = store.load("anew", root).network()
    assert engine.wait(LONG)
    pid = pid_of(root)
    for name in ("anew", before):
        assert_rounded(engine.run(name, images).reconstruction, outputs(*old, images))

    seal(folder, {"encoder": new[:1], "decoder": new[1:], "denoiser": new})
    assert_rounded(engine.run(before, images).reconstruction, outputs(*old, images))
    after = store.load("anew", root).network()
    for name in (after, "anew"):
        result = engine.run(name, images)
        assert_rounded(result.reconstruction, outputs(*new, images))
        assert result.denoised is not None
    assert np.abs(outputs(*old, images) - outputs(*new, images)).max() > 0.01
    with pytest.raises(ModelUnavailable, match="has changed since it was loaded"):
        engine.run(before, images)

    (folder / "encoder.safetensors").write_bytes(b"")
    assert engine.run(after, images).denoised is not None, "still in memory"
    (folder / store.MANIFEST).write_bytes(b"")
    with pytest.raises(ModelUnavailable, match="manifest of the model anew cannot be read"):
        engine.run("anew", images)
    shutil.rmtree(folder)
    assert pid_of(root) == pid


def test_networks_are_forgotten(root: Path, tmp_path: Path) -> None:
    """Of a model, all versions but the last that was asked for; of models, the one not asked for longest."""
    from cae.engine.keras_operations import operations

    networks = worker.Networks(shutil.copytree(root, tmp_path / "models"), operations, most=2)
    first = networks.get("photos")
    assert networks.get("photos") is first
    assert networks.get(store.load("photos", networks.root).network()) is first
    encode = weakref.ref(first["encode"])
    store.seal(networks.root / "photos", {"README.md": "# another version\n"})
    assert networks.get("photos") is not first
    del first
    gc.collect()
    assert encode() is None

    shutil.copytree(root / "photos", networks.root / "other")
    photos, other = networks.get("photos"), networks.get("other")
    assert networks.get("photos") is photos
    networks.get("mnist")  # one too many, and "other" was asked for before "photos"
    assert networks.get("photos") is photos
    assert networks.get("other") is not other

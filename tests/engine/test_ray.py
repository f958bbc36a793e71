"""Engines on a Ray cluster of this machine, and a folder that is spread over it. ONNX Runtime stands behind them."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import light_clone
import numpy as np
import pytest

from cae.cli.browser import free_ports
from cae.data.sources import source
from cae.engine import stored_examples
from cae.engine.client import Engine, ModelUnavailable
from cae.engine.process import ENGINE
from cae.imaging.pixels import to_png
from cae.model import store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install -r requirements-ray.txt"),
]

LONG = 180.0
"""Seconds to wait for a start on a busy machine."""


@dataclass(frozen=True)
class Cluster:
    folder: Path
    """A clone with the light engine."""
    environment: dict[str, str]
    address: str
    """Of the engines."""

    def cae(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "cae", *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)

    def processes(self, title: bytes = b"") -> set[int]:
        """All processes of the cluster, known by its token, or those with these words in their command lines."""
        found, token = set(), self.environment["RAY_AUTH_TOKEN"].encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended
                if title in (folder / "cmdline").read_bytes() and token in (folder / "environ").read_bytes():
                    found.add(int(folder.name))
        return found

    def replicas(self) -> set[int]:
        return self.processes(b"ServeReplica:cae:Engine")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("ray")
    ray_port, port = free_ports(2)
    environment = light_clone.make(folder) | {
        "RAY_ADDRESS": f"127.0.0.1:{ray_port}",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_prestart_worker_first_driver": "0",  # processes that may never be needed take seconds to start
    }
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as temporary:  # a path of a socket has few letters
        start = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--num-cpus=4"]
        start += [f"--port={ray_port}", "--node-ip-address=127.0.0.1", "--include-dashboard=false"]
        start += ["--object-store-memory=100000000", f"--temp-dir={temporary}", "--disable-usage-stats"]
        engines = [sys.executable, "-m", "cae", "engine", "--ray", "--replicas", "2", "--port", str(port)]
        found = Cluster(folder, environment, f"ray://127.0.0.1:{port}")
        started: list[subprocess.Popen] = []

        def run(command: list[str]) -> None:
            started.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL))

        try:
            run(start)
            wait_until(lambda: listens(ray_port))
            run(engines)
            yield found
        finally:
            for pid in found.processes():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for process in started:
                process.wait()


def wait_until(condition) -> None:
    end = monotonic() + LONG
    while not condition():
        assert monotonic() < end
        sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[Engine]:
    """As an app has it, which has nothing of Ray."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "FOLDER", cluster.folder / "pretrained")
        patch.setenv(ENGINE, cluster.address)
        engine = Engine(store.FOLDER)
        assert engine.wait(LONG)
        yield engine
        engine.close()


def test_it_answers_as_an_engine_of_ones_own(engine: Engine):
    assert "ONNX" in engine.device
    drawings = source("mnist").examples.images()
    found = engine.run("mnist", drawings)
    expected = stored_examples.read(store.load("mnist", store.FOLDER)).results.values()
    np.testing.assert_allclose(found.latent, np.concatenate([each.latent for each in expected]), atol=1e-4)
    assert np.abs(found.denoised.astype(int) - np.concatenate([each.denoised for each in expected])).max() <= 1
    assert np.abs(engine.decode("mnist", found.latent).astype(int) - found.reconstruction).max() <= 1
    with pytest.raises(ModelUnavailable, match="There is no trained model 'clouds'"):
        engine.run("clouds", drawings)


def test_each_of_many_gets_its_own_answer_and_some_are_answered_together(engine: Engine):
    pictures = [np.random.default_rng(seed).integers(0, 256, (1, 28, 28), np.uint8) for seed in range(48)]
    with ThreadPoolExecutor(24) as threads:
        found = list(threads.map(lambda each: engine.run("mnist", each), pictures))
    together = engine.encode("mnist", np.concatenate(pictures))
    for result, latent in zip(found, together, strict=True):
        np.testing.assert_allclose(result.latent[0], latent, atol=1e-4)
    assert len({result.milliseconds for result in found}) < len(found)


def test_a_killed_replica_is_replaced(engine: Engine, cluster: Cluster):
    before = cluster.replicas()
    assert len(before) == 2
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    for _ in range(8):
        assert engine.run("mnist", np.zeros((1, 28, 28), np.uint8)).latent.shape == (1, 7, 7, 1)
    wait_until(lambda: len(cluster.replicas() - {killed}) == 2)


def test_a_folder_is_spread_over_the_cluster(cluster: Cluster, tmp_path: Path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for seed in range(5):
        image = np.random.default_rng(seed).integers(0, 256, (28, 28), np.uint8)
        (pictures / f"{seed}.png").write_bytes(to_png(image))
    (pictures / "5.png").write_bytes(b"no picture")
    options = ("--quality", "5", "--model", "mnist")
    alone = cluster.cae("compress", str(pictures), "-o", str(tmp_path / "alone"), *options)
    spread = cluster.cae("compress", str(pictures), "-o", str(tmp_path / "spread"), *options, "--ray")
    assert spread.stderr.splitlines()[-2:] == [
        line.replace("alone", "spread") for line in alone.stderr.splitlines()[-2:]
    ], spread.stderr
    assert spread.returncode == alone.returncode == 2
    files = sorted(path.name for path in (tmp_path / "alone").iterdir())
    assert files == [f"{seed}.png.cae" for seed in range(5)]
    for name in files:
        assert (tmp_path / "spread" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    shutil.rmtree(tmp_path / "spread")
    refused = cluster.cae("compress", str(pictures / "0.png"), "-o", str(tmp_path / "0.cae"), "--ray")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)

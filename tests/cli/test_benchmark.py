"""The benchmark of the training alone, at a small scale."""

import json

import pytest

from cae.__main__ import main
from cae.cli import benchmark, benchmark_training

pytestmark = pytest.mark.slow


def test_training_only(monkeypatch, capfd):
    monkeypatch.setattr(benchmark_training, "TRAINING_IMAGES", 64)
    monkeypatch.setattr(benchmark_training, "ROUNDS", 1)
    assert main(["benchmark", "--training-only", "--json"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert result.keys() == {"device", "backend", "training"}
    found = result["training"]
    assert min(value for value in found.values() if isinstance(value, float)) > 0
    ratio = found["images_per_second"] / found["plain_keras_images_per_second"]
    assert found["times_plain_keras"] == pytest.approx(ratio, abs=0.01, rel=0.01)
    benchmark._show(result)
    out = capfd.readouterr().out
    assert f"{found['images_per_second']:,.0f} images/s" in out
    assert "Page" not in out

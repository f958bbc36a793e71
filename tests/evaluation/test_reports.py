"""What is read of the models' files, and that a gap in them is a gap only."""

import json
import shutil

import pytest

from cae.evaluation import reports
from cae.model import store


@pytest.fixture
def root(tmp_path):
    """A folder with the shipped models' files that the page reads."""
    for name in store.names():
        shutil.copytree(store.FOLDER / name, tmp_path / name, ignore=shutil.ignore_patterns("training"))
    return tmp_path


def test_figures_are_the_files(root):
    for outcome in reports.read_all(root):
        folder = root / outcome.name
        assert (outcome.evaluation is not None) == (outcome.name in ("mnist", "fashion_mnist"))
        if not outcome.evaluation:
            continue
        evaluation = json.loads((folder / "evaluation.json").read_text())
        assert outcome.mse == evaluation["reconstruction"]["mse"]
        assert outcome.denoised_mse == (evaluation["denoised"] or {}).get("mse")
        assert outcome.pixel_variance == evaluation["baselines"]["constant_image"]["mse"]
        assert outcome.autoencoder == json.loads((folder / "history.json").read_text())["autoencoder"]
    assert [outcome.name for outcome in reports.read_all(root)] == store.names()


def test_model_without_evaluation(root):
    (root / "mnist" / "evaluation.json").unlink()
    store.seal(root / "mnist")
    outcome = reports.read_all(root)[0]
    assert (outcome.mse, outcome.denoised_mse, outcome.pixel_variance, outcome.noisy) == (None, None, None, [])
    assert outcome.autoencoder["epochs"]


def test_a_model_with_altered_figures_is_left_out(root):
    file = root / "mnist" / "evaluation.json"
    file.write_text(file.read_text().replace("0.0", "0.00"))
    assert [outcome.name for outcome in reports.read_all(root)] == ["fashion_mnist", "photos"]


def test_unreadable_model_is_left_out(root):
    (root / "mnist" / "history.json").unlink()
    assert "mnist" not in [outcome.name for outcome in reports.read_all(root)]


def test_no_models(tmp_path):
    assert reports.read_all(tmp_path) == []
    assert reports.read_stability(tmp_path) is None


def test_stability(tmp_path):
    content = {"images": 6_000, "epochs": 2, "runs": []}
    (tmp_path / "stability.json").write_text(json.dumps(content))
    assert reports.read_stability(tmp_path) == content
    (tmp_path / "stability.json").write_text("{")
    assert reports.read_stability(tmp_path) is None

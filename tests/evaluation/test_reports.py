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
    for report in reports.read_all(root):
        folder = root / report.name
        assert (report.evaluation is not None) == (report.name in ("mnist", "fashion_mnist"))
        if not report.evaluation:
            continue
        evaluation = json.loads((folder / "evaluation.json").read_text())
        assert report.mse == evaluation["reconstruction"]["mse"]
        assert report.denoised_mse == (evaluation["denoised"] or {}).get("mse")
        assert report.pixel_variance == evaluation["baselines"]["constant_image"]["mse"]
        assert report.autoencoder == json.loads((folder / "history.json").read_text())["autoencoder"]
    assert [report.name for report in reports.read_all(root)] == store.names()


def test_model_without_evaluation(root):
    (root / "mnist" / "evaluation.json").unlink()
    store.seal(root / "mnist")
    report = reports.read_all(root)[0]
    assert (report.mse, report.denoised_mse, report.pixel_variance, report.noisy) == (None, None, None, [])
    assert report.autoencoder["epochs"]


def test_a_model_with_altered_figures_is_left_out(root):
    file = root / "mnist" / "evaluation.json"
    file.write_text(file.read_text().replace("0.0", "0.00"))
    assert [report.name for report in reports.read_all(root)] == ["fashion_mnist", "photos"]


def test_unreadable_model_is_left_out(root):
    (root / "mnist" / "history.json").unlink()
    assert "mnist" not in [report.name for report in reports.read_all(root)]


def test_no_models(tmp_path):
    assert reports.read_all(tmp_path) == []
    assert reports.read_stability(tmp_path) is None


def test_stability(tmp_path):
    content = {"images": 6_000, "epochs": 2, "runs": []}
    (tmp_path / "stability.json").write_text(json.dumps(content))
    assert reports.read_stability(tmp_path) == content
    (tmp_path / "stability.json").write_text("{")
    assert reports.read_stability(tmp_path) is None

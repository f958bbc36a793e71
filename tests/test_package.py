"""The wheel: what it holds, and that it works by itself in a folder that holds nothing of the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from urllib.request import urlopen

import pytest
from places import ROOT

from cae.cli.browser import running_app
from cae.ui.pages.teachers import ADDRESS, TITLES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder into which the wheel has been unpacked, as pip would do."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(folder), ROOT]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site-packages")
    return folder / "site-packages"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Python in `folder`, with the installed package in place of the repository's."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-P", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_every_file_of_the_package_is_inside(installed):
    folders = ("cae", "pretrained", "examples/stages", *(f"docs/{name}.md" for name in (*TITLES, ADDRESS)))
    listing = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    tracked = [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert any(name.endswith(".js") for name in tracked)
    for name in tracked:
        inside = installed / (name if name.startswith("cae/") else f"cae/{name}")
        assert inside.read_bytes() == (ROOT / name).read_bytes()


def test_the_app_is_inside_and_starts(installed):
    folder = installed / "cae" / "app"
    for name in ("app.py", ".streamlit/config.toml"):
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes()
    with running_app(os.environ | {"PYTHONPATH": str(installed)}, folder) as app, urlopen(app.url) as response:
        assert response.status == 200


def test_requirements_are_those_of_the_files(installed):
    (distribution,) = metadata.distributions(path=[str(installed)])
    requires = distribution.requires or []
    for name, marker in (
        ("requirements.txt", ""),
        ("requirements-gpu.txt", "gpu"),
        ("requirements-ray.txt", "ray"),
        ("requirements-dev.txt", "dev"),
    ):
        listed = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
        expected = sum(bool(line) and not line.startswith("-r") for line in listed)
        assert sum(marker == item.partition("extra == ")[2].strip("'\"") for item in requires) == expected > 0
    (script,) = distribution.entry_points
    assert (script.group, script.name, script.value) == ("console_scripts", "cae", "cae.__main__:main")


def test_the_light_engine_has_the_same_requirements_but_for_the_library():
    whole, light = (
        {line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()} - {""}
        for name in ("requirements.txt", "requirements-onnx.txt")
    )
    assert {re.match(r"\w+", line)[0] for line in whole - light} == {"tensorflow", "keras", "tensorboard"}
    assert {re.match(r"\w+", line)[0] for line in light - whole} == {"onnx", "onnxruntime"}


def test_it_works_in_an_empty_folder(installed, tmp_path):
    info = run(installed, tmp_path, "-m", "cae", "info", "--json")
    assert info.stderr == ""
    assert [model["name"] for model in json.loads(info.stdout)["pretrained"]] == ["mnist", "fashion_mnist", "photos"]
    assert list(tmp_path.iterdir()) == []


def test_the_engine_starts_beside_files_with_the_names_of_modules(installed, tmp_path):
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong module')")
    picture = installed / "cae/ui/icon.png"
    packed = run(installed, tmp_path, "-m", "cae", "compress", str(picture), "-o", "icon.cae")
    assert packed.returncode == 0, packed.stderr
    assert (tmp_path / "icon.cae").read_bytes()[:3] == b"CAE"


def test_models_of_ones_own_lie_in_the_current_folder(installed, tmp_path):
    code = "from cae.model import store; print(store.FOLDER, store.HOME, *(x.name for x in store.available()[0]))"
    shutil.copytree(installed / "cae/pretrained/mnist", tmp_path / "runs" / "mine")
    found = run(installed, tmp_path, "-c", code).stdout.split()
    assert found == [f"{installed}/cae/pretrained", str(tmp_path), "mnist", "fashion_mnist", "photos", "runs/mine"]

"""`export-static`: the files that are there, and what is refused."""

import json
import re

import pytest

from cae.__main__ import main
from cae.model import store


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy") / "new"
    assert main(["export-static", str(folder)]) == 0
    return folder


def test_weights_are_those_of_the_models(copy):
    models = json.loads((copy / "models.json").read_text())
    assert [model["name"] for model in models] == ["mnist", "fashion_mnist"]
    for model in models:
        curves, folder = model["curves"], store.FOLDER / model["name"]
        addresses = [
            *model["parts"].values(),
            curves["history"],
            *(curves["snapshot"].format(epoch=f"{epoch:03d}") for epoch in curves["epochs"]),
        ]
        assert len(addresses) == 3 + 1 + len(store.load(model["name"]).snapshot_epochs)
        for address in addresses:
            name = address.removeprefix(f"weights/{model['name']}/")
            assert (copy / address).read_bytes() == (folder / name).read_bytes()


def test_every_module_that_is_imported_is_there(copy):
    modules = list((copy / "assets").rglob("*.js"))
    assert modules
    for module in modules:
        text = module.read_text()
        for name in re.findall(r'(?:from|import\() ?"(\.[^"]+)"', text) + re.findall(r'URL\("([\w./]+\.js)"', text):
            assert (module.parent / name).resolve().is_file(), f"{module.name}: {name}"
    assert not [module for module in modules if module.name == "streamlit.js"]


def test_the_page_is_whole(copy):
    page = (copy / "index.html").read_text()
    assert "{{" not in page
    assert '<div class="pad"></div>' in page
    assert not re.findall(r'(?:src|href)="(?:https?:|/)', page), "nothing comes from elsewhere"


def test_a_folder_that_is_not_empty_is_left_alone(copy, capsys):
    before = sorted(copy.rglob("*"))
    assert main(["export-static", str(copy)]) == 2
    assert capsys.readouterr().err.strip() == f"{copy} is not an empty folder: name a new one."
    assert sorted(copy.rglob("*")) == before

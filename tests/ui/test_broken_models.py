"""A model folder that is broken in any one file: the pages leave it out, say so in one sentence, and go on.

The pages run in a process of their own, on a copy of the program with models of its own, and without a network.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest
from places import ROOT

pytestmark = pytest.mark.slow

VISIT = """
import json, shutil
from functools import cache
from pathlib import Path
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from cae.codec.codec import SETTINGS
from cae.model import store
from cae.ui import resources

# AppTest would read the metadata of all installed packages at every run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
RUNS = store.FOLDER.parent / store.RUNS
whole = shutil.copytree(store.FOLDER / "mnist", RUNS / "whole")
pages = {
    "the first": "from cae.ui import navigation as page",
    "compress": "from cae.ui.pages.compress import page",
    "evidence": "from cae.ui.pages import evidence as page",
}

def visit(page):
    show = "page.show()" if page == "the first" else "resources.show_problems()\\npage.page()"
    app = AppTest.from_string(f"from cae.ui import resources\\n{pages[page]}\\n{show}", default_timeout=60).run()
    choices = [each.options for each in app.get("button_group")]
    names = {"runs/broken", "runs/whole"} & {name for options in choices for name in options}
    text = "\\n".join(each.value for kind in (app.markdown, app.subheader) for each in kind)
    names |= {name for name in ("runs/broken", "runs/whole") if name in text}
    app_error = [each.message for each in app.exception]
    return {"errors": app_error, "names": sorted(names), "said": [each.value for each in app.warning]}

def broken(break_it):
    folder = shutil.copytree(whole, RUNS / "broken")
    break_it(folder)
    found = {page: visit(page) for page in pages}
    shutil.rmtree(folder)
    return found

def sealed(name, content):
    return lambda folder: store.seal(folder, {name: content})

examples = json.loads((whole / "examples.json").read_text())
codec = json.loads((whole / SETTINGS).read_text())
history = json.loads((whole / store.HISTORY).read_text())
del history["autoencoder"]["epochs"][3]["val_loss"]
breaks = {
    "nothing": lambda folder: None,
    store.MANIFEST: lambda folder: (folder / store.MANIFEST).write_text("{"),
    **{
        f"altered {name}": lambda folder, name=name: (folder / name).write_bytes(b"{}")
        for name in store.load("runs/whole").checksums
        if not name.startswith(("fine/", "snapshots/")) or name.endswith("000.safetensors")
    },
    **{
        f"missing {name}": lambda folder, name=name: (folder / name).unlink()
        for name in ("encoder.safetensors", store.HISTORY, "examples.json", SETTINGS, "evaluation.json")
    },
    "sealed examples.json": sealed("examples.json", json.dumps(examples | {"examples": {"3": {}}})),
    "sealed codec.json": sealed(SETTINGS, json.dumps(codec | {"qualities": codec["qualities"][:9]})),
    "sealed history.json": sealed(store.HISTORY, json.dumps(history)),
    "sealed evaluation.json": sealed("evaluation.json", "[]"),
    "sealed denoiser.safetensors": sealed("denoiser.safetensors", b"no weights"),
}
found = {name: broken(break_it) for name, break_it in breaks.items()}

# A folder that breaks, or is mended, while somebody looks.
app = AppTest.from_string("from cae.ui import navigation\\nnavigation.show()", default_timeout=60)
app.session_state["playground_model"] = "runs/whole"
app.run()
seen = [app.session_state["Playground"].model]
content = (whole / "examples.json").read_bytes()
(whole / "examples.json").write_bytes(b"{}")
app.run()
seen += [app.session_state["Playground"].model, [each.value for each in app.warning], len(app.exception)]
(whole / "examples.json").write_bytes(content)
app.run()
seen += [[each.value for each in app.warning], "runs/whole" in app.segmented_control(key="playground_model").options]

shutil.rmtree(RUNS)
shutil.rmtree(store.FOLDER)
found["no models"] = {page: visit(page) for page in pages}
resources.close_engine()
Path("found.json").write_text(json.dumps({"found": found, "seen": seen}))
"""


@pytest.fixture(scope="module")
def visits(tmp_path_factory) -> dict:
    """What the pages show for each of the faults."""
    home = tmp_path_factory.mktemp("program")
    for name, left_out in (("cae", ("__pycache__",)), ("pretrained", ("training", "logs"))):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns(*left_out))
    run = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=home,
        capture_output=True,
        text=True,
        env=os.environ | {"KERAS_BACKEND": "none at all"},
    )
    assert run.returncode == 0, run.stderr
    return {"log": run.stderr, **json.loads((home / "found.json").read_text())}


def test_the_pages_go_on(visits):
    for fault, pages in visits["found"].items():
        for page, shown in pages.items():
            assert shown["errors"] == [], f"{page}, {fault}"


def test_only_the_broken_model_is_left_out(visits):
    for fault, pages in visits["found"].items():
        names = {"nothing": ["runs/broken", "runs/whole"], "no models": []}.get(fault, ["runs/whole"])
        for page, shown in pages.items():
            assert shown["names"] == names, f"{page}, {fault}"


def test_one_sentence_says_so(visits):
    for fault, pages in visits["found"].items():
        for page, shown in pages.items():
            if fault in ("nothing", "no models"):
                assert shown["said"] == [], f"{page}, {fault}"
                continue
            (sentence,) = shown["said"]
            assert "runs/broken" in sentence, f"{page}, {fault}"
            assert fault.split()[-1] in sentence or "manifest" in sentence
            assert sentence.endswith(": restore its folder.")
            assert sentence.count("/") == 1 + fault.count("/"), f"no path: {sentence}"
            assert visits["log"].count(sentence) == 1


def test_while_somebody_looks(visits):
    """The page turns to the first model, and offers the own one again once it is whole."""
    said = ["The file examples.json of the model runs/whole was altered: restore its folder."]
    assert visits["seen"] == ["runs/whole", "mnist", said, 0, [], True]

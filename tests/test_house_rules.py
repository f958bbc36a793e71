"""The rules of the house: who imports whom, how long a file is, and what the repository holds."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from places import ROOT

SOURCES = sorted((ROOT / "cae").rglob("*.py")) + [path for path in [ROOT / "app.py"] if path.exists()]
FRONT_END = [path for path in SOURCES if path.is_relative_to(ROOT / "cae" / "ui") or path.name == "app.py"]
HEAVY = {"tensorflow", "keras", "jax", "torch"}

FLOORS = (
    {"cae"},
    {"imaging", "model", "progress"},
    {"engine", "data"},
    {"codec"},
    {"evaluation", "training"},
    {"ui"},
    {"cli"},
    {"app", "__main__"},
)
"""The rooms, from the ground up: a room imports from the floors below its own, and from no other room on it."""
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
KERAS_ROOMS = {"model", "training", "cli"}
KERAS_MODULES = {"cae.engine.keras_operations"}
PROTOCOL_MODULES = {"cae.cli.visitor", "cae.cli.visitor_actions"}
"""These speak to Streamlit's server from outside, as a browser does, and know its messages alone."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCES}


def room(name: str) -> str:
    """The room that a module stands in: the folder below `cae`, or the file that lies loose there."""
    parts = name.split(".")
    return parts[1] if parts[0] == "cae" and len(parts) > 1 else parts[0]


@cache
def imports(path: Path, at_start: bool = False) -> frozenset[str]:
    """All modules that a file imports; with `at_start` only those imported as soon as it is."""
    found = set()

    def visit(node: ast.AST) -> None:
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if at_start and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            found.add(node.module)
            found.update(name for alias in node.names if (name := f"{node.module}.{alias.name}") in MODULES)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text()))
    return frozenset(found)


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def of_ours(path: Path) -> set[str]:
    """The modules of this package that a file imports; `from room import module` counts as the module alone."""
    found = {name for name in imports(path) if name in MODULES}
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def reached(path: Path) -> dict[Path, Path]:
    """Every file of ours that is imported as soon as `path` is, and by whom."""
    by: dict[Path, Path] = {path: path}
    waiting = [path]
    while waiting:
        current = waiting.pop()
        for name in imports(current, at_start=True):
            parents = (name.rsplit(".", n)[0] for n in range(name.count(".") + 1))
            for found in (MODULES[parent] for parent in parents if parent in MODULES):
                if found not in by:
                    by[found] = current
                    waiting.append(found)
    return by


def test_every_file_stands_in_a_room():
    assert {room(name) for name in MODULES} == set(FLOOR)
    loose = {path.name for path in (ROOT / "cae").glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "progress.py"}


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_imports_go_down(path):
    name = module_name(path)
    here = room(name)
    wrong = {other for other in of_ours(path) if room(other) != here and FLOOR[room(other)] >= FLOOR[here]}
    assert not wrong, f"{name}, on floor {FLOOR[here]}, imports {wrong}"


def test_no_circle():
    open_paths: list[str] = []
    finished = set()

    def visit(name: str) -> None:
        assert name not in open_paths, " → ".join([*open_paths, name])
        if name in finished:
            return
        open_paths.append(name)
        for other in sorted(of_ours(MODULES[name]) - {name}):
            visit(other)
        open_paths.pop()
        finished.add(name)

    for name in MODULES:
        visit(name)


def test_the_picture_of_the_rooms_shows_their_imports():
    """In docs/architecture.md: the rooms' imports without those that follow from others, and a row for each room."""
    imported = {here: {room(name) for name in found} - {here, "cae"} for here, found in _imports_of_rooms().items()}

    def below(here: str) -> set[str]:
        return set().union(*({other} | below(other) for other in imported[here]))

    needed = {
        (here, other)
        for here, others in imported.items()
        for other in others
        if not any(other in below(between) for between in others)
    }
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    names = {"app": "app", "main": "__main__"}
    arrows = re.findall(r"^  (\w+)\S* --> (\w+)$", text.split("```")[1], re.MULTILINE)
    assert {(names.get(here, here), other) for here, other in arrows} == needed
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(set(FLOOR) - {"cae", "app", "__main__"})


def _imports_of_rooms() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        found.setdefault(room(name), set()).update(of_ours(path))
    return found


@pytest.mark.parametrize("path", [x for x in SOURCES if x not in FRONT_END], ids=module_name)
def test_streamlit_and_plotly_stay_in_the_front_end(path):
    found = {name for name in imports(path) if name.split(".")[0] in ("streamlit", "plotly")}
    if module_name(path) in PROTOCOL_MODULES:
        found = {name for name in found if not name.startswith("streamlit.proto.")}
    assert not found


@pytest.mark.parametrize("path", FRONT_END, ids=module_name)
def test_front_end_never_loads_the_network_library(path):
    """Neither itself nor by what it imports, and so on."""
    for found, by in reached(path).items():
        names = imports(found) if found in FRONT_END else imports(found, at_start=True)
        heavy = {name.split(".")[0] for name in names} & HEAVY
        assert not heavy, f"{module_name(found)}, imported by {module_name(by)}, imports {heavy}"


def test_front_end_runs_without_the_network_library():
    modules = [module_name(path) for path in FRONT_END if path.name != "app.py"]
    extras = HEAVY | {"ray"}
    code = f"import importlib, sys\nfor x in {modules}: importlib.import_module(x)\nprint({extras} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "set()\n", run.stderr


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_only_model_code_knows_keras(path):
    name = module_name(path)
    assert not packages(path) & HEAVY or room(name) in KERAS_ROOMS or name in KERAS_MODULES


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_ray_is_imported_where_it_is_asked_for(path):
    """It is an extra: nothing else needs it, and the package is as small as before without it."""
    assert "ray" not in packages(path) or module_name(path) in ("cae.engine.ray_cluster", "cae.engine.ray_service")
    assert "cae.engine.ray_service" not in imports(path, at_start=True)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) <= 350


@cache
def repository_files() -> tuple[Path, ...]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return tuple(path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file())


def test_no_data_set_is_kept():
    data = {".npz", ".npy", ".gz", ".idx", ".ubyte", ".zip", ".h5", ".keras"}
    pictures = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}
    for path in repository_files():
        assert path.suffix.lower() not in data, path
        if path.suffix.lower() in pictures and not path.is_relative_to(ROOT / "docs"):
            assert path.stat().st_size <= 100_000, path


def test_no_path_of_one_machine():
    home = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[A-Za-z0-9_.-]+")
    texts = {".py", ".md", ".toml", ".txt", ".json", ".js", ".css", ".html", ".yml", ".yaml", ".cfg", ""}
    for path in repository_files():
        if path.suffix in texts:
            found = home.search(path.read_text(errors="replace"))
            assert not found, f"{path}: {found[0]}"


def test_a_data_source_is_named_in_its_own_file_alone():
    """Whatever is special to a data set is asked of its source; only the default model has its name besides."""
    from cae.data import sources
    from cae.model import store

    named = {
        (module_name(path), node.value)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in sources.names()
    }
    own = {("cae.data.mnist", "mnist"), ("cae.data.mnist", "fashion_mnist"), ("cae.data.photographs", "photos")}
    assert {name for _, name in own} == set(sources.names())
    assert named == own | {("cae", store.DEFAULT), ("cae.model.store", store.DEFAULT)}

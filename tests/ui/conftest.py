"""What the tests of the pages have in common."""

import gc
from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def _packages_are_searched_once() -> Iterator[None]:
    """For components of Streamlit's, as a server does; `AppTest` reads the metadata of all packages at every run."""
    with pytest.MonkeyPatch.context() as patch:
        name = "scan_component_manifests"
        patch.setattr(manifest_scanner, name, cache(getattr(manifest_scanner, name)))
        yield


@pytest.fixture(scope="module", autouse=True)
def _what_is_loaded_is_no_garbage() -> Iterator[None]:
    """Streamlit collects garbage after every run, which takes a quarter of a second where Keras has been imported."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()

"""Where Node is, which runs the browser's modules without a browser."""

import os
import shutil

import pytest


def node() -> str:
    """The path of Node; skips where there is none, or fails where `CAE_REQUIRE_BROWSER` says that there must be one."""
    path = shutil.which("node")
    if path is None:
        message = "Node is not installed: apt-get install nodejs"
        pytest.fail(message) if os.environ.get("CAE_REQUIRE_BROWSER") else pytest.skip(message)
    return path

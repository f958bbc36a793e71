"""What makes processes of Keras lean."""

import mmap
import re
import sys
from pathlib import Path

import pytest

from cae.model import lean


def resident(name: str) -> int:
    """Kilobytes of the file's mapping that are in memory."""
    found = re.search(rf"{re.escape(name)}\n(?:[A-Z].*\n)*?Rss: +(\d+) kB", Path("/proc/self/smaps").read_text("utf-8"))
    assert found
    return int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is given back")
def test_what_files_hold_is_given_back_and_what_was_changed_stays(tmp_path):
    read, changed = tmp_path / "read", tmp_path / "changed"
    for path in (read, changed):
        path.write_bytes(b"file" * 100_000)
    with read.open("rb") as one, changed.open("rb") as other:
        private = mmap.mmap(one.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
        written = mmap.mmap(other.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    with private, written:
        written[:4] = b"hand"
        assert private[:] == b"file" * 100_000
        assert resident(str(read)) > 300
        lean.give_back_read_pages()
        assert resident(str(read)) == 0
        assert resident(str(changed)) > 0
        assert private[:] == b"file" * 100_000
        assert written[:8] == b"handfile"

"""Every byte of a file belongs to one part."""

import pytest
from golden_files import GOLDEN

from cae.codec.anatomy import CHECKSUM, HEADER, PAYLOAD, parts
from cae.codec.file_format import CodecError, unpack


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.cae")), ids=lambda path: path.stem)
def test_parts_are_the_file(path):
    data = path.read_bytes()
    found = parts(data)
    header, payload = unpack(data)
    assert b"".join(part.content for part in found) == data
    assert [part.content for part in found if part.kind == PAYLOAD] == [payload]
    assert [len(part.content) for part in found if part.kind == CHECKSUM] == [4]
    names = [part.name for part in found if part.kind == HEADER]
    assert ("Size" in names) == (not path.stem.startswith("single"))
    assert f"quality {header.quality} of 10" in found[2].meaning
    assert ("in colour" in found[1].meaning) == path.stem.startswith("colour")
    if "Size" in names:
        assert f"{header.width:,} × {header.height:,} pixels" in found[4].meaning


def test_damaged_files_have_no_parts():
    with pytest.raises(CodecError):
        parts(b"CAE\x10 and no more than that")

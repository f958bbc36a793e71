"""Every byte of a file belongs to one part."""

from dataclasses import replace

import pytest
from golden_files import GOLDEN

from cae.codec.anatomy import CHECKSUM, HEADER, PAYLOAD, Part, parts
from cae.codec.file_format import CodecError, pack, unpack


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


def test_the_shifts_of_a_picture_in_colour_are_a_part():
    header, payload = unpack((GOLDEN / "colour-5.cae").read_bytes())
    shifts = Part(HEADER, bytes([128 + 3, 128 - 1]), "Shifts", "the mean of Cb moves by +3, of Cr by -1")
    data = pack(replace(header, shifts=(3, -1)), payload)
    found = parts(data)
    assert shifts in found
    assert b"".join(part.content for part in found) == data

"""The file's header byte by byte, and what is refused."""

import contextlib
import math
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cae.codec.file_format import MAX_SIDE, MAX_VALUES, OVERHEAD_BYTES, CodecError, Header, pack, unpack

HEADER = Header(model=1, fingerprint=b"\x0a\x0b\x0c", quality=7)


def sealed(content: bytes) -> bytes:
    return content + zlib.crc32(content).to_bytes(4, "little")


def test_byte_by_byte():
    content = b"CAE" + bytes([0x10, 0x17, 0x0A, 0x0B, 0x0C]) + b"payload"
    assert pack(HEADER, b"payload") == sealed(content)
    sized = Header(1, b"\x0a\x0b\x0c", 7, 300, 28)
    assert pack(sized, b"x") == sealed(b"CAE" + bytes([0x11, 0x17, 10, 11, 12, 0xAC, 0x02, 28]) + b"x")
    archive = Header(2, b"\x0a\x0b\x0c", 10, 28, 28, 10_000)
    assert pack(archive, b"") == sealed(b"CAE" + bytes([0x12, 0x2A, 10, 11, 12, 0x90, 0x4E, 28, 28]))
    colour = Header(2, b"\x0a\x0b\x0c", 10, 28, 300, colour=True)
    assert pack(colour, b"x") == sealed(b"CAE" + bytes([0x13, 0x2A, 10, 11, 12, 28, 0xAC, 0x02]) + b"x")
    shifted = replace(colour, shifts=(-3, 0))
    assert pack(shifted, b"x") == sealed(b"CAE" + bytes([0x14, 0x2A, 10, 11, 12, 28, 0xAC, 0x02, 125, 128]) + b"x")


def test_twelve_bytes_around_the_payload():
    assert OVERHEAD_BYTES == 12
    assert len(pack(HEADER, b"")) == 12


@given(
    st.integers(0, 15),
    st.binary(min_size=3, max_size=3),
    st.integers(1, 10),
    st.integers(1, MAX_SIDE),
    st.integers(1, MAX_SIDE),
    st.none() | st.integers(1, 10_000) | st.just("colour"),
    st.tuples(*[st.integers(-128, 127)] * 2),
    st.binary(max_size=40),
)
def test_read_back(model, fingerprint, quality, height, width, count, shifts, payload):
    header = Header(model, fingerprint, quality, height, width)
    header = replace(header, colour=True, shifts=shifts) if count == "colour" else replace(header, count=count)
    if math.prod(header.shape) > MAX_VALUES:
        with pytest.raises(CodecError, match="pixels"):
            pack(header, payload)
    else:
        assert unpack(pack(header, payload)) == (header, payload)


@given(st.binary(max_size=60))
def test_any_bytes(data):
    for tried in (data, b"CAE" + data, sealed(b"CAE\x12" + data), sealed(b"CAE\x14" + data)):
        with contextlib.suppress(CodecError):
            assert pack(*unpack(tried)) == tried, "there is one file for each header and payload"


def test_three_planes_are_counted():
    """Colour in half the size, rounded up, and its latents in a quarter of that, rounded up again."""
    header = Header(2, b"abc", 5, 3000, 4000, colour=True)
    assert header.shapes == ((1, 750, 1000), (1, 375, 500), (1, 375, 500))
    assert header.values == 1_125_000
    assert Header(2, b"abc", 5, 1, 9, colour=True).shapes == ((1, 1, 3), (1, 1, 2), (1, 1, 2))
    assert Header(2, b"abc", 5, 9, 28, 3).shapes == ((3, 3, 7),)
    Header(2, b"abc", 5, 6000, 8500, colour=True).check()  # 51 megapixels


def test_every_altered_bit_and_every_cut_is_noticed():
    data = pack(Header(0, b"abc", 3, 99, 100), b"some payload")
    for bit in range(8 * len(data)):
        altered = bytearray(data)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CodecError):
            unpack(bytes(altered))
    for length in range(len(data)):
        with pytest.raises(CodecError):
            unpack(data[:length])
    with pytest.raises(CodecError, match="checksum"):
        unpack(data + b"\0")


@pytest.mark.parametrize(
    ("content", "phrase"),
    [
        (b"\x89PNG\r\n\x1a\n", "not a .cae file"),
        (b"", "not a .cae file"),
        (b"CAE\x10", "incomplete"),
        (b"CAE\x20\x07abc", "version 2"),
        (b"CAE\x15\x07abc", "another kind"),
        (b"CAE\x1f\x07abc", "another kind"),
        (b"CAE\x13\x07abc", "ends within its header"),
        (b"CAE\x14\x07abc\x05\x05\x80", "ends within its header"),
        (b"CAE\x14\x07abc\x05\x05\x80\x80", "by nothing"),
        (b"CAE\x13\x07abc\x05\x00", "5 × 0"),
        (b"CAE\x13\x07abc\x80\x80\x01\x80\x80\x01", "pixels"),
        (b"CAE\x10\x00abc", "quality"),
        (b"CAE\x10\x0babc", "quality"),
        (b"CAE\x11\x07abc", "ends within its header"),
        (b"CAE\x11\x07abc\x00\x05", "0 × 5"),
        (b"CAE\x11\x07abc\x81\x80\x01\x05", "16,385 × 5"),
        (b"CAE\x11\x07abc\x80\x80\x01\x80\x80\x01", "pixels"),
        (b"CAE\x12\x07abc\x00\x1c\x1c", "0 × 28 × 28"),
        (b"CAE\x12\x07abc\xff\xff\xff\x7f\x1c\x1c", "268,435,455 × 28 × 28"),
        (b"CAE\x12\x07abc\xff\xff\xff\xff\x01", "no picture"),
        (b"CAE\x11\x07abc\x1c\x1c", "stores the size of a 28 × 28 picture"),
        (b"CAE\x11\x07abc\x9d\x00\x1c", "more bytes than it takes"),
        (b"CAE\x13\x07abc\x1c\x9c\x80\x00", "more bytes than it takes"),
        (b"CAE\x12\x07abc\x81\x80\x80\x00\x1c\x1c", "more bytes than it takes"),
    ],
)
def test_refused_in_one_sentence(content, phrase):
    with pytest.raises(CodecError) as caught:
        unpack(sealed(content) if len(content) >= 8 and content.startswith(b"CAE") else content)
    assert phrase in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)

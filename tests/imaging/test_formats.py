"""Every format that is not read is named, with the way out."""

import io

import pytest
from PIL import Image

from cae.imaging.formats import unreadable
from cae.imaging.reading import ImageError, read_image


def encoded(kind: str, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (20, 20), 90).save(file, kind)
    return file.getvalue()


FILES = {
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60),
    "HEIF": b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(60),
    "PDF": b"%PDF-1.7\n1 0 obj",
    "SVG": b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'></svg>",
    "JPEG 2000": encoded("JPEG2000"),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60),
    "Photoshop": b"8BPS\0\x01" + bytes(60),
    "RAW": b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom" + bytes(60),
    "PNM": encoded("PPM"),
    "TGA": encoded("TGA"),
    "ICO": encoded("ICO"),
    "web page": b"<!DOCTYPE html>\n<html><head><title>digit.png</title></head></html>",
    "archive": b"PK\x03\x04" + bytes(60),
    "video": b"\0\0\0\x18ftypisom\0\0\x02\0" + bytes(60),
    ".cae": b"CAE\x10" + bytes(60),
}


@pytest.mark.parametrize("name", FILES)
def test_one_sentence_names_the_format_and_the_way_out(name):
    with pytest.raises(ImageError) as caught:
        read_image(FILES[name])
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.count(".") <= 3
    assert any(word in sentence for word in ("save", "export", "screenshot", "take", "open"))


def test_what_is_read_is_not_named():
    for kind in ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"):
        assert unreadable(encoded(kind)) is None, kind


def test_anything_at_all_gets_a_sentence_or_none():
    for start in (b"", b"\0", b"hello", bytes(range(256)), b"<", b"\xff\xd8\xff"):
        found = unreadable(start)
        assert found is None or found.endswith(".")

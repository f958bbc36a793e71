"""Every format that is not read is named, with the way out."""

import gzip
import io
import tarfile

import pytest
from PIL import Image, TiffImagePlugin

from cae.imaging.formats import unreadable
from cae.imaging.reading import ImageError, read_image


def encoded(kind: str, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (20, 20), 90).save(file, kind)
    return file.getvalue()


def raw(order: str = "II", **tags: int) -> bytes:
    """A TIFF file with tags of a camera's RAW file; Pillow would read the thumbnail in it."""
    fields, file = TiffImagePlugin.ImageFileDirectory_v2(prefix=order.encode()), io.BytesIO()
    for name, value in tags.items():
        number = {"subfile": 254, "photometric": 262, "sub_files": 330, "dng": 50706}[name]
        fields.tagtype[number] = 3 if name == "photometric" else 4
        fields[number] = value
    Image.new("RGB", (20, 20), 90).save(file, "TIFF", tiffinfo=fields)
    return file.getvalue()


def tar(mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        archive.add(__file__, "picture.png")
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


MORE = {
    "Photoshop, large": b"8BPS\0\x02" + bytes(60),
    "JPEG 2000, codestream": b"\xff\x4f\xff\x51" + bytes(60),
    "JPEG XL, codestream": b"\xff\x0a" + bytes(60),
    "SVG, without a declaration": b"\xef\xbb\xbf\n<!-- drawn --><svg></svg>",
    "PNM, grey": encoded("PPM", "L"),
    "PNM, black and white": encoded("PPM", "1"),
    "TGA, grey": encoded("TGA", "L"),
    "web page, in capitals": b"\r\n<HTML><BODY>404 Not Found</BODY></HTML>",
    "archive, compressed": gzip.compress(b"picture"),
    "archive, tar": tar("w"),
    "archive, tar, compressed": tar("w:gz"),
    "archive, bzip2": tar("w:bz2"),
    "archive, xz": tar("w:xz"),
    "archive, Rar": b"Rar!\x1a\x07\x01\0" + bytes(60),
    "archive, 7-Zip": b"7z\xbc\xaf\x27\x1c" + bytes(60),
    "RAW, Adobe": raw(dng=0x01040000),
    "RAW, thumbnail first": raw(subfile=1, sub_files=8),
    "RAW, of the sensor": raw(photometric=32803),
    "RAW, big-endian": raw("MM", subfile=1, sub_files=8),
    "RAW, Fujifilm": b"FUJIFILMCCD-RAW 0201" + bytes(60),
    "RAW, Canon": b"II*\0\x10\0\0\0CR\x02\0" + bytes(60),
    "RAW, Panasonic": b"IIU\0\x18\0\0\0" + bytes(60),
    "RAW, Olympus": b"IIRO\x08\0\0\0" + bytes(60),
}


@pytest.mark.parametrize("kind", [*FILES, *MORE])
def test_one_sentence_names_the_format_and_the_way_out(kind):
    with pytest.raises(ImageError) as caught:
        read_image((FILES | MORE)[kind])
    sentence, name = str(caught.value), kind.split(",")[0]
    assert name in sentence
    assert sentence.count(".") <= 3
    assert any(word in sentence for word in ("save", "export", "screenshot", "take", "open"))


def test_the_shared_cases(shared_cases):
    """AVIF and TIFF are read; of all others one sentence says what they are."""
    names = {"heic": "HEIC", "ico": "ICO", "jp2": "JPEG 2000", "pdf": "PDF", "png": "web page", "ppm": "PPM"}
    names |= {"svg": "SVG", "tga": "TGA"}
    paths = sorted(shared_cases.glob("format-*"))
    assert {path.suffix[1:] for path in paths} >= {"avif", "tiff", *names}
    for path in paths:
        if (name := names.get(path.suffix[1:])) is None:
            assert read_image(path.read_bytes()).pixels.size, path
        else:
            with pytest.raises(ImageError, match=name) as caught:
                read_image(path.read_bytes())
            assert str(caught.value).startswith("The file is a"), path


def test_what_is_read_is_not_named():
    for kind in ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"):
        assert unreadable(encoded(kind)) is None, kind


def test_anything_at_all_gets_a_sentence_or_none():
    for start in (b"", b"\0", b"hello", bytes(range(256)), b"<", b"\xff\xd8\xff"):
        found = unreadable(start)
        assert found is None or found.endswith(".")

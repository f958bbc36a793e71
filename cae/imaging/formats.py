"""File formats by their first bytes: names those that are not read, and says what to do instead."""

from typing import Literal

READ = "PNG, JPEG, WebP, AVIF, TIFF, BMP or GIF"
"""What is read, for messages."""

_EXPORT = f"open it in an image viewer and save it as {READ}"
_SCREENSHOT = "take a screenshot of it"

_BRANDS = {
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"heim": "a HEIC picture",
    b"heis": "a HEIC picture",
    b"hevc": "a HEIC picture",
    b"hevx": "a HEIC picture",
    b"mif1": "a HEIF picture",
    b"msf1": "a HEIF picture",
    b"crx ": "a camera's RAW file",
    b"mp41": "a video",
    b"mp42": "a video",
    b"isom": "a video",
    b"qt  ": "a video",
}
"""Major brands of ISO base media files (ISO/IEC 14496-12) that are no AVIF."""

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", f"{_SCREENSHOT}, or export the page as PNG"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture", _EXPORT),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _EXPORT),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _EXPORT),
    (b"\xff\x0a", "a JPEG XL picture", _EXPORT),
    (b"8BPS", "a Photoshop document", "export it as PNG"),
    (b"gimp xcf", "a GIMP document", "export it as PNG"),
    (b"FUJIFILM", "a camera's RAW file", "export it as JPEG"),
    (b"FOVb", "a camera's RAW file", "export it as JPEG"),
    (b"IIU\x00", "a camera's RAW file", "export it as JPEG"),
    (b"IIRO", "a camera's RAW file", "export it as JPEG"),
    (b"IIRS", "a camera's RAW file", "export it as JPEG"),
    (b"\x00\x00\x01\x00", "an icon (ICO)", _EXPORT),
    (b"\x00\x00\x02\x00", "a cursor (CUR)", _EXPORT),
    (b"PK\x03\x04", "an archive, or an office document", "take the picture out of it"),
    (b"Rar!", "an archive", "take the picture out of it"),
    (b"7z\xbc\xaf", "an archive", "take the picture out of it"),
    (b"\x1f\x8b", "an archive", "take the picture out of it"),
    (b"BZh", "an archive", "take the picture out of it"),
    (b"\xfd7zXZ", "an archive", "take the picture out of it"),
    (b"\xd0\xcf\x11\xe0", "an office document", f"{_SCREENSHOT}"),
    (b"{\\rtf", "a text document", _SCREENSHOT),
    (b"\x1aE\xdf\xa3", "a video", _SCREENSHOT),
    (b"CAE", "a .cae file", "open it on the page Compress, under Open file"),
)
UNREAD_ENDINGS = frozenset(
    (
        *(".heic", ".heif", ".jp2", ".j2k", ".jxl", ".psd", ".xcf", ".svg", ".ico", ".tga", ".pbm", ".pgm", ".ppm"),
        *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".rw2", ".orf"),
    )
)
"""Of pictures that are not read."""
_LETTERS = {b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P7"}
START = 1024
"""How many bytes tell the format."""


def unreadable(data: bytes) -> str | None:
    """One sentence that names the format of a file that is not read here, and the way out; None if it is unknown."""
    if (found := identified(data)) is None:
        return None
    return f"The file is {found[0]}, which is not read here: {found[1]}."


def identified(data: bytes) -> tuple[str, str] | None:
    """What a file is that is not read here, as in "a PDF document", and the way out; None if it is unknown."""
    if data[4:8] == b"ftyp" and (brand := _BRANDS.get(data[8:12])):
        return brand, _SCREENSHOT if "video" in brand else "share or export it as JPEG"
    if data[-18:-2] == b"TRUEVISION-XFILE" or _looks_like_tga(data):  # which may start as a cursor does
        return "a TGA picture", _EXPORT
    for signature, name, way in _SIGNATURES:
        if data.startswith(signature):
            return name, way
    if data[257:262] == b"ustar":
        return "an archive", "take the picture out of it"
    if _looks_like_raw(data):
        return "a camera's RAW file", "export it as JPEG"
    if data[:2] in _LETTERS and data[2:3].isspace():
        return "a PNM picture (PBM, PGM or PPM)", _EXPORT
    text = data[:START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "an SVG drawing", f"{_SCREENSHOT}, or export it as PNG"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page", "open the page and save the picture itself"
    if text.startswith((b"<?xml", b"<")):
        return "a text in XML", f"{_SCREENSHOT}, or choose a {READ} file"
    return None


def _looks_like_tga(data: bytes) -> bool:
    """A TGA file has no signature; its header has few possible values (Truevision TGA specification 2.0)."""
    if len(data) < 18:
        return False
    colour_map, kind, depth = data[1], data[2], data[16]
    sides = int.from_bytes(data[12:14], "little"), int.from_bytes(data[14:16], "little")
    plain = colour_map == 0 and kind in (2, 3, 10, 11) and not any(data[3:8])
    return plain and depth in (8, 16, 24, 32) and all(sides)


def _looks_like_raw(data: bytes) -> bool:
    """Most cameras' RAW files are TIFF files (TIFF 6.0, TIFF/EP, DNG 1.7), whose first picture is often a thumbnail."""
    order: Literal["little", "big"] = "little" if data[:4] == b"II*\x00" else "big"
    if data[:4] not in (b"II*\x00", b"MM\x00*"):
        return False
    start = int.from_bytes(data[4:8], order)
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], order)
    tags = {}
    for at in range(start + 2, min(end, len(data) - 11), 12):
        tag, kind = (int.from_bytes(data[place : place + 2], order) for place in (at, at + 2))
        tags[tag] = int.from_bytes(data[at + 8 : at + (10 if kind == _SHORT else 12)], order)
    is_thumbnail = tags.get(_NEW_SUBFILE_TYPE) == 1 and _SUB_FILES in tags
    return _DNG_VERSION in tags or tags.get(_PHOTOMETRIC) in _OF_SENSORS or is_thumbnail or data[8:10] == b"CR"


_SHORT = 3
"""A field's type."""
_NEW_SUBFILE_TYPE, _PHOTOMETRIC, _SUB_FILES, _DNG_VERSION = 254, 262, 330, 50706
_OF_SENSORS = (32803, 34892)
"""Photometric interpretations: a colour filter array, and linear RAW."""

"""File formats by their first bytes: names those that are not read, and says what to do instead."""

READ = "PNG, JPEG, WebP, AVIF, TIFF, BMP or GIF"
"""What is read, for messages."""

_EXPORT = f"open it in an image viewer and save it as {READ}"
_SCREENSHOT = "take a screenshot of it"

_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"hevc": "HEIC",
    b"hevx": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
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
    (b"\x00\x00\x01\x00", "an icon (ICO)", _EXPORT),
    (b"\x00\x00\x02\x00", "a cursor (CUR)", _EXPORT),
    (b"PK\x03\x04", "an archive, or an office document", "take the picture out of it"),
    (b"Rar!", "an archive", "take the picture out of it"),
    (b"7z\xbc\xaf", "an archive", "take the picture out of it"),
    (b"\x1f\x8b", "an archive", "take the picture out of it"),
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
_START = 1024
"""How many bytes are looked at for the start of a text."""


def unreadable(data: bytes) -> str | None:
    """One sentence that names the format of a file that is not read here, and the way out; None if it is unknown."""
    if data[4:8] == b"ftyp" and (name := _BRANDS.get(data[8:12])):
        way = _SCREENSHOT if "video" in name else "share or export it as JPEG"
        return f"The file is {_article(name)}, which is not read here: {way}."
    if data[-18:-2] == b"TRUEVISION-XFILE" or _looks_like_tga(data):  # which may start as a cursor does
        return f"The file is a TGA picture, which is not read here: {_EXPORT}."
    for signature, name, way in _SIGNATURES:
        if data.startswith(signature):
            return f"The file is {name}, which is not read here: {way}."
    if data[:2] in _LETTERS and data[2:3].isspace():
        return f"The file is a PNM picture (PBM, PGM or PPM), which is not read here: {_EXPORT}."
    text = data[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return f"The file is an SVG drawing, which is not read here: {_SCREENSHOT}, or export it as PNG."
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "The file is a web page, not the picture on it: open the page and save the picture itself."
    if text.startswith((b"<?xml", b"<")):
        return f"The file is a text in XML, not a picture: {_SCREENSHOT}, or choose a {READ} file."
    return None


def _article(name: str) -> str:
    return name if name.startswith("a ") else f"a {name} picture"


def _looks_like_tga(data: bytes) -> bool:
    """A TGA file has no signature; its header has few possible values (Truevision TGA specification 2.0)."""
    if len(data) < 18:
        return False
    colour_map, kind, depth = data[1], data[2], data[16]
    sides = int.from_bytes(data[12:14], "little"), int.from_bytes(data[14:16], "little")
    plain = colour_map == 0 and kind in (2, 3, 10, 11) and not any(data[3:8])
    return plain and depth in (8, 16, 24, 32) and all(sides)

"""The bytes of a .cae file as hexadecimal, with what each part is for."""

from cae.codec.anatomy import CHECKSUM, HEADER, PAYLOAD, parts
from cae.ui import colours
from cae.ui.components import register

_component = register("file_view", "<div class='file'></div>")
SHOWN = 64
"""Bytes of a payload; the rest is told as a number."""
COLOURS = {HEADER: colours.ENCODER, PAYLOAD: colours.LATENT, CHECKSUM: colours.DENOISER}


def file_view(data: bytes, *, key: str) -> None:
    """Show an intact file; raises `CodecError` for any other."""
    rows = [
        {
            "bytes": part.content[:SHOWN].hex(" ").upper().split(),
            "more": max(0, len(part.content) - SHOWN),
            "kind": part.kind,
            "colour": COLOURS[part.kind],
            "size": len(part.content),
            "name": part.name,
            "meaning": part.meaning,
        }
        for part in parts(data)
    ]
    _component(key=key, data={"parts": rows, "total": len(data)})

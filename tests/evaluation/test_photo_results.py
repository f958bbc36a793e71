"""The photographs' figures in words."""

from cae.evaluation.photo_results import photos_block, who_wins


def points(*pairs: tuple[float, float]) -> list[dict]:
    return [{"bpp": rate, "psnr": ratio} for rate, ratio in pairs]


MEASURED = {
    "images": 42,
    "codec": points((0.05, 20.0), (0.8, 28.0)),
    "jpeg": points((0.1, 20.0), (1.6, 32.0)),
    "webp": points((0.2, 10.0), (1.6, 27.0)),
    "png": 4.567,
    "webp_lossless": 4.321,
    "psnr_at_bpp": {
        "0.02": dict.fromkeys(("codec", "jpeg", "webp", "block_means")),
        "0.05": {"codec": 20.0, "jpeg": None, "webp": None, "block_means": None},
        "1.0": {"codec": None, "jpeg": 29.966, "webp": 25.0, "block_means": 21.0},
    },
}


def test_table():
    lines = photos_block(MEASURED)
    assert lines[0].startswith("PSNR in dB at equal bits per pixel, on 42 photographs")
    assert "PNG 4.57 bits per pixel, WebP 4.32." in lines[0]
    assert lines[1] == ""
    table = [line for line in lines if line.startswith("|")]
    assert table == [
        "| bits per pixel | this codec | JPEG | WebP | block means |",
        "|---|---|---|---|---|",
        "| 0.05 | 20.00 |  |  |  |",
        "| 1.0 |  | 29.97 | 25.00 | 21.00 |",
    ]
    assert lines[-1] == who_wins(MEASURED)
    assert "\n" not in "".join(lines)


def test_who_wins():
    """JPEG's curve crosses the codec's at 0.4 bits per pixel, WebP's stays below."""
    assert who_wins(MEASURED) == (
        "At equal bits per pixel JPEG is better than this codec from 0.4 to 0.8 and WebP is nowhere better than this "
        "codec; this codec goes from 0.05 to 0.8, JPEG from 0.1 and WebP from 0.2 on. With more bits JPEG and WebP "
        "win: they go on to any quality, this codec no further than 28.0 dB."
    )

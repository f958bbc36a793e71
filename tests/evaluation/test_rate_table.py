"""Measured figures as tables and in words."""

from cae.evaluation.rate_table import compared, markdown, points, remark


def curve(*pairs: tuple[float, float]) -> list[dict]:
    return [{"bpp": rate, "psnr": ratio} for rate, ratio in pairs]


PHOTOGRAPHS = {
    "images": 42,
    "codec": curve((0.05, 20.0), (0.8, 28.0)),
    "jpeg": curve((0.1, 20.0), (1.6, 32.0)),
    "webp": curve((0.2, 10.0), (1.6, 27.0)),
    "png": 4.567,
    "webp_lossless": 4.321,
    "bd_rate": {"jpeg": {"percent": -35.9, "low": 22.23, "high": 25.43}, "webp": None},
    "psnr_at_bpp": {
        "0.02": dict.fromkeys(("codec", "jpeg", "webp", "block_means")),
        "0.05": {"codec": 20.0, "jpeg": None, "webp": None, "block_means": None},
        "1.0": {"codec": None, "jpeg": 29.966, "webp": 25.0, "block_means": 21.0},
    },
}


def test_table():
    lines = markdown(PHOTOGRAPHS)
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
    assert lines[-1] == remark(PHOTOGRAPHS)
    assert "\n" not in "".join(lines)


def test_who_wins():
    """JPEG's curve crosses the codec's at 0.4 bits per pixel, WebP's stays below."""
    assert remark(PHOTOGRAPHS) == (
        "At equal bits per pixel JPEG is better than this codec from 0.4 to 0.8 and WebP is nowhere better than this "
        "codec; this codec goes from 0.05 to 0.8, JPEG from 0.1 and WebP from 0.2 on. With more bits JPEG and WebP "
        "win: they go on to any quality, this codec no further than 28.0 dB. In bits, averaged over the qualities "
        "that both reach (BD-rate), this codec takes 36 % less than JPEG (22.2 to 25.4 dB). Its qualities and those of "
        "WebP have none in common."
    )


DIGITS = {
    "images": 1_234,
    "codec": [
        {"quality": 1, "step": 1.0, "bytes": 4.567, "file_bytes": 17.25, "mse": 0.0123, "psnr": 19.114, "ssim": 0.9}
        | {"exact": True},
        {"quality": 2, "step": 0.5, "bytes": 9.5, "file_bytes": 21.0, "mse": 0.0025, "psnr": None, "ssim": 1.0}
        | {"exact": False},
    ],
    "jpeg": {},
    "webp": {},
    "avif": {},
    "png": {"files": 507.6, "mosaic": 407.0},
    "webp_lossless": {"files": 446.0, "mosaic": 395.9},
    "bd_rate": {
        "jpeg": {"percent": -86.6, "low": 18.89, "high": 27.05},
        "webp": {"percent": 9.7, "low": 23.0, "high": 26.0},
        "avif": None,
    },
    "bytes_at_mse": {
        "0.003": {"codec": None, "klt": 82.0129, "jpeg": 128.77, "webp": 61.0, "avif": 70.04},
        "0.006": {"codec": 17.46, "klt": 38.8, "jpeg": 77.6, "webp": None, "avif": None},
        "0.5": dict.fromkeys(("codec", "klt", "jpeg", "webp", "avif")),
    },
}


def test_digits():
    """A row stands where any method reaches."""
    lines = markdown(DIGITS)
    assert lines[0].startswith("The codec's bytes per image at equal MSE, mean over 1,234 test images")
    assert "JPEG, WebP and AVIF as one mosaic of all images" in lines[0]
    assert lines[0].endswith("Lossless: PNG 508 as files, 407 in a mosaic; WebP 446 and 396.")
    assert lines[1:] == [
        "",
        "| MSE | this codec | KLT | JPEG | WebP | AVIF |",
        "|---|---|---|---|---|---|",
        "| 0.003 |  | 82.0 | 128.8 | 61.0 | 70.0 |",
        "| 0.006 | 17.5 | 38.8 | 77.6 |  |  |",
        "",
        "In bytes, averaged over the qualities that both reach (BD-rate), this codec takes 87 % less than JPEG (MSE "
        "0.002 to 0.013) and 10 % more than WebP (MSE 0.0025 to 0.005). Its qualities and those of AVIF have none in "
        "common. Below an MSE of 0.0025 it does not go; JPEG, WebP and AVIF go on to any quality.",
    ]
    assert compared(DIGITS)[0] == ["MSE", "this codec", "KLT", "JPEG", "WebP", "AVIF"]


def test_each_quality():
    assert points(DIGITS) == [
        ["quality", "step", "bytes", "as a file", "MSE", "PSNR, mean of the pictures', dB", "SSIM", "exact"],
        ["1", "1.000", "4.57", "17.25", "0.01230", "19.11", "0.9000", "yes"],
        ["2", "0.500", "9.50", "21.00", "0.00250", "", "1.0000", "NO"],
    ]

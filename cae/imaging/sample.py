"""A picture to try an upload with: a digit written with a biro on paper, as a phone would see it, made by a program."""

import io

import numpy as np
from PIL import Image, ImageFilter

from cae.imaging.examples import DIGITS
from cae.imaging.strokes import Stroke, rasterise

HEIGHT, WIDTH, SIDE = 480, 640, 400
INK = (40, 60, 140)


def biro_on_paper(digit: str = "5") -> bytes:
    """A JPEG of 640×480 pixels: thin blue strokes, on paper that is darker in one corner, turned a little."""
    rng = np.random.default_rng(5)
    thin = [Stroke(stroke.points, 0.02, stroke.erase) for stroke in DIGITS[digit]]
    written = Image.new("L", (WIDTH, HEIGHT))
    written.paste(Image.fromarray(rasterise(thin, SIDE)), (130, 40))
    share = np.asarray(written.rotate(-7).filter(ImageFilter.GaussianBlur(0.7)))[..., np.newaxis] / 255
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = 216 - 60 * (x / WIDTH) * (y / HEIGHT)
    paper = light[..., np.newaxis] * np.array([1.0, 0.98, 0.93]) + rng.normal(0, 3, (HEIGHT, WIDTH, 1))
    picture = paper * (1 - 0.85 * share) + 0.85 * share * np.array(INK)
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=88)
    return file.getvalue()

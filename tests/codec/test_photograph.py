"""Pictures in their own size, there and back, with block means in the network's place."""

from dataclasses import replace

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL
from PIL import Image

from cae.codec import compression, photograph
from cae.codec.codec import Codec
from cae.codec.file_format import MAX_SIDE, CodecError, unpack
from cae.imaging.pixels import quantise
from cae.model import store


@pytest.fixture(scope="module", params=["photos", "grey"])
def codec(request) -> Codec:
    """The small codec as that of a model of photographs, and of any other."""
    codec = Codec.load(store.load(MODEL, GOLDEN))
    named = replace(codec.model, name=request.param)
    return Codec(named, codec.settings, codec.contexts)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_there_and_back(codec, mode):
    """The answer is what `decompress` gives, its figures follow from it, and the work is as much as was said."""
    y, x = np.mgrid[:45, :70]
    rgb = np.stack([127 + 100 * np.sin(x / 9 + k) * np.cos(y / 8) for k in range(3)], -1).astype(np.uint8)
    image = Image.fromarray(rgb).convert(mode)
    counted = []
    packed = photograph.pack(BlockMeans(), codec, image, 9, counted.append)
    assert sum(counted) == photograph.work(codec, image)
    header, _ = unpack(packed.data)
    in_colour = mode == "RGB" and codec.model.name == "photos"
    assert (header.quality, header.colour) == (packed.quality, in_colour) == (9, in_colour)
    assert packed.picture.shape == packed.answer.shape == ((45, 70, 3) if in_colour else (45, 70))
    answer = compression.decompress(BlockMeans(), codec, packed.data)
    assert np.array_equal(packed.answer, answer if in_colour else quantise(answer[0]))
    assert packed.pixels == 45 * 70
    assert packed.mse == pytest.approx(np.mean((packed.picture / 255 - packed.answer / 255) ** 2))
    assert packed.mse < 0.01
    assert packed.psnr == pytest.approx(-10 * np.log10(packed.mse))

    rate, psnr = photograph.luma_point(codec, packed)
    luma = [Image.fromarray(each).convert("L") for each in (packed.picture, packed.answer)]
    before, after = (np.asarray(each) / 255 for each in luma)
    assert psnr == pytest.approx(-10 * np.log10(np.mean((before - after) ** 2)), abs=0.05)  # rounded otherwise
    whole = 8 * len(packed.data) / packed.pixels
    assert 0.3 * whole < rate < whole


def test_too_large(codec):
    with pytest.raises(CodecError, match="pixels a side"):
        photograph.work(codec, Image.new("RGB", (MAX_SIDE + 1, 1)))

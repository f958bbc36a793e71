"""A picture to a file and back, with block means in the network's place."""

from dataclasses import replace

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import MAX_SIDE, OVERHEAD_BYTES, QUALITIES, CodecError, unpack
from cae.codec.round_trip import RoundTrip
from cae.evaluation import methods
from cae.imaging import colour
from cae.imaging.metrics import distortion
from cae.model import store
from cae.progress import Stopped


def codec_of(model: str) -> Codec:
    """The small codec as that of a model of this name: of photographs it keeps colour."""
    codec = Codec.load(store.load(MODEL, GOLDEN))
    named = replace(codec.model, name=model)
    return Codec(named, codec.settings, codec.contexts, codec.chroma)


@pytest.fixture(scope="module", params=["photos", "grey"])
def codec(request) -> Codec:
    return codec_of(request.param)


def coloured(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([127 + 100 * np.sin(x / 9 + k) * np.cos(y / 8) for k in range(3)], -1).astype(np.uint8)


@pytest.mark.parametrize("in_colour", [True, False])
@pytest.mark.parametrize("size", [(45, 70), (28, 28), (1, 3)])
def test_there_and_back(codec, in_colour, size):
    """The picture is what the file decodes to, all figures follow from it, and the work is as much as was said."""
    picture = coloured(*size) if in_colour else coloured(*size)[..., 0]
    trip, counted = RoundTrip(BlockMeans(), codec, picture), []
    work = trip.work(9)
    coded = trip.at(9, counted.append)
    assert sum(counted) == work
    header, payload = unpack(coded.data)
    keeps = in_colour and codec.model.name == "photos"
    assert (header.quality, header.colour, coded.quality) == (9, keeps, 9)
    assert (header.height, header.width) == size
    assert np.array_equal(trip.picture, picture if keeps else colour.luma(picture))
    assert (
        coded.payload
        == len(payload)
        == len(coded.data) - OVERHEAD_BYTES - (2 if size != (28, 28) or keeps else 0) - (2 if any(header.shifts) else 0)
    )
    assert (coded.decoded.shape, coded.decoded.dtype) == (trip.picture.shape, np.uint8)
    answer = compression.decompress(BlockMeans(), codec, coded.data)
    assert np.array_equal(coded.decoded, answer)
    assert coded.distortion == distortion(trip.picture, coded.decoded)
    luma = codec.read(coded.data)[1][0]
    assert coded.luma_bits == pytest.approx(codec.coders(header)[0].bits(luma))
    if not keeps:
        assert 8 * coded.payload - coded.luma_bits < 10
    else:
        assert coded.luma_bits < 8 * coded.payload


def test_latents_and_results_are_kept(codec):
    engine = BlockMeans()
    trip, counted = RoundTrip(engine, codec, coloured(20, 30)[..., 0]), []
    first = trip.at(3)
    assert trip.at(3, counted.append) is first
    assert (trip.work(3), counted, engine.asked) == (0, [], [codec.network(codec.setting(3))] * 2)
    work = trip.work(7)
    assert trip.at(7, counted.append) is trip.results[7]
    assert sum(counted) == work == 2 * 5 * 8
    assert len(engine.asked) == 3  # decoded once more, but not encoded
    assert set(trip.results) == {3, 7}


@pytest.mark.parametrize("first", [1, 2])
def test_qualities_share_latents_only_where_both_fit_them(first):
    """Of the same network, every other quality fits its latents: each file is as it is without the one before."""
    codec = codec_of("grey")
    settings = [replace(codec.setting(9), quality=quality, sensitivity=0.01 * (quality % 2)) for quality in QUALITIES]
    codec = replace(codec, settings=settings)
    picture = coloured(28, 28)[..., 0]
    alone = {quality: RoundTrip(BlockMeans(), codec, picture).at(quality).data for quality in (1, 2)}
    trip = RoundTrip(BlockMeans(), codec, picture)
    trip.at(first)
    assert trip.at(3 - first).data == alone[3 - first]
    assert unpack(alone[1])[1] != unpack(alone[2])[1]
    images = picture[np.newaxis]
    qualities = [first, 3 - first]
    for quality, sample in zip(qualities, methods.archive(BlockMeans(), codec, images, qualities), strict=True):
        [expected] = methods.archive(BlockMeans(), codec, images, [quality])
        assert sample[1] == expected[1]
        assert np.array_equal(sample[2], expected[2])


def test_name(codec):
    picture = coloured(20, 30)
    name = RoundTrip(BlockMeans(), codec, picture).name
    assert RoundTrip(BlockMeans(), codec, picture.copy()).name == name
    other = picture.copy()
    other[3, 4] ^= 1
    others = [other, picture.reshape(30, 20, 3)]
    assert name not in {RoundTrip(BlockMeans(), codec, each).name for each in others}
    assert len(name) == 64


def test_a_codec_of_other_weights_has_another_name():
    one = codec_of("photos")
    two = Codec(replace(one.model, version="another"), one.settings, one.contexts)
    assert len({RoundTrip(BlockMeans(), each, coloured(9, 9)).name for each in (one, two)}) == 2


def test_too_large(codec):
    trip = RoundTrip(BlockMeans(), codec, np.zeros((1, MAX_SIDE + 1), np.uint8))
    for call in (trip.work, trip.at):
        with pytest.raises(CodecError, match="pixels a side"):
            call(5)
    with pytest.raises(CodecError, match="1 to 10"):
        trip.at(11)


def test_stopped_it_keeps_no_result(codec):
    def stop(_: int) -> None:
        raise Stopped

    trip = RoundTrip(BlockMeans(), codec, coloured(20, 30))
    with pytest.raises(Stopped):
        trip.at(4, stop)
    assert trip.results == {}
    assert trip.at(4).data == RoundTrip(BlockMeans(), codec, coloured(20, 30)).at(4).data

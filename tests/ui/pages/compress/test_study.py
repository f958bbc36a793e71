"""What is shown of a picture, and what it is made of; block means stand in for the network."""

import numpy as np
import pytest
from block_means import BlockMeans
from golden_files import GOLDEN, MODEL

from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES, unpack
from cae.codec.round_trip import RoundTrip
from cae.evaluation.standard_codecs import within_size
from cae.imaging.colour import luma
from cae.imaging.metrics import distortion
from cae.model import store
from cae.ui.pages.compress.study import AT_ONCE, DETAIL, WHOLE, middle, scaled, study, views, work


def picture(height: int, width: int, *, colour: bool) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    planes = np.stack([127 + 100 * np.sin(x / 19 + k) * np.cos(y / 18) for k in range(3)], -1).astype(np.uint8)
    return planes if colour else planes[..., 0]


@pytest.fixture
def codec(monkeypatch) -> Codec:
    monkeypatch.setattr(Codec, "keeps_colour", True)
    return Codec.load(store.load(MODEL, GOLDEN))


def round_trip(codec: Codec, height: int, width: int, *, colour: bool) -> RoundTrip:
    return RoundTrip(BlockMeans(), codec, picture(height, width, colour=colour))


@pytest.mark.parametrize("colour", [False, True])
def test_a_study_holds_the_file_and_its_picture(codec, colour):
    trip = round_trip(codec, 30, 44, colour=colour)
    found, coded = study(trip, 4, complete=False), trip.at(4)
    assert found.name == trip.name
    result = found.result
    assert (result.quality, result.data, result.pixels, result.values) == (4, coded.data, 1320, trip.picture.size)
    assert result.payload == len(unpack(coded.data)[1])
    assert result.distortion == distortion(trip.picture, coded.decoded)
    np.testing.assert_array_equal(result.before[WHOLE], trip.picture)
    np.testing.assert_array_equal(result.after[WHOLE], coded.decoded)
    for reference in found.references:
        expected = within_size(trip.picture, reference.name, len(coded.data))
        assert (reference.data, reference.distortion) == (expected.data, expected.distortion)


def test_the_points_are_of_the_luma(codec):
    """Of a grey picture that is all, and its payload is counted in whole bytes."""
    grey, coloured = (round_trip(codec, 30, 44, colour=colour) for colour in (False, True))
    point, coded = study(grey, 4, complete=False).points[4], grey.at(4)
    assert (point.rate, point.psnr) == (8 * coded.payload / 1320, pytest.approx(coded.distortion.psnr))
    point, coded = study(coloured, 4, complete=False).points[4], coloured.at(4)
    assert point.rate == coded.luma_bits / 1320 < 8 * coded.payload / 1320
    assert point.psnr == pytest.approx(distortion(luma(coloured.picture), luma(coded.decoded)).psnr)


@pytest.mark.parametrize("colour", [False, True])
def test_the_work_is_counted_to_its_end(codec, colour):
    """At one quality, at the others, and where there is nothing left to do."""
    trip = round_trip(codec, 144, 128, colour=colour)
    assert trip.picture.size > AT_ONCE
    known = None
    for quality, complete, points in ((3, False, [3]), (5, False, [3, 5]), (5, True, list(QUALITIES))):
        total, counts = work(trip, quality, known, complete=complete), []
        before, known = known, study(trip, quality, known, complete=complete, advance=counts.append)
        assert 0 < sum(counts) <= total
        assert list(known.points) == points
        assert known.result.quality == quality
    assert known.result is before.result
    assert work(trip, 5, known, complete=True) == 0


def test_of_large_pictures_nothing_is_kept_beside_what_is_shown(codec):
    large, small = (round_trip(codec, 144, 128, colour=colour) for colour in (True, False))
    small.picture = small.picture[:128]
    for trip, kept in ((large, []), (small, list(QUALITIES))):
        study(trip, 5, complete=True)
        assert sorted(trip.results) == kept


def test_views_of_large_pictures():
    large = picture(1500, 2001, colour=True)
    assert scaled(large).shape == (675, 900, 3)
    assert scaled(large[:20, :30]).shape == (20, 30, 3)
    cut = middle(large)
    assert cut.shape[0] <= 676
    assert cut.shape[1] <= 901
    assert np.array_equal(cut, large[412:1088, 550:1451])
    assert np.array_equal(middle(large[:30, :40]), large[:30, :40])
    assert list(views(large)) == [WHOLE, DETAIL]
    assert list(views(large[:900, :900])) == [WHOLE]

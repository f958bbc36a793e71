"""What the network gets to see of a picture that somebody brings."""

import numpy as np
import pytest

from cae.evaluation.own_pictures import pages, photos
from cae.imaging.examples import DIGITS
from cae.imaging.preparation import as_trained, is_inverted, prepare_digit, prepare_garment, prepare_whole
from cae.imaging.preprocessing import fit_digit, fit_square
from cae.imaging.strokes import rasterise


@pytest.mark.parametrize("prepare", [prepare_digit, prepare_garment])
def test_a_picture_in_the_form_of_the_training_pictures_stays_as_it_is(prepare):
    image = fit_digit(rasterise(DIGITS["3"]))
    for factor in (1, 2, 10):
        enlarged = image.repeat(factor, 0).repeat(factor, 1)
        assert np.array_equal(prepare(enlarged).image, image)
        assert np.array_equal(prepare(np.stack([enlarged] * 3, -1)).image, image)
        inverted = prepare(255 - enlarged)
        assert np.array_equal(inverted.image, image)
        assert inverted.is_inverted
        assert not inverted.is_cut_out


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_every_test_image_passes_pixel_for_pixel(name, data_folder):
    """And so does every inverted one: 20,000 images."""
    prepare = prepare_digit if name == "mnist" else prepare_garment
    with np.load(data_folder / f"{name}.npz") as archive:
        images = archive["x_test"]
    for image in images:
        assert np.array_equal(prepare(image).image, image)
        assert np.array_equal(prepare(255 - image).image, image)


def test_what_is_not_of_that_form():
    assert as_trained(np.zeros((28, 29), np.uint8)) is None
    assert as_trained(np.zeros((27, 27), np.uint8)) is None
    coloured = np.zeros((28, 28, 3), np.uint8)
    coloured[0, 0] = (1, 2, 3)
    assert as_trained(coloured) is None
    nearly = np.zeros((56, 56), np.uint8)
    nearly[1, 1] = 1
    assert as_trained(nearly) is None
    assert not is_inverted(np.full((28, 28), 100, np.uint8))


def test_ticks_can_be_set_otherwise():
    page = next(pages()).picture
    proposed = prepare_digit(page)
    assert (proposed.is_inverted, proposed.is_cut_out) == (True, True)
    whole = prepare_digit(page, cut_out=False)
    assert not whole.is_cut_out
    assert np.array_equal(whole.image, 255 - fit_square(page))
    assert np.array_equal(prepare_digit(page, cut_out=False, inverted=False).image, fit_square(page))


def test_one_of_several_things():
    two = np.full((200, 340), 255, np.uint8)
    two[20:180, 10:170] = 255 - rasterise(DIGITS["4"], 160)
    two[20:180, 170:330] = 255 - rasterise(DIGITS["2"], 160)
    found = [prepare_digit(two, thing=thing) for thing in (0, 1)]
    assert all(len(prepared.boxes) == 2 for prepared in found)
    assert [prepared.taken for prepared in found] == [0, 1]
    assert not np.array_equal(found[0].image, found[1].image)
    assert found[1].remark == "2 things were found; this is number 2."
    assert np.array_equal(prepare_digit(two, thing=9).image, found[1].image)


def test_pictures_without_ink_are_taken_as_a_whole_and_say_so():
    even = np.full((60, 50), 120, np.uint8)
    for prepare, word in ((prepare_digit, "No ink"), (prepare_garment, "No garment")):
        prepared = prepare(even)
        assert prepared.image.shape == (28, 28)
        assert word in prepared.remark


def test_a_photograph_is_no_handwriting():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:300, :400] / 100
    scene = 90 + 50 * np.sin(3 * x + np.sin(2 * y)) + 40 * np.cos(5 * y * x) + rng.normal(0, 12, x.shape)
    assert "does not look like" in prepare_digit(np.clip(scene, 0, 255).astype(np.uint8)).remark


def test_garments_are_cut_out():
    photo = next(iter(photos()))
    prepared = prepare_garment(photo.picture)
    assert prepared.is_cut_out
    assert len(prepared.boxes) == 1
    top, left, bottom, right = prepared.boxes[0]
    rows, columns = (np.flatnonzero(photo.silhouette.any(axis)) for axis in (1, 0))
    assert np.allclose((top, left, bottom, right), (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1), atol=4)


def test_own_pictures_are_seen_as_in_training():
    picture = np.random.default_rng(0).integers(0, 256, (40, 60), np.uint8)
    assert np.array_equal(prepare_whole(picture).image, fit_square(picture))
    assert np.array_equal(prepare_whole(picture, inverted=True).image, 255 - fit_square(picture))

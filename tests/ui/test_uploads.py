"""Uploads: made once, kept within bounds, one at a time."""

import io
import threading
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from places import ROOT

from cae.imaging.pixels import to_png
from cae.imaging.reading import ImageError, Picture
from cae.ui import uploads
from cae.ui.uploads import ENTRY, Kept, made

CALLS: list[tuple] = []


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Nothing kept from other tests."""
    monkeypatch.setattr(uploads, "_kept", Kept(uploads.CAPACITY))
    CALLS.clear()


def picture(height: int = 30, width: int = 40, orientation: int = 1, value: int = 200) -> bytes:
    """A light bar on black, as a PNG."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[height // 4 : -height // 4, width // 2 - 2 : width // 2 + 3] = value
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    return file.getvalue()


def counted(picture: Picture, *options: object) -> np.ndarray:
    CALLS.append(options)
    return picture.pixels


def test_made_once_for_the_same_content_and_options():
    data = picture()
    first = made(data, counted, "a")
    assert made(bytes(bytearray(data)), counted, "a") is first
    assert CALLS == [("a",)]
    made(data, counted, "b")
    made(data, counted, "a", upright=False)
    made(picture(value=100), counted, "a")
    assert CALLS == [("a",), ("b",), ("a",), ("a",)]


def test_what_is_wrong_is_found_out_once_and_said_each_time():
    for _ in range(2):
        with pytest.raises(ImageError, match="not an image"):
            made(b"no picture", counted)
    assert CALLS == []
    assert len(uploads._kept._entries) == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400)), max_size=60))
def test_never_more_than_the_capacity(puts):
    """Whatever is put in: the bound holds, the size is the sum, and the last one that fits is there."""
    kept = Kept(4 * ENTRY + 1_200)
    for key, size in puts:
        kept.put(key, np.zeros(size, np.uint8))
        assert kept.size == sum(ENTRY + array.nbytes for array in kept._entries.values()) <= kept.capacity
        assert (kept.get(key) is not None) == (ENTRY + size <= kept.capacity // 4 or key in kept._entries)


def test_the_longest_unused_goes_first():
    kept = Kept(4 * ENTRY)
    for key in "abcd":
        kept.put(key, key)
    assert kept.get("a") == "a"
    kept.put("e", "e")
    assert [kept.get(key) for key in "abcde"] == ["a", None, "c", "d", "e"]


def test_64_megabytes_of_pictures_of_many_visitors():
    """As the pages ask for them; what is as large as a photograph is not kept at all."""
    for value in range(1, 200):
        made(picture(1_000, 1_000, value=value), counted)
        assert uploads._kept.size <= 64_000_000
    assert len(uploads._kept._entries) == 63
    before = len(CALLS)
    large = picture(4_100, 4_000)
    for _ in range(2):
        made(large, counted)
    assert len(CALLS) == before + 2
    assert len(uploads._kept._entries) == 63


def test_several_arrays_count_together():
    kept = Kept(8 * ENTRY)
    kept.put("two", {"whole": np.zeros(600, np.uint8), "detail": np.zeros(300, np.uint8)})
    assert kept.size == ENTRY + 900
    kept.put("large", {"whole": np.zeros(600, np.uint8), "detail": np.zeros(401, np.uint8)})
    assert kept.get("large") is None


def test_one_at_a_time():
    """And in one thread, whoever asks, since memory that a thread has freed is kept for it."""
    inside, most, by = [], [], set()

    def slow(picture: Picture, number: int) -> int:
        inside.append(number)
        most.append(len(inside))
        by.add(threading.get_ident())
        threading.Event().wait(0.01)
        inside.remove(number)
        return picture.pixels.shape[0] + number

    threads = [threading.Thread(target=made, args=(picture(), slow, number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8
    assert len(by) == 1


def test_facts_of_a_turned_picture():
    data = picture(30, 40, orientation=6)
    facts, stored = made(data, uploads.facts), made(data, uploads.facts, upright=False)
    assert (facts.width, facts.height, facts.turned, facts.blank) == (30, 40, True, False)
    assert (stored.width, stored.height, stored.turned) == (40, 30, False)


def test_facts_of_one_even_grey():
    assert made(to_png(np.full((5, 6), 128, np.uint8)), uploads.facts).blank


def test_the_server_lets_in_what_can_be_read():
    """Streamlit counts in MiB; its own limit must not be the smaller one."""
    from cae.imaging.reading import MAX_BYTES

    assert (
        tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["maxUploadSize"] << 20 >= MAX_BYTES
    )

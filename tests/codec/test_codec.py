"""Golden files, round trips, the alphabet's escape, and thousands of damaged files."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from golden_files import COLOUR, FILES, GOLDEN, MODEL, PLANES, grey_file, quantised, smooth
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT
from safetensors.numpy import load_file

from cae.codec.codec import OWN_MODEL, Codec, dequantise
from cae.codec.context_model import ContextModel, Distribution
from cae.codec.entropy_coder import SymbolCoder, decode
from cae.codec.file_format import OVERHEAD_BYTES, CodecError, pack, unpack
from cae.codec.fitting import Fitted
from cae.model import store
from cae.progress import Stopped


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec.load(store.load(MODEL, GOLDEN))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("quality", [1, 5, 10])
def test_golden_files(codec, name, quality):
    """What another machine wrote is read to the exact symbols, and written again to the exact bytes.

    The same latents give these symbols and bytes again: what is chosen among the nearest symbols is part of the test.
    """
    data = (GOLDEN / f"{name}-{quality}.cae").read_bytes()
    height, width, count = FILES[name]
    expected = load_file(GOLDEN / "symbols.safetensors")[f"{name}-{quality}"]
    header, (symbols,) = codec.read(data)
    assert (header.model, header.quality) == (OWN_MODEL, quality)
    assert (header.height, header.width, header.count) == (height, width, count)
    assert np.array_equal(symbols, expected)
    assert codec.write(header, [expected]) == data
    latents = smooth(*header.shape, seed=1 + list(FILES).index(name))[..., np.newaxis]
    assert codec.encode(header, [Fitted(latents)]).data == data


@pytest.mark.parametrize("quality", [1, 5, 10])
def test_golden_files_in_colour(codec, quality):
    data = (GOLDEN / f"colour-{quality}.cae").read_bytes()
    stored = load_file(GOLDEN / "symbols.safetensors")
    expected = [stored[f"colour-{quality}-{plane}"] for plane in PLANES]
    header, symbols = codec.read(data)
    assert header == codec.header(quality, *COLOUR, colour=True)
    assert all(np.array_equal(plane, there) for plane, there in zip(symbols, expected, strict=True))
    assert codec.write(header, expected) == data
    latents = [Fitted(smooth(*shape, seed)[..., np.newaxis]) for seed, shape in enumerate(header.shapes, 5)]
    assert codec.encode(header, latents).data == data


@settings(max_examples=60)
@given(
    st.integers(1, 10),
    st.integers(1, 45),
    st.integers(1, 45),
    st.integers(0, 4),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.1, 3, 60, 5_000]),
)
def test_round_trip(codec, quality, height, width, count, seed, spread):
    """Any symbols, of any size, also those that no latent ever gave."""
    rng = np.random.default_rng(seed)
    shape = (count or 1, -(-height // 4), -(-width // 4))
    symbols = np.clip(rng.normal(0, spread, shape).round(), -32_767, 32_767).astype(np.int16)
    data = grey_file(codec, symbols, quality, height, width, archive=count > 0)
    header, (read,) = codec.read(data)
    assert np.array_equal(read, symbols)
    assert (header.count or 0) == count
    coder = codec.coder(quality, *shape[1:])
    payload = unpack(data)[1]
    assert 8 * len(payload) - coder.bits(symbols) < 10


@settings(max_examples=40)
@given(
    st.integers(1, 10),
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.1, 3, 60, 5_000]),
)
def test_round_trip_in_colour(codec, quality, height, width, seed, spread):
    """Three planes in one stream, all symbols counted, with no byte between them."""
    rng = np.random.default_rng(seed)
    header = codec.header(quality, height, width, colour=True)
    planes = [
        np.clip(rng.normal(0, spread, shape).round(), -32_767, 32_767).astype(np.int16) for shape in header.shapes
    ]
    counted = []
    data = codec.write(header, planes, counted.append)
    assert sum(counted) == header.values
    found, read = codec.read(data, advance=counted.append)
    assert sum(counted) == 2 * header.values
    assert found == header
    assert all(np.array_equal(plane, there) for plane, there in zip(read, planes, strict=True))
    bits = sum(coder.bits(plane) for coder, plane in zip(codec.coders(header), planes, strict=True))
    assert 8 * len(unpack(data)[1]) - bits < 10


def test_colour_has_contexts_of_its_own_where_there_are_such(codec):
    """Without them those of luma serve; with them only the colour's part of the file changes."""
    header = codec.header(5, 60, 60, colour=True)
    free, grid = codec.coders(header)[0].model, codec.coder(5).model
    assert [coder.model for coder in codec.coders(header)] == [free] * 3
    assert free is not grid
    other = replace(free, third_bias=free.third_bias + 2**22)
    own = Codec(codec.model, codec.settings, codec.contexts | {("", "chroma"): other})
    assert [coder.model for coder in own.coders(header)] == [free, other, other]
    assert own.coder(5, 15, 15).model is free
    assert (codec.keeps_colour, own.keeps_colour) == (False, True)
    encoded = own.encode(header, [Fitted(smooth(*shape, 3)[..., np.newaxis]) for shape in header.shapes])
    assert all(np.array_equal(a, b) for a, b in zip(own.read(encoded.data)[1], encoded.symbols, strict=True))
    assert encoded.data != codec.write(header, encoded.symbols)


def test_saved_with_contexts_for_colour(codec, tmp_path):
    store.seal(tmp_path / "two", {"decoder.safetensors": "weights"})
    contexts = codec.contexts | {("", "chroma"): codec.contexts["", "free"]}
    Codec(store.load("two", tmp_path), codec.settings, contexts).save()
    assert set(Codec.load(store.load("two", tmp_path)).contexts) == set(contexts)


def test_an_advance_that_raises_ends_the_work(codec):
    def stop(_: int) -> None:
        raise Stopped

    header = codec.header(1, 60, 60, colour=True)
    latents = [Fitted(smooth(*shape, 3)[..., np.newaxis]) for shape in header.shapes]
    encoded = codec.encode(header, latents)
    data, planes = encoded.data, encoded.symbols
    for call in (
        lambda: codec.encode(header, latents, stop),
        lambda: codec.write(header, planes, stop),
        lambda: codec.read(data, advance=stop),
    ):
        with pytest.raises(Stopped):
            call()
    assert codec.write(header, planes) == data


class Counted(ContextModel):
    """Counts the values that it is asked about."""

    asked = 0

    def distribution(self, inputs: np.ndarray, *rest: int) -> Distribution:
        Counted.asked += len(inputs)
        return super().distribution(inputs, *rest)


@pytest.mark.parametrize("quality", [3, 9])
@pytest.mark.parametrize(("height", "width", "count", "colour"), [(28, 28, 7, False), (61, 90, None, True)])
def test_the_context_model_is_evaluated_once_a_value(codec, quality, height, width, count, colour):
    """With and without a rate weight, to the file and back; what is counted is what stands in the file."""
    contexts = {key: Counted(**vars(replace(model))) for key, model in codec.contexts.items()}
    counting = Codec(codec.model, codec.settings, contexts)
    header = counting.header(quality, height, width, count=count, colour=colour)
    latents = [Fitted(smooth(*shape, 3)[..., np.newaxis]) for shape in header.shapes]
    Counted.asked = 0
    encoded = counting.encode(header, latents)
    assert Counted.asked == header.values
    found, symbols = counting.read(encoded.data)
    assert Counted.asked == 2 * header.values
    assert found == header
    assert all(np.array_equal(a, b) for a, b in zip(symbols, encoded.symbols, strict=True))
    assert all(
        bits == pytest.approx(coder.bits(plane))
        for bits, coder, plane in zip(encoded.bits, codec.coders(header), symbols, strict=True)
    )
    assert abs(8 * len(unpack(encoded.data)[1]) - sum(encoded.bits)) < 16


def test_extreme_symbols(codec):
    symbols = np.array([[[-32_767, 32_767, 0], [32_767, -32_767, 1]]], np.int16)
    assert np.array_equal(codec.read(grey_file(codec, symbols, 5, 8, 12))[1][0], symbols)


def test_quality_moves_the_rate(codec):
    latents = smooth(200, 7, 7, seed=3)[..., np.newaxis]
    sizes, errors = [], []
    for quality in range(1, 11):
        encoded = codec.encode(codec.header(quality, 28, 28, count=200), [Fitted(latents)])
        symbols = encoded.symbols[0]
        sizes.append(len(encoded.data))
        errors.append(np.square(dequantise(symbols, codec.setting(quality)) - latents).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert sizes[-1] > 3 * sizes[0]


def test_twelve_bytes_around_a_picture(codec):
    symbols = quantised(codec, smooth(1, 7, 7, seed=4), 7)
    data = grey_file(codec, symbols, 7, 28, 28)
    assert len(data) == 12 + len(codec.coder(7).encode(symbols))
    assert OVERHEAD_BYTES == 12


def test_rate_weight(codec):
    """Rounding to the cheaper neighbour saves bits, costs error, and lowers their weighted sum."""
    coder: SymbolCoder = codec.coder(4)
    scaled = smooth(300, 7, 7, seed=5)[...] * np.float32(1024 / coder.step)
    nearest, chosen = np.rint(scaled).astype(np.int16), coder.quantise(scaled, 0.15)[0]
    assert np.abs(chosen - nearest).max() == 1
    bits = [coder.bits(symbols) for symbols in (nearest, chosen)]
    errors = [np.square(symbols - scaled).sum() for symbols in (nearest, chosen)]
    assert bits[1] < 0.98 * bits[0]
    assert errors[1] + 0.15 * bits[1] < errors[0] + 0.15 * bits[0]
    assert np.array_equal(coder.quantise(scaled, 0.0)[0], nearest)


def test_latents_of_any_magnitude(codec):
    latents = np.array([0, 1e6, -1e6, 3.3], np.float32).reshape(1, 2, 2, 1)
    encoded = codec.encode(codec.header(10, 8, 8), [Fitted(latents)])
    assert encoded.symbols[0].ravel()[1:3].tolist() == [32_767, -32_767]
    assert np.array_equal(codec.read(encoded.data)[1], encoded.symbols)


def test_dequantised_exactly(codec):
    symbols = np.arange(-3, 3, dtype=np.int16).reshape(1, 2, 3)
    setting = codec.setting(6)
    assert dequantise(symbols, setting).ravel().tolist() == [k * setting.step / 1024 for k in range(-3, 3)]


def test_files_of_others_are_refused(codec):
    data = (GOLDEN / "single-5.cae").read_bytes()
    retrained = Codec(
        replace(codec.model, checksums=codec.model.checksums | {"decoder.safetensors": "0"}),
        codec.settings,
        codec.contexts,
    )
    with pytest.raises(CodecError, match="another training of the model tiny"):
        retrained.read(data)
    other = Codec(replace(codec.model, name="mnist"), codec.settings, codec.contexts)
    with pytest.raises(CodecError, match="not with mnist"):
        other.read(data)
    with pytest.raises(CodecError, match="the model mnist, not with tiny"):
        codec.read(grey_file(other, np.zeros((1, 7, 7), np.int16), 3, 28, 28))


@pytest.mark.parametrize("quality", [0, 11, -1])
def test_other_qualities(codec, quality):
    for call in (codec.setting, codec.coder):
        with pytest.raises(CodecError, match="1 to 10"):
            call(quality)


def test_shapes_that_do_not_fit(codec):
    for height, count in ((32, 1), (28, 2)):
        with pytest.raises(CodecError, match="no picture of"):
            grey_file(codec, np.zeros((count, 7, 7), np.int16), 3, height, 28)
        with pytest.raises(CodecError, match="no picture of"):
            codec.encode(codec.header(3, height, 28), [Fitted(np.zeros((count, 7, 7, 1), np.float32))])


def test_more_than_is_wanted(codec):
    data = (GOLDEN / "archive-5.cae").read_bytes()
    assert codec.read(data, most_values=5 * 49)[1][0].size == 5 * 49
    with pytest.raises(CodecError, match="245 latent values; 244 can be read"):
        codec.read(data, most_values=5 * 49 - 1)


def test_too_little_for_what_is_declared(codec):
    with pytest.raises(CodecError, match="more than it can hold"):
        decode(bytes(100), [(codec.coder(1), (80_000, 7, 7))])
    header = codec.header(1, 8_000, 8_000, colour=True)
    planes = [np.zeros(shape, np.int16) for shape in codec.header(1, 8, 8, colour=True).shapes]
    small = codec.write(codec.header(1, 8, 8, colour=True), planes)
    with pytest.raises(CodecError, match="more than it can hold"):
        codec.read(pack(header, unpack(small)[1]))


@pytest.mark.parametrize("payload", [bytes(2_000), bytes([255, 0] * 1_000), np.random.default_rng(0).bytes(2_000)])
def test_reading_ends_where_the_payload_does(codec, payload):
    """A small file that declares 24.9 megapixels in colour costs no more time than its bytes are worth."""
    header = codec.header(1, 4_300, 5_800, colour=True)
    counted = []
    with pytest.raises(CodecError, match=r"more than it can hold|no code"):
        codec.read(pack(header, payload), advance=counted.append)
    assert sum(counted) < 0.02 * header.values


def test_a_model_without_codec(tmp_path):
    store.seal(tmp_path / "bare", {"README.md": "# bare\n"})
    with pytest.raises(CodecError, match="no codec yet"):
        Codec.load(store.load("bare", tmp_path))


def test_variants_have_their_own_network_and_contexts(codec, tmp_path):
    """A quality may name a model folder within the model's: the seam for networks trained for a rate."""
    settings = [replace(x, variant="rate-1" if x.quality < 4 else "") for x in codec.settings]
    contexts = codec.contexts | {("rate-1", kind): codec.contexts["", kind] for kind in ("grid", "free")}
    folder = tmp_path / "two"
    store.seal(folder, {"decoder.safetensors": "weights"})
    store.seal(folder / "rate-1", {"decoder.safetensors": "other weights"})

    def saved() -> Codec:
        Codec(store.load("two", tmp_path), settings, contexts).save()
        return Codec.load(store.load("two", tmp_path))

    two = saved()
    variant = store.load("two/rate-1", tmp_path)
    assert [two.network(two.setting(quality)) for quality in (3, 4)] == [variant.network(), two.model.network()]
    store.seal(folder / "rate-1", {"decoder.safetensors": "trained anew"})
    with pytest.raises(CodecError, match="made for other weights"):
        Codec.load(store.load("two", tmp_path))
    assert saved().fingerprint != two.fingerprint


def test_without_a_grid(codec):
    """As for a model of photographs: 7×7 latents are then coded like those of any other size."""
    free = Codec(codec.model, codec.settings, {("", "free"): codec.contexts["", "free"]})
    symbols = quantised(codec, smooth(1, 7, 7, seed=6), 5)
    data = grey_file(free, symbols, 5, 28, 28)
    assert np.array_equal(free.read(data)[1][0], symbols)
    assert data != grey_file(codec, symbols, 5, 28, 28)


@pytest.mark.slow
def test_mutated_files():
    """20,000 of them, in a process of its own, whose memory can be told from that of the tests."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    script = ROOT / "tests" / "mutated_files.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, timeout=900)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["decoded"] + sum(result["refused"].values()) == result["files"] == 20_000
    assert result["decoded"] > 500
    assert len(result["refused"]) >= 8
    assert result["megabytes"] < 500


@pytest.mark.parametrize("name", [name for name in store.names() if "codec.json" in store.load(name).checksums])
def test_shipped_codec(name):
    model = store.load(name)
    codec = Codec.load(model)
    assert [setting.quality for setting in codec.settings] == list(range(1, 11))
    size = sum((model.folder / file).stat().st_size for file in ("codec.json", "codec.safetensors"))
    assert size < 400_000 * len(codec.decoders)
    symbols = np.zeros((2, 7, 7), np.int16)
    assert np.array_equal(codec.read(grey_file(codec, symbols, 7, 28, 28, archive=True))[1][0], symbols)

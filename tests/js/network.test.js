import assert from "node:assert/strict";
import { test } from "node:test";
import { Convolution } from "../../cae/ui/components/network/convolution.js";
import { layers, layersOf, Network } from "../../cae/ui/components/network/network.js";
import { readSafetensors } from "../../cae/ui/components/network/safetensors.js";
import { readNetwork } from "./read_network.js";

const PRETRAINED = new URL("../../pretrained/mnist/", import.meta.url);

/** Numbers in (−1, 1), the same each time. */
function numbers(length, seed = 1) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

function kernel(side, channels, filters, seed = 1) {
  return { shape: [side, side, channels, filters], values: numbers(side * side * channels * filters, seed) };
}

/** An image as convolutions take it, of values without a border. */
function padded(values, height, width, channels) {
  const image = new Float32Array((height + 2) * (width + 2) * channels);
  for (let i = 0; i < values.length; i += 1) {
    const [row, rest] = [Math.floor(i / (width * channels)), i % (width * channels)];
    image[((row + 1) * (width + 2) + 1) * channels + rest] = values[i];
  }
  return image;
}

/** "Same" convolution of the image enlarged by `scale`, output by output. */
function convolved(values, height, width, { shape: [side, , channels, filters], values: weights }, bias, scale) {
  const [rows, columns, edge] = [scale * height, scale * width, side >> 1];
  const result = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      for (let f = 0; f < filters; f += 1) {
        let sum = bias[f];
        for (let tap = 0; tap < side * side; tap += 1) {
          const [y, x] = [row + Math.floor(tap / side) - edge, column + (tap % side) - edge];
          if (y < 0 || x < 0 || y >= rows || x >= columns) continue;
          const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
          for (let c = 0; c < channels; c += 1) sum += values[from + c] * weights[(tap * channels + c) * filters + f];
        }
        result.push(sum);
      }
    }
  }
  return result;
}

function assertClose(found, expected, tolerance) {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i += 1) {
    assert.ok(Math.abs(found[i] - expected[i]) <= tolerance, `value ${i} is ${found[i]}, not ${expected[i]}`);
  }
}

for (const [side, scale, channels, filters, height, width] of [
  [1, 1, 3, 5, 4, 7],
  [3, 1, 1, 1, 1, 1],
  [3, 1, 2, 4, 7, 7],
  [3, 1, 5, 3, 6, 10],
  [3, 1, 3, 6, 8, 12],
  [3, 1, 2, 3, 48, 40],
  [3, 1, 2, 1, 4, 400],
  [3, 2, 1, 1, 1, 1],
  [3, 2, 5, 7, 7, 5],
  [3, 2, 2, 2, 30, 20],
]) {
  test(`${side}×${side}, ${channels} → ${filters} channels, ${height}×${width} enlarged ${scale}×`, () => {
    const values = numbers(height * width * channels, 2);
    const weights = kernel(side, channels, filters, 3);
    const bias = numbers(filters, 4);
    const expected = convolved(values, height, width, weights, bias, scale);
    const activations = { linear: (x) => x, relu: (x) => Math.max(0, x), tanh: Math.tanh };
    for (const [name, activation] of Object.entries(activations)) {
      const output = new Float32Array((scale * height + 2) * (scale * width + 2) * filters).fill(NaN); // whatever was in it
      new Convolution(weights, bias, name, scale).run(padded(values, height, width, channels), output, height, width);
      assertClose(output, padded(expected.map(activation), scale * height, scale * width, filters), 3e-5);
    }
  });
}

/** A safetensors file of tensors given as [name, dtype, shape, bytes]. */
function file(...tensors) {
  const header = { __metadata__: { about: "a test" } };
  let end = 0;
  for (const [name, dtype, shape, bytes] of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.byteLength] };
    end += bytes.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const content = new Uint8Array(8 + text.length + end);
  new DataView(content.buffer).setBigUint64(0, BigInt(text.length), true);
  content.set(text, 8);
  let at = 8 + text.length;
  for (const [, , , bytes] of tensors) {
    content.set(new Uint8Array(bytes.buffer), at);
    at += bytes.byteLength;
  }
  return content.buffer;
}

test("tensors of single, half and bfloat16 precision are read, wherever they begin", () => {
  const half = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x0400, 0x3555);
  const tensors = readSafetensors(
    file(["a", "F16", [7], half], ["b", "F32", [1, 2], Float32Array.of(0.1, -7)], ["c", "BF16", [2], Uint16Array.of(0x3f80, 0xc2f7)]),
  );
  assert.deepEqual([...tensors.keys()], ["a", "b", "c"]);
  assert.deepEqual([...tensors.get("a").values], [1, -2, 2 ** -24, -0, 65504, 2 ** -14, 0.333251953125]);
  assert.deepEqual(tensors.get("b"), { shape: [1, 2], values: Float32Array.of(0.1, -7) });
  assert.deepEqual([...tensors.get("c").values], [1, -123.5]);
});

test("a damaged file is refused in one sentence", () => {
  const whole = file(["a", "F32", [2], Float32Array.of(1, 2)]);
  const damaged = /^Error: This is not a safetensors file, or it is cut off\.$/;
  for (let length = 0; length < whole.byteLength; length += 1) {
    assert.throws(() => readSafetensors(whole.slice(0, length)), damaged);
  }
  assert.throws(() => readSafetensors(file(["a", "F32", [3], Float32Array.of(1, 2)])), damaged);
  assert.throws(() => readSafetensors(file(["a", "I64", [1], Float64Array.of(1)])), /a holds I64 numbers, but only F32/);
});

/** Weights of small halves of the network: the filters of each convolution, 0 for a resizing layer. */
function weights(half, filters) {
  const tensors = new Map();
  let channels = 1;
  for (const [index, count] of filters.entries()) {
    if (count === 0) continue;
    const name = `${half}_${String(index + 1).padStart(2, "0")}_conv`;
    tensors.set(`${name}/kernel`, kernel(index % 2 ? 1 : 3, channels, count, index + 1));
    tensors.set(`${name}/bias`, { shape: [count], values: numbers(count, index + 11) });
    channels = count;
  }
  return tensors;
}

const ENCODER = [3, 2, 0, 5, 0, 1];
const DECODER = [2, 0, 4, 0, 1];

test("a number left out is a layer without weights", () => {
  const network = new Network(new Map([...weights("decoder", DECODER), ...weights("encoder", ENCODER)]));
  assert.deepEqual(network.encoder.map(({ kind }) => kind), ["conv", "conv", "pool", "conv", "pool", "conv"]);
  const names = ["decoder_01_conv", "decoder_02_upsample", "decoder_03_conv", "decoder_04_upsample", "decoder_05_conv"];
  assert.deepEqual(network.decoder.map(({ name }) => name), names);
  assert.deepEqual(layersOf(new Map(), "encoder"), []);
});

test("weights that do not fit are refused in one sentence", () => {
  const strange = (change, message) => {
    const tensors = weights("encoder", ENCODER);
    change(tensors);
    assert.throws(() => new Network(tensors), { message });
  };
  strange((tensors) => tensors.clear(), "These are not weights of this network: they have other names.");
  strange((tensors) => tensors.delete("encoder_02_conv/bias"), "These are not weights of this network: the layer encoder_02_conv does not fit.");
  strange((tensors) => tensors.set("encoder_04_conv/kernel", kernel(5, 2, 5)), "These are not weights of this network: the layer encoder_04_conv does not fit.");
  strange((tensors) => tensors.set("encoder_04_conv/kernel", kernel(3, 4, 5)), "These are not weights of this network: the layer encoder_04_conv does not fit.");
  strange((tensors) => tensors.delete("encoder_06_conv/kernel"), "These are not weights of this network: the encoder has another shape.");
});

test("a picture of another size than it says, or whose sides are no multiples of 4, is refused in one sentence", () => {
  const network = new Network(weights("encoder", ENCODER));
  assert.throws(() => network.encode(numbers(36), 6, 6), { message: "The sides of a picture must be multiples of 4, but this one has 6×6 pixels." });
  assert.throws(() => network.encode(numbers(15), 4, 4), { message: "4×4 values are needed, not 15." });
  assert.throws(() => network.decode(numbers(49)), { message: "These weights are of the other half of the network." });
});

test("no size, order or network that came before changes a result", () => {
  const small = new Network(new Map([...weights("decoder", DECODER), ...weights("encoder", ENCODER)]));
  const large = readNetwork(new URL("snapshots/epoch-001.safetensors", PRETRAINED));
  const picture = numbers(8 * 12, 7).map(Math.abs);
  const first = layers({ encoder: small, decoder: small }, picture, 8, 12);
  large.decode(large.encode(numbers(784, 8)));
  small.decode(numbers(60, 9), 4, 15);
  const again = layers({ encoder: small, decoder: small }, picture, 8, 12);
  assert.deepEqual(again, first);
  assert.equal(first.length, ENCODER.length + DECODER.length);
  assert.deepEqual(small.encode(picture, 8, 12), first[ENCODER.length - 1].values);
});

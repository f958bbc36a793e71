import assert from "node:assert/strict";
import { test } from "node:test";
import { convolved, copied, kernelOf, patchOf, pooled, termsOf, valueAt } from "../../cae/ui/components/inside/arithmetic.js";
import { byStrength, loudest, rangesOf } from "../../cae/ui/components/inside/pictures.js";
import { offOf, offText, placeOf, placeText, toggle } from "../../cae/ui/components/inside/place.js";
import { explanation, lines, short } from "../../cae/ui/components/inside/words.js";
import { layers, weights } from "../../cae/ui/components/network/network.js";
import { readNetwork } from "./read_network.js";

const half = (name) => readNetwork(new URL(`../../pretrained/mnist/${name}.safetensors`, import.meta.url));

const PARTS = { encoder: half("encoder"), decoder: half("decoder") };
/** A bright square with a dark hole that touches the upper edge. */
const PICTURE = Float32Array.from({ length: 784 }, (_, i) => {
  const [row, column] = [Math.floor(i / 28), i % 28];
  return row < 20 && column > 6 && column < 22 && !(row > 6 && row < 12 && column > 10 && column < 18) ? 0.2 + (i % 5) / 6 : 0;
});
const SILENCED = { encoder_01_conv: [3], decoder_04_upsample: [2] };
const LEARNED = weights(PARTS);

for (const [title, silenced] of [["", {}], ["with silenced channels ", SILENCED]]) {
  test(`the terms ${title}add up to what each layer gives, in the middle and at all borders`, () => {
    const outputs = layers(PARTS, PICTURE, 28, 28, silenced);
    assert.equal(outputs.length, 20);
    const kinds = new Set();
    for (const [index, output] of outputs.entries()) {
      const layer = LEARNED[index];
      const input = outputs[index - 1] ?? { height: 28, width: 28, channels: 1, values: PICTURE };
      const last = output.height - 1;
      for (const [row, column] of [[0, 0], [0, last], [last, 0], [last, last], [0, last >> 1], [last >> 1, last], [last >> 1, last >> 1], [1, 2]]) {
        for (const channel of new Set([0, output.channels >> 1, output.channels - 1])) {
          if (silenced[output.name]?.includes(channel)) continue;
          const shown = valueAt(output, row, column, channel);
          const found =
            layer.kind === "conv" ? convolved(layer, input, row, column, channel)
            : layer.kind === "pool" ? pooled(input, row, column, channel)
            : copied(input, row, column, channel);
          assert.ok(Math.abs(found.value - shown) < 1e-5 * Math.max(1, Math.abs(shown)), `${output.name} at ${row}, ${column}, ${channel}: ${found.value}, not ${shown}`);
          if (layer.kind !== "conv") continue;
          kinds.add(`${layer.side} ${layer.activation}`);
          const products = Array.from({ length: layer.channels }, (_, c) => termsOf(layer, input, c, row, column, channel)).flat();
          assert.equal(products.length, layer.side ** 2 * layer.channels);
          const sum = products.reduce((total, { value, weight }) => total + value * weight, layer.bias[channel]);
          assert.ok(Math.abs(sum - found.sum) < 1e-9);
          for (const { inside, value, row: y, column: x } of products) {
            assert.equal(inside, y >= 0 && x >= 0 && y < input.height && x < input.width);
            if (!inside) assert.equal(value, 0);
          }
        }
      }
    }
    assert.deepEqual([...kinds].sort(), ["1 linear", "1 relu", "3 relu", "3 tanh"]);
  });
}

test("an activation is applied to the sum", () => {
  const input = { height: 1, width: 1, channels: 1, values: Float32Array.of(2) };
  const layer = { side: 1, channels: 1, filters: 1, values: Float32Array.of(-1.5), bias: Float64Array.of(1) };
  const value = (activation) => convolved({ ...layer, activation }, input, 0, 0, 0);
  assert.deepEqual(value("linear"), { partial: [-3], bias: 1, sum: -2, value: -2 });
  assert.equal(value("relu").value, 0);
  assert.equal(value("tanh").value, Math.tanh(-2));
});

test("a kernel's weights are those of one channel and one filter", () => {
  const layer = { side: 3, channels: 2, filters: 5, values: Float32Array.from({ length: 90 }, (_, i) => i) };
  assert.deepEqual([...kernelOf(layer, 1, 3)], [8, 18, 28, 38, 48, 58, 68, 78, 88]);
});

test("the first of the largest wins, and what is copied lies at half the place", () => {
  const input = { height: 4, width: 4, channels: 1, values: Float32Array.of(0, 0, 1, 5, 0, 0, 5, 2, 3, -1, 0, 0, 0, 0, 0, 0) };
  assert.equal(pooled(input, 0, 1, 0).winner, 1);
  assert.deepEqual(pooled(input, 1, 0, 0), { candidates: pooled(input, 1, 0, 0).candidates, winner: 0, value: 3 });
  assert.equal(pooled(input, 0, 0, 0).winner, 0);
  assert.deepEqual(copied(input, 5, 3, 0), { row: 2, column: 1, value: -1 });
});

test("the patch before a value", () => {
  assert.deepEqual(patchOf({ kind: "conv", side: 3 }, 0, 5), { row: -1, column: 4, side: 3 });
  assert.deepEqual(patchOf({ kind: "conv", side: 1 }, 4, 5), { row: 4, column: 5, side: 1 });
  assert.deepEqual(patchOf({ kind: "pool" }, 4, 5), { row: 8, column: 10, side: 2 });
  assert.deepEqual(patchOf({ kind: "upsample" }, 5, 4), { row: 2, column: 2, side: 1 });
});

test("ranges, the strongest map, and the one that is brightest at a place", () => {
  const output = { height: 1, width: 2, channels: 3, values: Float32Array.of(1, -2, 0, 1, 5, 0.5) };
  const ranges = rangesOf(output);
  assert.deepEqual(ranges, [[1, 1], [-2, 5], [0, 0.5]]);
  assert.deepEqual(byStrength(ranges), [1, 2, 0]);
  assert.equal(loudest(output, ranges, 0, 0), 0);
  assert.equal(loudest(output, ranges, 0, 1), 1);
  const silent = { ...output, values: Float32Array.of(0, -2, 0, 1, 5, 0.5) };
  assert.equal(loudest(silent, rangesOf(silent), 0, 0), 1);
});

test("each layer is explained by what it does", () => {
  const texts = LEARNED.map(explanation);
  assert.equal(texts[0], "Each value is a weighted sum of a 3×3 window, with the same weights everywhere; ReLU turns negative sums into 0.");
  assert.match(texts[8], /of the 4 values at its place.*ReLU/);
  assert.match(texts[9], /linear/);
  assert.match(texts[10], /^Each value is the value at its place, weighted,/);
  assert.match(texts[2], /largest stays/);
  assert.match(texts[13], /repeated/);
});

test("figures are short where there is no room", () => {
  assert.deepEqual([57802752, 903168, 14112, 3528, 0].map(short), ["57.8 M", "903 k", "14.1 k", "3,528", "0"]);
  assert.deepEqual(lines({ name: "convolution 3×3, relu" }), ["conv", "3×3", "ReLU"]);
  assert.deepEqual(lines({ name: "upsample 2×2" }), ["up", "2×2"]);
});

const SIZES = [{ side: 28, channels: 3 }, { side: 14, channels: 1 }];

test("the address names a place that is there", () => {
  assert.deepEqual(placeOf("1.3.28.1", SIZES), { layer: 0, channel: 2, row: 27, column: 0 });
  assert.equal(placeText({ layer: 0, channel: 2, row: 27, column: 0 }), "1.3.28.1");
  for (const text of [null, "", "1", "1.2.3", "3.1.1.1", "0.1.1.1", "1.4.1.1", "2.1.15.1", "1.1.0.1", "1.1.1.x", "1.1.1.1.1"]) {
    assert.equal(placeOf(text, SIZES), null, text);
  }
});

test("the address names what is silenced, and nothing else", () => {
  const off = offOf("2,1.1,1.3,1.9,7,x,1.0", SIZES);
  assert.deepEqual(off, new Map([[1, new Set([0])], [0, new Set([0, 2])]]));
  assert.equal(offText(off, SIZES), "2,1.1,1.3");
  assert.equal(offText(new Map(), SIZES), null);
  assert.deepEqual(offOf(null, SIZES), new Map());
});

test("a channel or a layer is silenced and speaks again", () => {
  const off = new Map();
  toggle(off, 0, 1, 3);
  assert.deepEqual(off, new Map([[0, new Set([1])]]));
  toggle(off, 0, null, 3);
  assert.equal(offText(off, SIZES), "1");
  toggle(off, 0, 2, 3);
  assert.equal(offText(off, SIZES), "1.1,1.2");
  toggle(off, 0, null, 3);
  toggle(off, 0, null, 3);
  assert.deepEqual(off, new Map());
});

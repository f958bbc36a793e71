import assert from "node:assert/strict";
import { test } from "node:test";
import { Palette } from "../../cae/ui/components/shared/palette.js";

const triples = Uint8Array.from({ length: 768 }, (_, i) => [i / 3, 255 - (i - 1) / 3, 7][i % 3]); // red up, green down
const palette = new Palette(Buffer.from(triples).toString("base64"));

test("the ends of the range are the ends of the palette, and so is what lies beyond", () => {
  assert.deepEqual([-9, -0.5, 0, 0.5, 9].map((value) => Palette.index(value, -0.5, 0.5)), [0, 0, 128, 255, 255]);
  assert.deepEqual([...palette.colour(0)], [0, 255, 7]);
  assert.deepEqual([...palette.colour(255)], [255, 0, 7]);
});

test("the gradient goes from end to end", () => {
  const stops = palette.gradient().match(/rgb\(.*?\)/g);
  assert.equal(stops.length, 9);
  assert.equal(stops[0], "rgb(0 255 7)");
  assert.equal(stops[4], "rgb(128 127 7)");
  assert.equal(stops[8], "rgb(255 0 7)");
});

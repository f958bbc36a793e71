import assert from "node:assert/strict";
import { test } from "node:test";
import { CodeMap, FAR, NEIGHBOURS } from "../../cae/ui/components/code_map/layout.js";
import { COLOURS } from "../../cae/ui/components/code_map/marks.js";

const CELLS = 49;
const IMAGES = 40;

/** Numbers that look random, the same each time, in [0, 1). */
function random(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}
const next = random(7);
const base64 = (array) => btoa(String.fromCharCode(...new Uint8Array(array.buffer)));
const values = (count, scale = 1) => Float32Array.from({ length: count }, () => (next() - 0.5) * scale);

const symbols = Uint8Array.from({ length: IMAGES * CELLS }, () => next() * 256);
const [low, step] = [values(CELLS, 4), values(CELLS).map(Math.abs)];
const [mean, components] = [values(CELLS), values(2 * CELLS)];
const points = values(2 * IMAGES, 30);
const labels = Uint8Array.from({ length: IMAGES }, (_, i) => i % 2);
const map = new CodeMap({
  classes: ["a", "b", "never seen"],
  labels: base64(labels),
  codes: base64(symbols),
  low: base64(low),
  step: base64(step),
  pca: { mean: base64(mean), components: base64(components), variance: 0.5, kept: 0.1 },
  umap: { points: base64(points), kept: 0.4 },
});
const distance = (a, b) => Math.hypot(...Array.from(a, (value, i) => value - b[i]));
const close = (a, b, tolerance) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < tolerance, `${value} is not ${b[i]}`));

test("a code's values are those that its bytes stand for", () => {
  assert.equal(map.codes.length, IMAGES);
  for (const i of [0, 17, IMAGES - 1]) {
    map.codes[i].forEach((value, cell) => assert.ok(Math.abs(value - (low[cell] + step[cell] * symbols[i * CELLS + cell])) < 1e-4));
  }
});

test("points fill the square, keep their proportions, and any code is placed as those of the map", () => {
  for (const layout of Object.values(map.layouts)) {
    const all = layout.points.flat();
    assert.ok(Math.min(...all) > 0.049 && Math.max(...all) < 0.951);
    assert.ok(Math.abs(Math.max(...[0, 1].map((axis) => Math.max(...layout.points.map((p) => p[axis])) - Math.min(...layout.points.map((p) => p[axis])))) - 0.9) < 1e-6);
    for (const i of [0, 5, 11]) close(layout.place(map.codes[i]), layout.points[i], 1e-6);
  }
  const raw = (i) => [points[2 * i], points[2 * i + 1]];
  const { points: shown } = map.layouts.umap;
  const scale = distance(shown[0], shown[1]) / distance(raw(0), raw(1));
  for (const i of [2, 9, 30]) assert.ok(Math.abs(distance(shown[0], shown[i]) / distance(raw(0), raw(i)) - scale) < 1e-6);
});

test("PCA is linear: the mean of two codes lies in the middle between them", () => {
  const { place } = map.layouts.pca;
  const middle = map.codes[3].map((value, i) => (value + map.codes[4][i]) / 2);
  const [a, b] = [place(map.codes[3]), place(map.codes[4])];
  close(place(middle), [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], 1e-6);
});

test("neighbours are the nearest codes, found one by one", () => {
  const code = values(CELLS, 100);
  const expected = Array.from(map.codes.keys()).sort((a, b) => distance(map.codes[a], code) - distance(map.codes[b], code));
  assert.deepEqual(map.neighbours(code), expected.slice(0, NEIGHBOURS));
  assert.equal(map.neighbours(map.codes[8])[0], 8);
});

test("at a point the code is that point's, beside it nearly so, and nothing jumps on the way across", () => {
  const layout = map.layouts.umap;
  const at = map.at(layout, layout.points[6]);
  close(at.code, map.codes[6], 1e-5);
  assert.equal(at.near[0], 6);
  close(map.at(layout, layout.points[6].map((value) => value + 1e-6)).code, map.codes[6], 0.1);
  const largest = Math.max(...map.codes.flatMap((code) => [...code].map(Math.abs)));
  let before = map.at(layout, [0.2, 0.3]).code;
  for (let t = 0; t <= 1; t += 0.0002) {
    const { code } = map.at(layout, [0.2 + 0.6 * t, 0.3 + 0.4 * t]);
    assert.ok(Math.max(...code.map((value, i) => Math.abs(value - before[i]))) < largest * 0.05);
    before = code;
  }
});

test("a mixed code lies between the codes it is mixed from", () => {
  const { code, near } = map.at(map.layouts.pca, [0.41, 0.57]);
  assert.equal(near.length, NEIGHBOURS);
  code.forEach((value, cell) => {
    const around = near.map((index) => map.codes[index][cell]);
    assert.ok(value >= Math.min(...around) - 1e-4 && value <= Math.max(...around) + 1e-4);
  });
});

test("far from any code means that none lies within the distance that is shaded", () => {
  const layout = map.layouts.umap;
  for (let i = 0; i < 200; i += 1) {
    const place = [next(), next()];
    assert.equal(map.at(layout, place).far, layout.points.every((point) => distance(point, place) > FAR));
  }
});

test("a class's name stands at the medians of its points; a class without points has none", () => {
  const layout = map.layouts.umap;
  const [centre, , none] = map.centres(layout);
  const left = layout.points.filter((point, i) => labels[i] === 0 && point[0] < centre[0]).length;
  assert.ok(Math.abs(left - IMAGES / 4) <= 1);
  assert.equal(none, null);
});

// ---- Colours

const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * vector[i], 0));
/** Source: G. Machado, M. Oliveira and L. Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009. */
const DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]];
const XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]];
function lab(rgb) {
  const white = XYZ.map((row) => row.reduce((sum, value) => sum + value));
  const [x, y, z] = times(XYZ, rgb.map((value) => Math.min(1, Math.max(0, value)))).map((value, i) => {
    const share = value / white[i];
    return share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const rgb = (colour) => [1, 3, 5].map((i) => linear(parseInt(colour.slice(i, i + 2), 16) / 255));

test("colours of classes can be told apart, also without green cones, and from those of the stages", () => {
  assert.equal(COLOURS.length, 10);
  const seen = { all: COLOURS.map((colour) => lab(rgb(colour))), deuteranopia: COLOURS.map((colour) => lab(times(DEUTERANOPIA, rgb(colour)))) };
  for (const colours of Object.values(seen)) {
    for (const [i, a] of colours.entries()) for (const b of colours.slice(i + 1)) assert.ok(distance(a, b) > 25);
  }
  for (const stage of ["#3b82f6", "#a855f7", "#10a37f", "#f08c1a"]) for (const colour of seen.all) assert.ok(distance(colour, lab(rgb(stage))) > 25);
});

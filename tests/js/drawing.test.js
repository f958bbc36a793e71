import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawing, simplified } from "../../cae/ui/components/drawing_pad/drawing.js";

const LIMITS = { strokes: 3, points: 6, coordinates: [-0.5, 1.5], grid: 250 };
const LINE = { points: [[0.1, 0.1], [0.9, 0.9]], width: 0.1, erase: false };

test("a stroke is its points, width and kind", () => {
  const drawing = new Drawing([], LIMITS);
  assert.ok(drawing.isEmpty);
  assert.ok(drawing.begin(0.2, 0.3, 0.1, true));
  assert.ok(drawing.extend(0.4, 0.5));
  assert.deepEqual(drawing.strokes, [{ points: [[0.2, 0.3], [0.4, 0.5]], width: 0.1, erase: true }]);
  assert.ok(!drawing.isEmpty);
  assert.equal(drawing.pointCount, 2);
});

test("points closer than a 250th of the pad are thinned out", () => {
  const drawing = new Drawing([], LIMITS);
  drawing.begin(0.5, 0.5, 0.1, false);
  assert.ok(drawing.extend(0.5027, 0.5027));
  assert.equal(drawing.pointCount, 1);
  assert.ok(drawing.extend(0.503, 0.503));
  assert.equal(drawing.pointCount, 2);
});

test("the pen may leave the pad, but not for ever", () => {
  const drawing = new Drawing([], LIMITS);
  drawing.begin(-7, 0.5, 0.1, false);
  drawing.extend(0.5, 7);
  assert.deepEqual(drawing.strokes[0].points, [[-0.5, 0.5], [0.5, 1.5]]);
});

test("a full drawing takes no stroke and no point", () => {
  const strokes = new Drawing([LINE, LINE], LIMITS);
  assert.ok(strokes.begin(0, 0, 0.1, false));
  assert.ok(!strokes.begin(0, 0, 0.1, false));
  assert.equal(strokes.strokes.length, 3);

  const points = new Drawing([LINE, LINE], LIMITS);
  points.begin(0, 0, 0.1, false);
  assert.ok(points.extend(0.5, 0));
  assert.equal(points.pointCount, LIMITS.points);
  assert.ok(points.extend(0.5, 0), "a pen that rests asks for no room");
  assert.ok(!points.extend(1, 0));
  assert.equal(points.pointCount, LIMITS.points);
  points.undo();
  assert.ok(points.begin(0, 0, 0.1, false));
});

test("undo goes back stroke by stroke, over replacements and clearings", () => {
  const drawing = new Drawing([LINE], LIMITS);
  assert.ok(!drawing.canUndo);
  drawing.begin(0, 0, 0.1, false);
  drawing.extend(0.5, 0.5);
  const two = structuredClone(drawing.strokes);
  assert.ok(drawing.clear());
  assert.ok(!drawing.clear(), "there is nothing left to clear");
  assert.ok(drawing.replace([{ ...LINE, width: 0.2 }]));
  drawing.undo();
  assert.ok(drawing.isEmpty);
  drawing.undo();
  assert.deepEqual(drawing.strokes, two);
  assert.ok(drawing.undo());
  assert.deepEqual(drawing.strokes, [LINE]);
  assert.ok(!drawing.undo());
});

test("the same strokes again change nothing", () => {
  const drawing = new Drawing([LINE], LIMITS);
  assert.ok(!drawing.replace([{ points: LINE.points, width: LINE.width }]), "erase may be left out");
  assert.ok(!drawing.canUndo);
});

test("what was handed over is not drawn on", () => {
  const given = [structuredClone(LINE)];
  const drawing = new Drawing(given, LIMITS);
  drawing.extend(0.2, 0.2);
  assert.deepEqual(given, [LINE]);
});

test("fifty steps are remembered", () => {
  const drawing = new Drawing([], { ...LIMITS, strokes: 100, points: 100 });
  for (let i = 0; i < 60; i += 1) drawing.begin(0.5, 0.5, 0.1, false);
  let steps = 0;
  while (drawing.undo()) steps += 1;
  assert.equal(steps, 50);
  assert.equal(drawing.strokes.length, 10);
});

test("thousandths are sent", () => {
  const drawing = new Drawing([], LIMITS);
  drawing.begin(1 / 3, 0.1 + 0.2, 0.0849999, false);
  assert.deepEqual(drawing.rounded(), [{ points: [[0.333, 0.3]], width: 0.085, erase: false }]);
});

/** A random walk of short steps, as a pen makes it. */
function walk(length, seed) {
  const points = [[0.5, 0.5]];
  let state = seed;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5;
  let angle = 0;
  while (points.length < length) {
    angle += 1.5 * random();
    const [x, y] = points.at(-1);
    points.push([x + 0.01 * Math.cos(angle), y + 0.01 * Math.sin(angle)]);
  }
  return points;
}

/** How far a point is from the line through a and b, or from a where these are the same. */
function away([x, y], [ax, ay], [bx, by]) {
  const length = Math.hypot(bx - ax, by - ay);
  return length ? Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length : Math.hypot(x - ax, y - ay);
}

test("points that lie on the lines between others go, end points stay", () => {
  assert.deepEqual(simplified([[0, 0], [0.25, 0], [0.5, 0], [1, 0]], 0.01), [[0, 0], [1, 0]]);
  assert.deepEqual(simplified([[0, 0], [0.5, 0.02], [1, 0]], 0.01), [[0, 0], [0.5, 0.02], [1, 0]]);
  assert.deepEqual(simplified([[0, 0], [0.5, 0.009], [1, 0]], 0.01), [[0, 0], [1, 0]]);
  assert.deepEqual(simplified([[0, 0]], 0.01), [[0, 0]]);
  const loop = [[0, 0], [1, 0], [1, 1], [0, 0]];
  assert.deepEqual(simplified(loop, 0.01), loop, "a closed line has no line between its ends");
});

test("what goes was within the tolerance of what stays", () => {
  for (let seed = 1; seed < 30; seed += 1) {
    const points = walk(200, seed);
    for (const tolerance of [0.001, 0.004, 0.02]) {
      const kept = simplified(points, tolerance);
      const places = kept.map((point) => points.indexOf(point));
      assert.ok(places.every((place, i) => place > (places[i - 1] ?? -1)), "in their order");
      assert.equal(places[0], 0);
      assert.equal(places.at(-1), points.length - 1);
      assert.ok(kept.length < points.length);
      points.forEach((point, i) => {
        const next = places.findIndex((place) => place >= i);
        if (places[next] !== i) assert.ok(away(point, kept[next - 1], kept[next]) <= tolerance + 1e-12);
      });
    }
  }
});

test("a finished stroke lies on the grid, and no point follows itself", () => {
  for (let seed = 1; seed < 30; seed += 1) {
    const drawing = new Drawing([LINE], { ...LIMITS, points: 1000 });
    const [first, ...rest] = walk(100, seed);
    drawing.begin(...first, 0.08, true);
    for (const point of rest) drawing.extend(...point);
    const last = drawing.strokes.at(-1).points.at(-1);
    drawing.finish();
    assert.deepEqual(drawing.strokes[0], LINE, "the strokes before stay as they are");
    const { points, width, erase } = drawing.strokes.at(-1);
    assert.deepEqual([width, erase], [0.08, true]);
    for (const number of points.flat()) assert.equal(number, Math.round(250 * number) / 250);
    for (let i = 1; i < points.length; i += 1) assert.notDeepEqual(points[i], points[i - 1]);
    const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) <= Math.SQRT1_2 / 250;
    assert.ok(near(points[0], first) && near(points.at(-1), last), "it begins and ends where the pen did");
    assert.deepEqual(drawing.rounded().at(-1).points, points, "a 250th is 4 thousandths: sending changes nothing");
  }
});

test("a dot stays a dot, also where the pen trembled", () => {
  const drawing = new Drawing([], { ...LIMITS, grid: 10 });
  drawing.begin(0.51, 0.49, 0.1, false);
  drawing.finish();
  assert.deepEqual(drawing.strokes[0].points, [[0.5, 0.5]]);
  drawing.begin(0.51, 0.49, 0.1, false);
  drawing.extend(0.52, 0.48);
  drawing.extend(0.49, 0.51);
  drawing.finish();
  assert.deepEqual(drawing.strokes[1].points, [[0.5, 0.5]]);
});

test("undo takes a finished stroke away as a whole", () => {
  const drawing = new Drawing([LINE], LIMITS);
  drawing.begin(0, 0, 0.1, false);
  drawing.extend(0.5, 0.5);
  drawing.finish();
  drawing.undo();
  assert.deepEqual(drawing.strokes, [LINE]);
});

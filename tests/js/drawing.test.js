import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawing } from "../../cae/ui/components/drawing_pad/drawing.js";

const LIMITS = { strokes: 3, points: 6, coordinates: [-0.5, 1.5] };
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

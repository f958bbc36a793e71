import assert from "node:assert/strict";
import { test } from "node:test";
import { EditedCode } from "../../cae/ui/components/play/code_state.js";

const GIVEN = Float32Array.of(1, -2, 0.5);

function taken() {
  const code = new EditedCode();
  code.take(GIVEN, "one");
  return code;
}

test("before a picture there is nothing to edit", () => {
  const code = new EditedCode();
  assert.equal(code.values, null);
  code.set(0, 1, true);
  code.fill(0);
  code.undo();
  assert.equal(code.values, null);
  assert.ok(!code.canUndo);
});

test("a cell is changed without the network's answer being touched", () => {
  const code = taken();
  assert.equal(code.edited, null);
  assert.equal(code.values, GIVEN);
  code.set(1, 7, true);
  assert.deepEqual(code.values, Float32Array.of(1, 7, 0.5));
  assert.deepEqual(code.given, Float32Array.of(1, -2, 0.5));
});

test("codes that were handed out are not changed later", () => {
  const code = taken();
  code.set(1, 7, true);
  const shown = code.edited;
  code.set(1, 8, false);
  assert.deepEqual(shown, Float32Array.of(1, 7, 0.5));
});

test("undo goes back movement by movement, to where nothing was edited", () => {
  const code = taken();
  code.set(0, 2, true);
  code.set(0, 3, false);
  code.set(0, 4, false);
  code.set(2, 9, true);
  code.undo();
  assert.deepEqual(code.values, Float32Array.of(4, -2, 0.5));
  code.undo();
  assert.equal(code.edited, null);
  assert.ok(!code.canUndo);
  code.undo();
  assert.equal(code.edited, null);
});

test("one cell, and all, go back to what the network gave; undo brings the edits back", () => {
  const code = taken();
  code.set(0, 2, true);
  code.set(2, 9, true);
  code.reset(0);
  assert.deepEqual(code.values, Float32Array.of(1, -2, 9));
  code.reset(2);
  assert.equal(code.edited, null, "a code as it was given is not edited");
  code.undo();
  code.resetAll();
  assert.equal(code.edited, null);
  code.undo();
  assert.deepEqual(code.values, Float32Array.of(1, -2, 9));
});

test("set by hand to what it was, it is not edited", () => {
  const code = taken();
  code.set(1, 3, true);
  code.set(1, -2, false);
  assert.equal(code.edited, null);
});

test("all cells become one value", () => {
  const code = taken();
  code.fill(0);
  assert.deepEqual(code.values, new Float32Array(3));
  code.undo();
  assert.equal(code.edited, null);
});

test("another picture forgets the edits, the same one keeps them", () => {
  const code = taken();
  code.set(0, 2, true);
  assert.equal(code.take(Float32Array.from(GIVEN), "one"), false);
  assert.deepEqual(code.values, Float32Array.of(2, -2, 0.5));
  assert.ok(code.canUndo);
  assert.equal(code.take(Float32Array.of(5, 5, 5), "two"), true);
  assert.deepEqual(code.values, Float32Array.of(5, 5, 5));
  assert.ok(!code.canUndo);
  assert.equal(code.take(null, "three"), false);
  assert.equal(code.values, null);
});

test("a hundred movements are remembered", () => {
  const code = taken();
  for (let i = 1; i <= 130; i += 1) code.set(0, 100 + i, true);
  let steps = 0;
  for (; code.canUndo; steps += 1) code.undo();
  assert.equal(steps, 100);
  assert.equal(code.values[0], 130);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { between, combined } from "../../cae/ui/components/between/between.js";

const [A, B, C] = [Float32Array.of(0, 2, -4), Float32Array.of(1, 2, 4), Float32Array.of(5, 0.5, 0)];

test("between two codes: the ends are the codes themselves, and the middle their mean", () => {
  assert.deepEqual(between(A, B, 0), A);
  assert.deepEqual(between(A, B, 1), B);
  assert.deepEqual(between(A, B, 0.5), Float32Array.of(0.5, 2, 0));
});

test("a code minus a code plus a code", () => {
  assert.deepEqual(combined(A, B, C), Float32Array.of(4, 0.5, -8));
  assert.deepEqual(combined(A, A, C), C);
});

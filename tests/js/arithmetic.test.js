import assert from "node:assert/strict";
import { test } from "node:test";
import { createArithmetic, inJavaScript } from "../../cae/ui/components/network/arithmetic.js";
import { COLUMNS, inWebAssembly } from "../../cae/ui/components/network/simd.js";

/** Memory full of numbers, the same in both. */
function both(length) {
  const found = [inWebAssembly(), inJavaScript()];
  for (const arithmetic of found) {
    arithmetic.reserve(length);
    for (let i = 0; i < length; i += 1) arithmetic.floats[i] = Math.sin(i);
  }
  return found;
}

for (const [rows, inner, columns] of [[4, 1, 8], [8, 3, 24], [64, 65, 16], [200, 128, 8]]) {
  test(`the product of ${rows}×${inner} and ${inner}×${columns} numbers`, () => {
    const [v, w, m] = [8, 8 + rows * inner, 8 + rows * inner + inner * columns];
    for (const { floats, multiply } of both(m + rows * columns + 8)) {
      const before = floats.slice();
      multiply(v, w, m, rows, inner, columns);
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          let sum = 0;
          for (let i = 0; i < inner; i += 1) {
            const place = (Math.floor(column / COLUMNS) * inner + i) * COLUMNS + (column % COLUMNS);
            sum += before[v + row * inner + i] * before[w + place];
          }
          assert.ok(Math.abs(floats[m + row * columns + column] - sum) < 1e-5, `row ${row}, column ${column}`);
        }
      }
      before.set(floats.subarray(m, m + rows * columns), m);
      assert.deepEqual(floats, before, "nothing else is written");
    }
  });
}

for (const terms of [1, 2, 3, 4, 5]) {
  test(`sums of ${terms} vectors of any length`, () => {
    const row = { terms, places: Int32Array.of(1, 0, 3, 2, 5), factors: Float64Array.of(1, -2, 0.5, 4, 1 / 24) };
    for (const length of [1, 2, 3, 4, 5, 8, 31]) {
      for (const { floats, combine } of both(400)) {
        const before = floats.slice();
        combine(303, 17, 40, row, length);
        const sum = (i) => Array.from({ length: terms }, (_, k) => row.factors[k] * before[17 + row.places[k] * 40 + i]);
        for (let i = 0; i < length; i += 1) {
          const expected = sum(i).reduce((one, other) => one + other);
          assert.ok(Math.abs(floats[303 + i] - expected) < 1e-6, `number ${i} of ${length}`);
        }
        before.set(floats.subarray(303, 303 + length), 303);
        assert.deepEqual(floats, before, "nothing else is written");
      }
    }
  });
}

test("more memory keeps what is in it", () => {
  for (const arithmetic of both(100)) {
    arithmetic.reserve(2_000_000);
    assert.ok(arithmetic.floats.length >= 2_000_000);
    for (let i = 0; i < 100; i += 1) assert.equal(arithmetic.floats[i], Math.fround(Math.sin(i)));
  }
});

test("without WebAssembly, JavaScript computes", () => {
  const { WebAssembly: there } = globalThis;
  try {
    globalThis.WebAssembly = undefined;
    const arithmetic = createArithmetic();
    arithmetic.reserve(8);
    arithmetic.floats.set([2, 3]);
    arithmetic.combine(4, 0, 1, { terms: 2, places: Int32Array.of(0, 1, 0, 0, 0), factors: Float64Array.of(1, 10, 0, 0, 0) }, 1);
    assert.equal(arithmetic.floats[4], 32);
  } finally {
    globalThis.WebAssembly = there;
  }
});

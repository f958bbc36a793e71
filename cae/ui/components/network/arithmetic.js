// The two operations in which a convolution spends its time, on matrices and vectors in one memory: in WebAssembly where
// the browser can, else in JavaScript.

import { COLUMNS, inWebAssembly } from "./simd.js";

/**
 * `floats` is the memory; matrices and vectors are named by the index in it at which they begin. `reserve(length)` makes it at
 * least so long: it may then be another array, with the same values at the front.
 *
 * `multiply(v, w, m, rows, inner, columns)` computes m (rows, columns) = v (rows, inner) · w (inner, columns). `rows` is a
 * multiple of ROWS and `columns` of COLUMNS. v and m lie row after row; in w, all rows of the first COLUMNS columns come first.
 *
 * `combine(into, from, apart, { terms, places, factors }, length)` adds up at most MOST_TERMS vectors of that length, which are `apart` numbers
 * apart: into[i] = Σₖ factors[k] · from[places[k] · apart + i] for the first `terms` k.
 *
 * @typedef {{floats: Float32Array, reserve: Function, multiply: Function, combine: Function}} Arithmetic
 */

/** @returns {Arithmetic} the fastest that there is here. */
export function createArithmetic() {
  try {
    return inWebAssembly();
  } catch {
    return inJavaScript();
  }
}

/** @returns {Arithmetic} */
export function inJavaScript() {
  const arithmetic = {
    floats: new Float32Array(0),
    reserve(length) {
      if (arithmetic.floats.length >= length) return;
      const floats = new Float32Array(length);
      floats.set(arithmetic.floats);
      arithmetic.floats = floats;
    },
    multiply: (...sizes) => multiply(arithmetic.floats, ...sizes),
    combine: (...vectors) => combine(arithmetic.floats, ...vectors),
  };
  return arithmetic;
}

// The starts of the innermost loops are made 32-bit integers by "| 0": then V8 counts on from them without checks, a
// quarter faster.

/** Four rows and columns at a time: sixteen products for eight numbers read. */
function multiply(floats, v, w, m, rows, inner, columns) {
  for (let column = 0; column < columns; column += 4) {
    for (let row = 0; row < rows; row += 4) {
      let i0 = (v + row * inner) | 0;
      let i1 = (i0 + inner) | 0, i2 = (i1 + inner) | 0, i3 = (i2 + inner) | 0;
      let k = (w + (column - (column % COLUMNS)) * inner + (column % COLUMNS)) | 0;
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
      let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
      for (const end = i1; i0 < end; i0 += 1, i1 += 1, i2 += 1, i3 += 1, k += COLUMNS) {
        const w0 = floats[k], w1 = floats[k + 1], w2 = floats[k + 2], w3 = floats[k + 3];
        let x = floats[i0];
        s00 += x * w0; s01 += x * w1; s02 += x * w2; s03 += x * w3;
        x = floats[i1];
        s10 += x * w0; s11 += x * w1; s12 += x * w2; s13 += x * w3;
        x = floats[i2];
        s20 += x * w0; s21 += x * w1; s22 += x * w2; s23 += x * w3;
        x = floats[i3];
        s30 += x * w0; s31 += x * w1; s32 += x * w2; s33 += x * w3;
      }
      let o = m + row * columns + column;
      floats[o] = s00; floats[o + 1] = s01; floats[o + 2] = s02; floats[o + 3] = s03;
      o += columns;
      floats[o] = s10; floats[o + 1] = s11; floats[o + 2] = s12; floats[o + 3] = s13;
      o += columns;
      floats[o] = s20; floats[o + 1] = s21; floats[o + 2] = s22; floats[o + 3] = s23;
      o += columns;
      floats[o] = s30; floats[o + 1] = s31; floats[o + 2] = s32; floats[o + 3] = s33;
    }
  }
}

function combine(x, into, from, apart, { terms, factors, places }, length) {
  const a = factors[0], b = factors[1], c = factors[2], d = factors[3], e = factors[4];
  const j = (from + places[0] * apart) | 0, k = (from + places[1] * apart) | 0, l = (from + places[2] * apart) | 0;
  const m = (from + places[3] * apart) | 0, n = (from + places[4] * apart) | 0;
  if (terms === 1) for (let i = 0; i < length; i += 1) x[into + i] = a * x[j + i];
  else if (terms === 2) for (let i = 0; i < length; i += 1) x[into + i] = a * x[j + i] + b * x[k + i];
  else if (terms === 3) for (let i = 0; i < length; i += 1) x[into + i] = a * x[j + i] + b * x[k + i] + c * x[l + i];
  else if (terms === 4) for (let i = 0; i < length; i += 1) x[into + i] = a * x[j + i] + b * x[k + i] + c * x[l + i] + d * x[m + i];
  else for (let i = 0; i < length; i += 1) x[into + i] = a * x[j + i] + b * x[k + i] + c * x[l + i] + d * x[m + i] + e * x[n + i];
}

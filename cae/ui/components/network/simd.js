// The arithmetic of convolutions in WebAssembly, four numbers at once: six times as fast as the same in JavaScript.

import { F32, I32, V128, add, and, assemble, four, get, integer, loop, one, set, times } from "./assembler.js";

/** Rows and columns that `multiply` computes at once, and vectors that `combine` adds up at most. */
export const [ROWS, COLUMNS, MOST_TERMS] = [4, 8, 5];
const PAGE = 65536; // bytes, by which the memory of WebAssembly grows

/** @returns {import("./arithmetic.js").Arithmetic} @throws {Error} the browser has no SIMD, or the page's policy forbids it. */
export function inWebAssembly() {
  const combinations = Array.from({ length: MOST_TERMS }, (_, i) => combination(i + 1));
  const { memory, ...functions } = new WebAssembly.Instance(new WebAssembly.Module(assemble([product(), ...combinations]))).exports;
  const [, combine1, combine2, combine3, combine4, combine5] = Object.values(functions);
  const arithmetic = {
    floats: new Float32Array(memory.buffer),
    reserve(length) {
      if (arithmetic.floats.length >= length) return;
      memory.grow(Math.ceil((4 * length - memory.buffer.byteLength) / PAGE));
      arithmetic.floats = new Float32Array(memory.buffer);
    },
    multiply: (v, w, m, rows, inner, columns) => functions.multiply(4 * v, 4 * w, 4 * m, rows, inner, columns),
    combine(into, from, apart, { terms, places: p, factors: f }, length) {
      const at = (i) => 4 * (from + p[i] * apart);
      if (terms === 1) combine1(4 * into, length, at(0), f[0]);
      else if (terms === 2) combine2(4 * into, length, at(0), at(1), f[0], f[1]);
      else if (terms === 3) combine3(4 * into, length, at(0), at(1), at(2), f[0], f[1], f[2]);
      else if (terms === 4) combine4(4 * into, length, at(0), at(1), at(2), at(3), f[0], f[1], f[2], f[3]);
      else combine5(4 * into, length, at(0), at(1), at(2), at(3), at(4), f[0], f[1], f[2], f[3], f[4]);
    },
  };
  return arithmetic;
}

const numbers = (start, count) => Array.from({ length: count }, (_, i) => start + i);
const advance = (local, by) => set(local, add(get(local), by));

/** `multiply`, whose first three parameters count bytes: ROWS × COLUMNS sums at once, which stay in registers. */
function product() {
  const [v, w, m, rows, inner, columns, row, column, stride, weight, end, out] = numbers(0, 12);
  const inputs = numbers(12, ROWS); // where the next number of each row is
  const [x, w0, w1] = numbers(12 + ROWS, 3);
  const sums = numbers(15 + ROWS, ROWS).map((first, i) => [first + i, first + i + 1]);
  const step = [
    set(w0, four.load(get(weight))),
    set(w1, four.load(get(weight), 16)),
    ...sums.flatMap(([left, right], i) => [
      set(x, four.loadRepeated(get(inputs[i]))),
      set(left, four.add(get(left), four.times(get(x), get(w0)))),
      set(right, four.add(get(right), four.times(get(x), get(w1)))),
      advance(inputs[i], integer(4)),
    ]),
    advance(weight, integer(4 * COLUMNS)),
  ];
  const tile = [
    set(inputs[0], add(get(v), times(get(row), get(stride)))),
    ...inputs.slice(1).map((input, i) => set(input, add(get(inputs[i]), get(stride)))),
    set(end, get(inputs[1])),
    set(weight, add(get(w), times(get(column), get(stride)))),
    ...sums.flat().map((sum) => set(sum, four.zeros)),
    loop(get(inputs[0]), get(end), ...step),
    set(out, add(get(m), times(integer(4), add(times(get(row), get(columns)), get(column))))),
    ...sums.flatMap(([left, right]) => [
      four.store(get(out), get(left)),
      four.store(get(out), get(right), 16),
      advance(out, times(integer(4), get(columns))),
    ]),
    advance(row, integer(ROWS)),
  ];
  return {
    name: "multiply",
    parameters: new Array(6).fill(I32),
    locals: [...new Array(6 + ROWS).fill(I32), ...new Array(3 + 2 * ROWS).fill(V128)],
    statements: [
      set(stride, times(integer(4), get(inner))),
      loop(get(column), get(columns), set(row, integer(0)), loop(get(row), get(rows), ...tile), advance(column, integer(COLUMNS))),
    ],
  };
}

/** `combine` of so many terms: four numbers at once as long as there are four, then one after the other. */
function combination(terms) {
  const [into, length] = numbers(0, 2);
  const from = numbers(2, terms);
  const factors = numbers(2 + terms, terms);
  const end = 2 + 2 * terms;
  const repeated = numbers(end + 1, terms);
  const run = (kind, factorOf) => {
    const products = from.map((address, i) => kind.times(kind.load(get(address)), get(factorOf[i])));
    const on = [into, ...from].map((address) => advance(address, integer(kind.bytes)));
    return loop(get(into), get(end), kind.store(get(into), kind.add(...products)), ...on);
  };
  const bytesOf = (count) => times(integer(4), count);
  return {
    name: `combine${terms}`,
    parameters: [I32, I32, ...new Array(terms).fill(I32), ...new Array(terms).fill(F32)],
    locals: [I32, ...new Array(terms).fill(V128)],
    statements: [
      ...factors.map((factor, i) => set(repeated[i], four.repeat(get(factor)))),
      set(end, add(get(into), bytesOf(and(get(length), integer(-4))))),
      run(four, repeated),
      set(end, add(get(into), bytesOf(and(get(length), integer(3))))),
      run(one, factors),
    ],
  };
}

// The instructions of WebAssembly that `simd.js` uses, and modules of them, as bytes (WebAssembly core specification 2.0,
// chapter 5). An expression is an array of bytes that leaves one value; a statement leaves none.

export const [I32, F32, V128] = [0x7f, 0x7d, 0x7b];
const EMPTY = 0x40;

export const get = (local) => [0x20, ...unsigned(local)];
export const set = (local, value) => [...value, 0x21, ...unsigned(local)];
export const integer = (value) => [0x41, ...signed(value)];
const joined = (opcode) => (...terms) => terms.flatMap((term, i) => [...term, ...(i ? opcode : [])]);
export const add = joined([0x6a]);
export const times = joined([0x6c]);
export const and = joined([0x71]);
const below = joined([0x49]); // of unsigned numbers
const not = (value) => [...value, 0x45];

/** One 32-bit float. Addresses are bytes; the offset of a second or third address in a row is added to it. */
export const one = {
  type: F32,
  bytes: 4,
  load: (address, offset = 0) => [...address, 0x2a, 2, ...unsigned(offset)],
  store: (address, value, offset = 0) => [...address, ...value, 0x38, 2, ...unsigned(offset)],
  add: joined([0x92]),
  times: joined([0x94]),
  repeat: (value) => value,
};

/** Four 32-bit floats next to one another. */
export const four = {
  type: V128,
  bytes: 16,
  load: (address, offset = 0) => [...address, 0xfd, 0x00, 2, ...unsigned(offset)],
  store: (address, value, offset = 0) => [...address, ...value, 0xfd, 0x0b, 2, ...unsigned(offset)],
  add: joined([0xfd, 0xe4, 0x01]),
  times: joined([0xfd, 0xe6, 0x01]),
  /** One float in all four places. */
  repeat: (value) => [...value, 0xfd, 0x13],
  loadRepeated: (address) => [...address, 0xfd, 0x09, 2, 0],
  zeros: [0xfd, 0x0c, ...new Array(16).fill(0)],
};

/** Do the statements again and again while one number is below another. */
export const loop = (first, second, ...statements) => [
  ...[0x02, EMPTY, 0x03, EMPTY],
  ...not(below(first, second)), 0x0d, 1, // leave
  ...statements.flat(), 0x0c, 0, // again
  ...[0x0b, 0x0b],
];

/**
 * A module with a memory, exported as "memory", and functions.
 *
 * @param {{name: string, parameters: number[], locals: number[], statements: number[][]}[]} functions with the types of
 *   parameters and locals, which are numbered on; they give no value.
 */
export function assemble(functions) {
  const one = (local) => [1, local];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, functions.map(({ parameters }) => [0x60, ...vector(parameters.map((type) => [type])), 0])),
    ...section(3, functions.map((_, i) => unsigned(i))),
    ...section(5, [[0, 1]]), // one page of memory at first, without limit
    ...section(7, [[...text("memory"), 2, 0], ...functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)])]),
    ...section(10, functions.map(({ locals, statements }) => {
      const body = [...vector(locals.map(one)), ...statements.flat(), 0x0b];
      return [...unsigned(body.length), ...body];
    })),
  ]);
}

const vector = (entries) => [...unsigned(entries.length), ...entries.flat()];
const text = (name) => vector([...new TextEncoder().encode(name)].map((byte) => [byte]));

function section(number, entries) {
  const bytes = vector(entries);
  return [number, ...unsigned(bytes.length), ...bytes];
}

/** LEB128 of a number from zero on. */
function unsigned(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}

/** LEB128 of a number of either sign. */
function signed(value) {
  const low = value & 0x7f;
  const rest = value >> 7;
  return rest === (low & 0x40 ? -1 : 0) ? [low] : [low | 0x80, ...signed(rest)];
}

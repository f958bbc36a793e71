// Reads safetensors files: the length of a header, the header in JSON, which names the tensors, and their values.

const DAMAGED = "This is not a safetensors file, or it is cut off.";
/** How the bytes of a tensor, little-endian like every machine that runs browsers, become a Float32Array. */
const FORMATS = {
  F32: { size: 4, read: (bytes) => new Float32Array(bytes) },
  // The upper half of a single-precision number.
  BF16: { size: 2, read: (bytes) => widened(bytes, (bits) => bits << 16) },
  // Sign, 5 bits of exponent and 10 of fraction, put where single precision has them; its exponent is larger by 112.
  F16: {
    size: 2,
    read: (bytes) => widened(bytes, (bits) => ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13)).map((value) => value * 2 ** 112),
  },
};

function widened(bytes, word) {
  const halves = new Uint16Array(bytes);
  const words = new Int32Array(halves.length);
  for (let i = 0; i < halves.length; i += 1) words[i] = word(halves[i]);
  return new Float32Array(words.buffer);
}

/**
 * The tensors of a file by name, each with its shape and its values in row-major order. Numbers must be finite.
 *
 * @param {ArrayBuffer} buffer the whole file.
 * @returns {Map<string, {shape: number[], values: Float32Array}>}
 * @throws {Error} it is damaged, or holds other numbers than F32, F16 and BF16; the message is one plain sentence.
 */
export function readSafetensors(buffer) {
  const [header, start] = readHeader(buffer);
  const tensors = new Map();
  for (const [name, tensor] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: offsets } = tensor ?? {};
    if (!Array.isArray(shape) || !Array.isArray(offsets)) throw new Error(DAMAGED);
    const format = FORMATS[dtype];
    if (!format) throw new Error(`The tensor ${name} holds ${dtype} numbers, but only F32, F16 and BF16 can be read.`);
    const bytes = buffer.slice(start + offsets[0], start + offsets[1]);
    if (bytes.byteLength !== shape.reduce((product, side) => product * side, format.size)) throw new Error(DAMAGED);
    tensors.set(name, { shape, values: format.read(bytes) });
  }
  return tensors;
}

/** The header and where the values begin. */
function readHeader(buffer) {
  try {
    const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
    return [Object(header), start];
  } catch {
    throw new Error(DAMAGED);
  }
}

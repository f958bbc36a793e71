// How one value of a layer comes about, term by term, from the layer's input and weights.

const ACTIVATIONS = { relu: (x) => Math.max(0, x), linear: (x) => x, tanh: Math.tanh };

/** One product: where the value lies, whether that is in the map (around it are zeros), the value, and the weight. @typedef {{row: number, column: number, inside: boolean, value: number, weight: number, product: number}} Term */

/** A value of an output as `layers` of network.js gives it. */
export const valueAt = ({ width, channels, values }, row, column, channel) => values[(row * width + column) * channels + channel];

/** The weights between one channel and one filter, row after row. */
export function kernelOf({ side, channels, filters, values }, channel, filter) {
  return Float32Array.from({ length: side * side }, (_, tap) => values[(tap * channels + channel) * filters + filter]);
}

/** The terms of one channel of the input. @returns {Term[]} row after row. */
export function termsOf(layer, input, channel, row, column, filter) {
  const edge = layer.side >> 1;
  return Array.from(kernelOf(layer, channel, filter), (weight, tap) => {
    const [y, x] = [row + Math.floor(tap / layer.side) - edge, column + (tap % layer.side) - edge];
    const inside = y >= 0 && x >= 0 && y < input.height && x < input.width;
    const value = inside ? valueAt(input, y, x, channel) : 0;
    return { row: y, column: x, inside, value, weight, product: value * weight };
  });
}

/**
 * A value of a convolution.
 *
 * @param {object} layer as `weights` of network.js gives it.
 * @param {import("../network/network.js").Output} input what the layer before it gives.
 * @returns {{partial: number[], bias: number, sum: number, value: number}} the sum of the terms of each channel; all of
 *   them and the bias; and that after the activation.
 */
export function convolved(layer, input, row, column, filter) {
  const partial = Array.from({ length: layer.channels }, (_, channel) =>
    termsOf(layer, input, channel, row, column, filter).reduce((sum, { product }) => sum + product, 0),
  );
  const bias = layer.bias[filter];
  const sum = partial.reduce((total, part) => total + part, bias);
  return { partial, bias, sum, value: ACTIVATIONS[layer.activation](sum) };
}

/** The four values of which a max pooling keeps the largest, and which that is: the first of them. */
export function pooled(input, row, column, channel) {
  const candidates = [0, 1, 2, 3].map((i) => {
    const [y, x] = [2 * row + (i >> 1), 2 * column + (i & 1)];
    return { row: y, column: x, value: valueAt(input, y, x, channel) };
  });
  const value = Math.max(...candidates.map((each) => each.value));
  return { candidates, winner: candidates.findIndex((each) => each.value === value), value };
}

/** The value that an upsampling copies. */
export function copied(input, row, column, channel) {
  const [y, x] = [row >> 1, column >> 1];
  return { row: y, column: x, value: valueAt(input, y, x, channel) };
}

/** What of the input a value is computed from: the top left corner and the side, which may stick out of the input. */
export function patchOf({ kind, side }, row, column) {
  if (kind === "pool") return { row: 2 * row, column: 2 * column, side: 2 };
  if (kind === "upsample") return { row: row >> 1, column: column >> 1, side: 1 };
  return { row: row - (side >> 1), column: column - (side >> 1), side };
}

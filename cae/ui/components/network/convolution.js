// Convolutions with fewer products, tile by tile (Winograd 1980; in networks: Lavin & Gray 2016).
//
// An image is a Float32Array of (height + 2) × (width + 2) × channels values, row after row, channels last, with a border
// of zeros one pixel wide.
//
// In one dimension a tile of outputs is A · ((B · inputs) ∘ (G · kernel)), where ∘ multiplies number by number; in two
// dimensions each matrix is applied to columns and rows. Multiplying all channels by all filters takes nearly all the time:
// as many products for each tile as B has rows, squared. Algorithms differ in these matrices alone.

import { createArithmetic } from "./arithmetic.js";
import { COLUMNS, MOST_TERMS, ROWS } from "./simd.js";

/** A matrix as rows of the factors that are not zero, at most MOST_TERMS, and the columns in which they stand. */
function sparse(...rows) {
  return rows.map((row) => {
    const places = [...row.keys()].filter((k) => row[k] !== 0);
    const terms = places.length;
    while (places.length < MOST_TERMS) places.push(places[0]);
    return { terms, places: Int32Array.from(places), factors: Float32Array.from(places, (k) => row[k]) };
  });
}

/**
 * Matrices; `step`: inputs from one tile to the next; `first`: where the first tile begins in the padded image.
 *
 * @typedef {{A: object[], B: object[], G: number[][], step: number, first: number}} Algorithm
 */
const POINT = { step: 1, first: 1, A: sparse([1]), B: sparse([1]), G: [[1]] };
/** 3×3 directly: one output for each tile, 9 products. */
const ONE = {
  step: 1,
  first: 0,
  A: sparse([1, 1, 1]),
  B: sparse([1, 0, 0], [0, 1, 0], [0, 0, 1]),
  G: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
};
/** 3×3 by tiles of 2×2 outputs, each from 4×4 inputs: 16 products in place of 36. */
const TWO = {
  step: 2,
  first: 0,
  A: sparse([1, 1, 1, 0], [0, 1, -1, -1]),
  B: sparse([1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]),
  G: [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
};
/** 3×3 by tiles of 4×4 outputs, each from 6×6 inputs: 36 products in place of 144. */
const FOUR = {
  step: 4,
  first: 0,
  A: sparse([1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]),
  B: sparse(
    [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
  ),
  G: [
    [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
  ],
};
/**
 * Upsampling by 2 and 3×3 in one: two outputs for each input x with neighbours l and r, which the enlarged image repeats as
 * l, x, x, r. A kernel (a, b, c) makes of it a·l + (b + c)·x and (a + b)·x + c·r: (a + b + c)·x with a·(l − x) added to
 * the one and c·(r − x) to the other. In two dimensions 9 products for four outputs in place of 36.
 */
const ENLARGED = {
  step: 1,
  first: 0,
  A: sparse([1, 1, 0], [0, 1, 1]),
  B: sparse([1, -1, 0], [0, 1, 0], [0, -1, 1]),
  G: [[1, 0, 0], [1, 1, 1], [0, 0, 1]],
};

/** Tiles done at once: enough that fetching the weights pays, few enough that the buffers stay in the cache. */
const TILES = 64;
const arithmetic = createArithmetic();

/** A Float32Array of at least that length in `owner[name]`, kept for the next time. */
export function room(owner, name, length) {
  if (!(owner[name]?.length >= length)) owner[name] = new Float32Array(length);
  return owner[name];
}

/** A layer: a "same" convolution of 3×3 or 1×1, of the image enlarged by `scale` (1 or 2), with bias and activation. */
export class Convolution {
  /**
   * @param {{shape: number[], values: Float32Array}} kernel (side, side, channels, filters); 3×3 if `scale` is 2.
   * @param {Float32Array} bias one for each filter.
   * @param {"relu" | "linear" | "tanh"} activation
   * @param {1 | 2} scale
   */
  constructor(kernel, bias, activation, scale = 1) {
    [this.side, , this.channels, this.filters] = kernel.shape;
    this.kernel = kernel.values;
    this.bias = Float32Array.from(bias);
    this.activation = activation;
    this.scale = scale;
    this.weights = new Map();
  }

  /** Convolve the image `from` (height, width, channels) into `to` (scale · height, scale · width, filters). */
  run(from, to, height, width) {
    const { channels, filters, scale } = this;
    const algorithm = this.#algorithm(height, width);
    const { A, B, step } = algorithm;
    const [down, across, count, lanes] = [height / step, width / step, B.length ** 2, multiple(filters, COLUMNS)];
    const weights = this.#weights(algorithm);
    const size = (height + 2) * (width + 2) * channels;
    const rowsAtOnce = Math.min(down, Math.max(1, Math.floor(TILES / across)));
    const tiles = multiple(rowsAtOnce * across, ROWS);
    const [image, kernels, columns, transformed, products, outputs, end] = oneAfterAnother([
      size,
      weights.length,
      Math.max(B.length * (width + 2) * channels, A.length * B.length * tiles * lanes),
      count * tiles * channels,
      count * tiles * lanes,
      rowsAtOnce * across * A.length ** 2 * filters,
    ]);
    arithmetic.reserve(end);
    arithmetic.floats.set(from.subarray(0, size), image);
    arithmetic.floats.set(weights, kernels);
    clearBorder(to, scale * height, scale * width, filters);
    for (let top = 0; top < down; top += rowsAtOnce) {
      const rows = Math.min(down - top, rowsAtOnce);
      for (let row = 0; row < rows; row += 1) {
        const line = image + ((top + row) * step + algorithm.first) * (width + 2) * channels;
        this.#transform(algorithm, line, columns, transformed + row * across * channels, tiles, width);
      }
      for (let p = 0; p < count; p += 1) {
        const [v, w, m] = [transformed + p * tiles * channels, kernels + p * channels * lanes, products + p * tiles * lanes];
        arithmetic.multiply(v, w, m, tiles, channels, lanes);
      }
      this.#gather(algorithm, products, columns, outputs, rows, tiles, across);
      this.#activate(outputs, to, top * A.length, rows * A.length, scale * width);
    }
  }

  /** The algorithm for an image of that size: the one with the largest tiles that fill it. */
  #algorithm(height, width) {
    if (this.side === 1) return POINT;
    if (this.scale === 2) return ENLARGED;
    return [FOUR, TWO].find(({ step }) => height % step === 0 && width % step === 0) ?? ONE;
  }

  /** B · tile · Bᵀ of a row of tiles: first the columns of the whole row, then the rows of each. */
  #transform({ B, step, first }, line, columns, into, tiles, width) {
    const { channels } = this;
    const length = (width + 2) * channels;
    for (let u = 0; u < B.length; u += 1) arithmetic.combine(columns + u * length, line, length, B[u], length);
    for (let u = 0; u < B.length; u += 1) {
      for (let v = 0; v < B.length; v += 1) {
        const to = into + (u * B.length + v) * tiles * channels;
        const from = columns + u * length + first * channels;
        for (let tile = 0; tile < width / step; tile += 1) {
          arithmetic.combine(to + tile * channels, from + tile * step * channels, channels, B[v], channels);
        }
      }
    }
  }

  /** A · products · Aᵀ of some rows of tiles: first the columns of all tiles, then the rows. */
  #gather({ A, B }, products, columns, outputs, rows, tiles, across) {
    const { filters } = this;
    const lanes = multiple(filters, COLUMNS);
    const size = tiles * lanes;
    for (let p = 0; p < A.length; p += 1) {
      for (let v = 0; v < B.length; v += 1) {
        arithmetic.combine(columns + (p * B.length + v) * size, products + v * size, B.length * size, A[p], size);
      }
    }
    for (let row = 0, into = outputs; row < rows; row += 1) {
      for (let p = 0; p < A.length; p += 1) {
        let from = columns + p * B.length * size + row * across * lanes;
        for (let tile = 0; tile < across; tile += 1, from += lanes) {
          for (let q = 0; q < A.length; q += 1, into += filters) arithmetic.combine(into, from, size, A[q], filters);
        }
      }
    }
  }

  /** Add the bias to rows of outputs, apply the activation and put them into an image, from row `top` on. */
  #activate(outputs, to, top, rows, width) {
    const { bias, activation, filters } = this;
    const { floats } = arithmetic;
    for (let row = 0, i = outputs; row < rows; row += 1) {
      let into = ((top + row + 1) * (width + 2) + 1) * filters;
      for (let column = 0; column < width; column += 1, into += filters, i += filters) {
        if (activation === "relu") for (let f = 0; f < filters; f += 1) to[into + f] = Math.max(0, floats[i + f] + bias[f]);
        else if (activation === "tanh") for (let f = 0; f < filters; f += 1) to[into + f] = Math.tanh(floats[i + f] + bias[f]);
        else for (let f = 0; f < filters; f += 1) to[into + f] = floats[i + f] + bias[f];
      }
    }
  }

  /** G · kernel · Gᵀ, computed once, in the order in which `multiply` reads it. */
  #weights(algorithm) {
    if (!this.weights.has(algorithm)) this.weights.set(algorithm, this.#transformedKernel(algorithm.G));
    return this.weights.get(algorithm);
  }

  #transformedKernel(G) {
    const { side, channels, filters, kernel } = this;
    const size = channels * multiple(filters, COLUMNS);
    const weights = new Float32Array(G.length ** 2 * size);
    for (let u = 0; u < G.length; u += 1) {
      for (let v = 0; v < G.length; v += 1) {
        for (let tap = 0; tap < side ** 2; tap += 1) {
          const factor = G[u][Math.floor(tap / side)] * G[v][tap % side];
          if (factor === 0) continue;
          for (let c = 0, k = tap * channels * filters; c < channels; c += 1) {
            for (let f = 0; f < filters; f += 1, k += 1) {
              weights[(u * G.length + v) * size + (Math.floor(f / COLUMNS) * channels + c) * COLUMNS + (f % COLUMNS)] += factor * kernel[k];
            }
          }
        }
      }
    }
    return weights;
  }
}

const multiple = (count, of) => Math.ceil(count / of) * of;

/** Where arrays of these lengths begin, and the last one ends, if each begins at a multiple of four numbers. */
function oneAfterAnother(lengths) {
  const starts = [0];
  for (const length of lengths) starts.push(starts.at(-1) + multiple(length, 4));
  return starts;
}

/** Put the border of zeros around an image. */
export function clearBorder(image, height, width, channels) {
  const length = (width + 2) * channels;
  image.fill(0, 0, length + channels);
  for (let row = 2; row <= height + 1; row += 1) image.fill(0, row * length - channels, row * length + channels);
  image.fill(0, (height + 1) * length - channels, (height + 2) * length);
}

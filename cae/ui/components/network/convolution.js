// Convolutions with fewer products, tile by tile (Winograd 1980; in networks: Lavin & Gray 2016).
//
// An image is a Float64Array of (height + 2) × (width + 2) × channels values, row after row, channels last, with a border
// of zeros one pixel wide. Arithmetic on doubles is the fastest that JavaScript has, and the transforms lose nothing in it.
//
// In one dimension a tile of outputs is A · ((B · inputs) ∘ (G · kernel)), where ∘ multiplies number by number; in two
// dimensions each matrix is applied to columns and rows. Multiplying all channels by all filters takes nearly all the time:
// as many products for each tile as B has rows, squared. Algorithms differ in these matrices alone.

/** A matrix as rows of the factors that are not zero, at most five, and the columns in which they stand. */
function sparse(...rows) {
  return rows.map((row) => {
    const places = [...row.keys()].filter((k) => row[k] !== 0);
    const terms = places.length;
    while (places.length < 5) places.push(places[0]);
    return { terms, places: Int32Array.from(places), factors: Float64Array.from(places, (k) => row[k]) };
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
const scratch = { columns: null, transformed: null, products: null };

/** A Float64Array of at least that length in `owner[name]`, kept for the next time. */
export function room(owner, name, length) {
  if (!(owner[name]?.length >= length)) owner[name] = new Float64Array(length);
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
    this.bias = Float64Array.from(bias);
    this.activation = activation;
    this.scale = scale;
    this.weights = new Map();
  }

  /** Convolve the image `from` (height, width, channels) into `to` (scale · height, scale · width, filters). */
  run(from, to, height, width) {
    const { channels, filters, scale } = this;
    const algorithm = this.#algorithm(height, width);
    const { A, B, step } = algorithm;
    const [down, across, count, lanes] = [height / step, width / step, B.length ** 2, fours(filters)];
    const weights = this.#weights(algorithm);
    clearBorder(to, scale * height, scale * width, filters);
    for (let top = 0, rows; top < down; top += rows) {
      rows = Math.min(down - top, Math.max(1, Math.floor(TILES / across)));
      const tiles = fours(rows * across);
      const transformed = room(scratch, "transformed", count * tiles * channels);
      const products = room(scratch, "products", count * tiles * lanes);
      room(scratch, "columns", Math.max(B.length * (width + 2) * channels, A.length * B.length * tiles * lanes));
      this.#transform(algorithm, from, transformed, top, rows, tiles, width);
      for (let p = 0; p < count; p += 1) {
        const [v, w, m] = [p * tiles * channels, p * channels * lanes, p * tiles * lanes];
        multiply(transformed, v, weights, w, products, m, tiles, channels, lanes);
      }
      this.#gather(algorithm, products, to, top, rows, tiles, width);
    }
  }

  /** The algorithm for an image of that size: the one with the largest tiles that fill it. */
  #algorithm(height, width) {
    if (this.side === 1) return POINT;
    if (this.scale === 2) return ENLARGED;
    return [FOUR, TWO].find(({ step }) => height % step === 0 && width % step === 0) ?? ONE;
  }

  /** B · tile · Bᵀ of some rows of tiles: first the columns of a whole row of tiles, then the rows of each. */
  #transform({ B, step, first }, from, to, top, rows, tiles, width) {
    const { channels } = this;
    const { columns } = scratch;
    const [length, across] = [(width + 2) * channels, width / step];
    for (let row = 0; row < rows; row += 1) {
      const start = ((top + row) * step + first) * length;
      for (let u = 0; u < B.length; u += 1) combine(columns, u * length, from, start, length, B[u], length);
      for (let u = 0; u < B.length; u += 1) {
        for (let v = 0; v < B.length; v += 1) {
          let into = ((u * B.length + v) * tiles + row * across) * channels;
          let at = u * length + first * channels;
          for (let tile = 0; tile < across; tile += 1, into += channels, at += step * channels) {
            combine(to, into, columns, at, channels, B[v], channels);
          }
        }
      }
    }
  }

  /** A · products · Aᵀ of some rows of tiles, with bias and activation: first the columns of all tiles, then the rows. */
  #gather({ A, B, step }, products, to, top, rows, tiles, width) {
    const { filters, scale } = this;
    const { columns } = scratch;
    const lanes = fours(filters);
    const [size, across] = [tiles * lanes, width / step];
    for (let p = 0; p < A.length; p += 1) {
      for (let v = 0; v < B.length; v += 1) {
        combine(columns, (p * B.length + v) * size, products, v * size, B.length * size, A[p], size);
      }
    }
    for (let row = 0; row < rows; row += 1) {
      for (let p = 0; p < A.length; p += 1) {
        let into = (((top + row) * A.length + p + 1) * (scale * width + 2) + 1) * filters;
        let at = p * B.length * size + row * across * lanes;
        for (let tile = 0; tile < across; tile += 1, at += lanes) {
          for (let q = 0; q < A.length; q += 1, into += filters) {
            combine(to, into, columns, at, size, A[q], filters);
            this.#activate(to, into);
          }
        }
      }
    }
  }

  /** Add the bias to one pixel's values and apply the activation. */
  #activate(to, into) {
    const { bias, activation } = this;
    const tanh = activation === "tanh";
    if (activation === "relu") for (let f = 0; f < bias.length; f += 1) to[into + f] = Math.max(0, to[into + f] + bias[f]);
    else for (let f = 0; f < bias.length; f += 1) to[into + f] = tanh ? Math.tanh(to[into + f] + bias[f]) : to[into + f] + bias[f];
  }

  /** G · kernel · Gᵀ, computed once, in the order in which `multiply` reads it. */
  #weights(algorithm) {
    if (!this.weights.has(algorithm)) this.weights.set(algorithm, this.#transformedKernel(algorithm.G));
    return this.weights.get(algorithm);
  }

  #transformedKernel(G) {
    const { side, channels, filters, kernel } = this;
    const size = channels * fours(filters);
    const weights = new Float64Array(G.length ** 2 * size);
    for (let u = 0; u < G.length; u += 1) {
      for (let v = 0; v < G.length; v += 1) {
        for (let tap = 0; tap < side ** 2; tap += 1) {
          const factor = G[u][Math.floor(tap / side)] * G[v][tap % side];
          if (factor === 0) continue;
          for (let c = 0, k = tap * channels * filters; c < channels; c += 1) {
            for (let f = 0; f < filters; f += 1, k += 1) {
              weights[(u * G.length + v) * size + ((f >> 2) * channels + c) * 4 + (f & 3)] += factor * kernel[k];
            }
          }
        }
      }
    }
    return weights;
  }
}

const fours = (count) => (count + 3) & ~3;

// The starts of the innermost loops are made 32-bit integers by "| 0": then V8 counts on from them without checks, a
// quarter faster.

/** out[into + i] = Σₖ factors[k] · x[at + places[k] · apart + i] for i < length. */
function combine(out, into, x, at, apart, { terms, factors, places }, length) {
  const a = factors[0], b = factors[1], c = factors[2], d = factors[3], e = factors[4];
  const j = (at + places[0] * apart) | 0, k = (at + places[1] * apart) | 0, l = (at + places[2] * apart) | 0;
  const m = (at + places[3] * apart) | 0, n = (at + places[4] * apart) | 0;
  if (terms === 1) for (let i = 0; i < length; i += 1) out[into + i] = a * x[j + i];
  else if (terms === 2) for (let i = 0; i < length; i += 1) out[into + i] = a * x[j + i] + b * x[k + i];
  else if (terms === 3) for (let i = 0; i < length; i += 1) out[into + i] = a * x[j + i] + b * x[k + i] + c * x[l + i];
  else if (terms === 4) for (let i = 0; i < length; i += 1) out[into + i] = a * x[j + i] + b * x[k + i] + c * x[l + i] + d * x[m + i];
  else for (let i = 0; i < length; i += 1) out[into + i] = a * x[j + i] + b * x[k + i] + c * x[l + i] + d * x[m + i] + e * x[n + i];
}

/**
 * Matrix product m (rows, lanes) = v (rows, channels) · w (channels, lanes), of multiples of four rows and lanes, four of
 * each at a time: sixteen products for eight numbers read. In w four lanes follow one another, channel after channel.
 */
function multiply(v, vStart, w, wStart, m, mStart, rows, channels, lanes) {
  for (let lane = 0; lane < lanes; lane += 4) {
    for (let row = 0; row < rows; row += 4) {
      let i0 = (vStart + row * channels) | 0;
      let i1 = (i0 + channels) | 0, i2 = (i1 + channels) | 0, i3 = (i2 + channels) | 0;
      let k = (wStart + lane * channels) | 0;
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
      let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
      for (const end = i1; i0 < end; i0 += 1, i1 += 1, i2 += 1, i3 += 1, k += 4) {
        const w0 = w[k], w1 = w[k + 1], w2 = w[k + 2], w3 = w[k + 3];
        let x = v[i0];
        s00 += x * w0; s01 += x * w1; s02 += x * w2; s03 += x * w3;
        x = v[i1];
        s10 += x * w0; s11 += x * w1; s12 += x * w2; s13 += x * w3;
        x = v[i2];
        s20 += x * w0; s21 += x * w1; s22 += x * w2; s23 += x * w3;
        x = v[i3];
        s30 += x * w0; s31 += x * w1; s32 += x * w2; s33 += x * w3;
      }
      let o = mStart + row * lanes + lane;
      m[o] = s00; m[o + 1] = s01; m[o + 2] = s02; m[o + 3] = s03;
      o += lanes;
      m[o] = s10; m[o + 1] = s11; m[o + 2] = s12; m[o + 3] = s13;
      o += lanes;
      m[o] = s20; m[o + 1] = s21; m[o + 2] = s22; m[o + 3] = s23;
      o += lanes;
      m[o] = s30; m[o + 1] = s31; m[o + 2] = s32; m[o + 3] = s33;
    }
  }
}

/** Put the border of zeros around an image. */
export function clearBorder(image, height, width, channels) {
  const length = (width + 2) * channels;
  image.fill(0, 0, length + channels);
  for (let row = 2; row <= height + 1; row += 1) image.fill(0, row * length - channels, row * length + channels);
  image.fill(0, (height + 1) * length - channels, (height + 2) * length);
}

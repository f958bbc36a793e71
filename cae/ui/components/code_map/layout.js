// A map of codes: what a file of `cae map` holds, and where codes lie in the plane. A place is [x, y] in [0, 1].

import { bytes, floats } from "../shared/numbers.js";

const MARGIN = 0.05; // of the map's side, on each side of the points
/** Codes that the code of a place is mixed from, and neighbours that are shown. */
export const NEIGHBOURS = 5;
/** A place is far from any code where none lies this near, as a share of the map's side. */
export const FAR = 0.03;

/**
 * @typedef {{points: number[][], kept: number, variance?: number, place: (code: Float32Array) => number[]}} Layout
 *   the places of the codes; the mean share of a code's nearest codes that are among its nearest points; the share of
 *   the variance that the plane holds; and where any code lies.
 */

export class CodeMap {
  /** @param {object} found the content of map.json, as `cae.evaluation.code_map.make` describes it. */
  constructor(found) {
    const [symbols, low, step] = [bytes(found.codes), floats(found.low), floats(found.step)];
    const cells = low.length;
    this.classes = found.classes;
    this.labels = bytes(found.labels);
    /** One Float32Array for each image. */
    this.codes = Array.from(this.labels, (_, i) => low.map((lowest, cell) => lowest + step[cell] * symbols[i * cells + cell]));
    /** @type {{pca: Layout, umap: Layout}} */
    this.layouts = { pca: this.#linear(found.pca), umap: this.#given(found.umap) };
  }

  /** By two scalar products. */
  #linear({ mean, components, kept, variance }) {
    const [centre, weights] = [floats(mean), floats(components)];
    const project = (code) => [0, 1].map((axis) => code.reduce((sum, value, i) => sum + (value - centre[i]) * weights[axis * centre.length + i], 0));
    const { points, fit } = fitted(this.codes.map(project));
    return { points, kept, variance, place: (code) => fit(project(code)) };
  }

  /** As the file says; any other code lies at the weighted mean of its neighbours' places. */
  #given({ points: text, kept }) {
    const flat = floats(text);
    const { points } = fitted(Array.from(this.labels, (_, i) => [flat[2 * i], flat[2 * i + 1]]));
    return { points, kept, place: (code) => mixed(points, weighted(nearest(this.codes, code, NEIGHBOURS + 1))) };
  }

  /** The indices of the codes nearest to a code, the nearest first. */
  neighbours(code) {
    return nearest(this.codes, code, NEIGHBOURS).map(({ index }) => index);
  }

  /**
   * The code at a place: the mean of the codes nearest on the map, by their distances; at a point it is that point's code.
   *
   * @returns {{code: Float32Array, near: number[], far: boolean}} with the indices of those codes, the nearest first.
   */
  at(layout, place) {
    const found = nearest(layout.points, place, NEIGHBOURS + 1);
    const near = found.slice(0, NEIGHBOURS).map(({ index }) => index);
    return { code: Float32Array.from(mixed(this.codes, weighted(found))), near, far: found[0].distance > FAR };
  }

  /** The place in the middle of each class: the medians of its points. */
  centres(layout) {
    return this.classes.map((_, label) => {
      const points = layout.points.filter((_, i) => this.labels[i] === label);
      return points.length ? [0, 1].map((axis) => median(points.map((point) => point[axis]))) : null;
    });
  }
}

/** The points moved and scaled alike in both directions, so that they fill the square; `fit` does it for any other. */
function fitted(raw) {
  const [low, high] = [Math.min, Math.max].map((end) => [0, 1].map((axis) => end(...raw.map((point) => point[axis]))));
  const scale = (1 - 2 * MARGIN) / (Math.max(high[0] - low[0], high[1] - low[1]) || 1);
  const fit = (point) => point.map((value, axis) => 0.5 + (value - (low[axis] + high[axis]) / 2) * scale * (axis ? -1 : 1));
  return { points: raw.map(fit), fit };
}

/** The so many vectors nearest to one, the nearest first. */
function nearest(vectors, to, count) {
  const found = vectors.map((vector, index) => ({ index, distance: distance(vector, to) }));
  return found.sort((a, b) => a.distance - b.distance).slice(0, count);
}

/**
 * Weights for all but the last of the neighbours found, whose distance is where weights end, so that nothing jumps when
 * another neighbour takes a place (the modified method of Shepard; R. Franke and G. Nielson, 1980).
 */
function weighted(found) {
  const end = found.at(-1).distance;
  const exact = found.filter(({ distance }) => distance === 0);
  if (exact.length) return exact.map(({ index }) => ({ index, weight: 1 / exact.length }));
  const inner = found.slice(0, -1).map(({ index, distance }) => ({ index, weight: ((end - distance) / (end * distance)) ** 2 }));
  const sum = inner.reduce((total, { weight }) => total + weight, 0);
  return sum > 0 ? inner.map(({ index, weight }) => ({ index, weight: weight / sum })) : inner.map(({ index }) => ({ index, weight: 1 / inner.length }));
}

function mixed(vectors, weights) {
  return Array.from(vectors[0], (_, axis) => weights.reduce((sum, { index, weight }) => sum + weight * vectors[index][axis], 0));
}

function distance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

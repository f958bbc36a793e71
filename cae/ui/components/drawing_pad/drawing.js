// What is on the pad: strokes, in pad units, which are [0, 1] to the right and downwards, with a little more allowed on
// all sides, and widths as a fraction of the side.

import { clamp } from "../shared/numbers.js";

const MIN_DISTANCE = 0.004; // closer points are thinned out
const MAX_HISTORY = 50;

/** @typedef {{points: [number, number][], width: number, erase: boolean}} Stroke */

export class Drawing {
  #limits;
  #history = []; // earlier lists of strokes
  #strokes;

  /**
   * @param {Stroke[]} strokes to start with.
   * @param {{strokes: number, points: number, coordinates: [number, number], grid: number}} limits the most strokes and
   *   points, between what coordinates must lie, and how many places there are in a row of the pad for finished points.
   */
  constructor(strokes, limits) {
    this.#limits = limits;
    this.#strokes = strokes.map(copy);
  }

  /** @returns {Stroke[]} */
  get strokes() {
    return this.#strokes;
  }

  get isEmpty() {
    return !this.#strokes.length;
  }

  get canUndo() {
    return this.#history.length > 0;
  }

  get pointCount() {
    return this.#strokes.reduce((sum, { points }) => sum + points.length, 0);
  }

  /** Put down the pen: a new stroke of one point. False, with nothing done, where the drawing is full. */
  begin(x, y, width, erase) {
    if (this.#strokes.length >= this.#limits.strokes || !this.#hasRoom()) return false;
    this.#remember();
    this.#strokes.push({ points: [this.#within(x, y)], width, erase });
    return true;
  }

  /** Move the pen of the last stroke, where it has gone far enough. False, with nothing done, where the drawing is full. */
  extend(x, y) {
    const { points } = this.#strokes.at(-1);
    const [lastX, lastY] = points.at(-1);
    const point = this.#within(x, y);
    if (Math.hypot(point[0] - lastX, point[1] - lastY) < MIN_DISTANCE) return true;
    if (!this.#hasRoom()) return false;
    points.push(point);
    return true;
  }

  /** End the last stroke: what its points do not need, and what is finer than the grid, goes, so that it fits into a link. */
  finish() {
    const stroke = this.#strokes.at(-1);
    const { grid } = this.#limits;
    const place = (number) => Math.round(number * grid) / grid;
    const points = simplified(stroke.points, 1 / grid).map(([x, y]) => [place(x), place(y)]);
    this.#strokes[this.#strokes.length - 1] = { ...stroke, points: points.filter(differs) };
  }

  /** Put other strokes in their place. False where they are the same. */
  replace(strokes) {
    const given = strokes.map(copy);
    if (JSON.stringify(given) === JSON.stringify(this.#strokes)) return false;
    this.#remember();
    this.#strokes = given;
    return true;
  }

  /** Take all ink away. False where there was none. */
  clear() {
    return this.replace([]);
  }

  /** Go back to before the last stroke, replacement or clearing. False where there was none. */
  undo() {
    if (!this.canUndo) return false;
    this.#strokes = this.#history.pop();
    return true;
  }

  /** The strokes in thousandths of the pad, as they are sent. */
  rounded() {
    return this.#strokes.map(({ points, width, erase }) => ({
      points: points.map(([x, y]) => [round(x), round(y)]),
      width: round(width),
      erase,
    }));
  }

  #hasRoom() {
    return this.pointCount < this.#limits.points;
  }

  #within(x, y) {
    return [clamp(x, ...this.#limits.coordinates), clamp(y, ...this.#limits.coordinates)];
  }

  #remember() {
    this.#history.push(this.#strokes.slice());
    this.#history = this.#history.slice(-MAX_HISTORY);
  }
}

/** The points without those that lie within a distance of the line through the others (Ramer 1972, Douglas & Peucker 1973). */
export function simplified(points, distance) {
  if (points.length < 3) return points;
  const [[x0, y0], [x1, y1]] = [points[0], points.at(-1)];
  const length = Math.hypot(x1 - x0, y1 - y0);
  const apart = points.map(([x, y]) =>
    length ? Math.abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length : Math.hypot(x - x0, y - y0),
  );
  const farthest = apart.reduce((best, value, i) => (value > apart[best] ? i : best), 0);
  if (apart[farthest] <= distance) return [points[0], points.at(-1)];
  return [
    ...simplified(points.slice(0, farthest + 1), distance).slice(0, -1),
    ...simplified(points.slice(farthest), distance),
  ];
}

const differs = ([x, y], i, points) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1];

function copy({ points, width, erase }) {
  return { points: points.slice(), width, erase: Boolean(erase) };
}

function round(number) {
  return Math.round(number * 1000) / 1000;
}

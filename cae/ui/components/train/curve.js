// The loss curve of a training that grows: what its axes show, and its SVG.

import { ticks } from "../play/chart.js";
import { clamp, significant } from "../shared/numbers.js";
import { knobText } from "./words.js";

const MARGIN = { left: 58, right: 14, top: 26, bottom: 40 };

const UNTRAINED = [0.005, 0.15]; // the losses that are shown while there is nothing to show

/**
 * @param {import("./room.js").Training} training with or without points.
 * @param {import("./room.js").Training | null} before one to compare with.
 * @param {{width: number, height: number}} size in pixels.
 * @param {[string, string]} colours of training and validation.
 * @param {{from: number, to: number} | null} guess losses between which it will end.
 * @returns {string} the inside of the SVG.
 */
export function curve(training, before, { width, height }, [colour, validationColour], guess = null) {
  const { points, steps, variance, recipe } = training;
  const shown = before ? [...points, ...before.points] : points;
  const known = [...shown.flatMap(([, loss, valLoss]) => [loss, valLoss]), ...(points.length ? [variance] : UNTRAINED)];
  if (guess) known.push(...[guess.from, guess.to].filter((loss) => loss > 0 && loss < Infinity));
  const [low, high] = [Math.min(...known) / 1.25, Math.max(...known) * 1.15];
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  const x = (epoch) => left + Math.min(1, epoch / recipe.epochs) * (right - left);
  const y = (loss) => bottom - clamp(Math.log(loss / low) / Math.log(high / low), 0, 1) * (bottom - top);
  const line = (of, index, stroke, kind = "") =>
    `<polyline class="line ${kind}" stroke="${stroke}" stroke-dasharray="${index === 2 ? "7 3" : "none"}" points="${of.points
      .map((point) => `${x(epochs(point, of)).toFixed(1)},${y(point[index]).toFixed(1)}`)
      .join(" ")}"/>`;
  const marks = ticks(low, high, true);
  const rules = (marks.length > 2 ? marks : ticks(low, high, false)).map(
    (loss) =>
      `<line class="grid" x1="${left}" x2="${right}" y1="${y(loss)}" y2="${y(loss)}"/>` +
      `<text x="${left - 6}" y="${y(loss) + 5}" text-anchor="end">${significant(loss)}</text>`,
  );
  const every = Math.ceil(recipe.epochs / 10);
  const named = Array.from({ length: Math.floor(recipe.epochs / every) + 1 }, (_, i) => i * every);
  const key = (at, stroke, dashes, text, value) =>
    `<line class="line" x1="${at}" x2="${at + 18}" y1="8" y2="8" stroke="${stroke}" stroke-dasharray="${dashes}"/>` +
    `<text x="${at + 23}" y="13">${text} ${significant(value)}</text>`;
  const axes = [
    ...rules,
    ...named.map((epoch) => `<text x="${x(epoch)}" y="${bottom + 17}" text-anchor="middle">${epoch}</text>`),
    `<text x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle">epochs: passes over all training images</text>`,
    before ? line(before, 2, "currentcolor", "before") + label(before, x, y, right) : "",
  ];
  const behind = guess ? band(guess, left, right, y) : "";
  if (!points.length) return [behind, ...axes].join("");
  const [, loss, valLoss] = points.at(-1);
  return [
    behind,
    ...axes,
    `<line class="published" x1="${left}" x2="${right}" y1="${y(variance)}" y2="${y(variance)}"/>`,
    `<text class="label" x="${right}" y="${y(variance) - 5}" text-anchor="end">one grey for every picture ${significant(variance)}</text>`,
    line(training, 1, colour),
    line(training, 2, validationColour),
    key(left, colour, "none", "training", loss),
    key(left + 150, validationColour, "7 3", "validation", valLoss),
  ].join("");
}

/** Where the validation loss was guessed to end. */
function band({ from, to }, left, right, y) {
  const [top, bottom] = [y(to), y(from)];
  return (
    `<rect class="guess" x="${left}" width="${right - left}" y="${top}" height="${bottom - top}"/>` +
    `<text class="label" x="${left + 6}" y="${bottom - 6}">your guess</text>`
  );
}

/** Epochs trained at a point. */
const epochs = ([step], { steps, recipe }) => (step / steps) * recipe.epochs;

/** What the one before was, at its line's end, on the side where there is room. */
function label(before, x, y, right) {
  const last = before.points.at(-1);
  const at = x(epochs(last, before));
  const anchor = at > right / 2 ? "end" : "start";
  return `<text class="label" x="${at}" y="${y(last[2]) + 15}" text-anchor="${anchor}">before: ${knobText(before.recipe)}</text>`;
}

/** The curve in words. @param {import("./room.js").Training} training */
export function curveText({ points, steps, variance }) {
  const [first, last] = [points[0], points.at(-1)];
  const fall = (index) => `from ${significant(first[index])} to ${significant(last[index])}`;
  return `Loss up to step ${last[0]} of ${steps}: training ${fall(1)}, validation ${fall(2)}; one grey for every picture gives ${significant(variance)}`;
}

// A chart of losses by epoch: what its axes show, and its SVG.

import { clamp, significant } from "../shared/numbers.js";

export const SIZE = { width: 420, height: 218, left: 44, right: 8, top: 22, bottom: 26 };
const LABELS = 10; // epochs named along the axis, about

/** @typedef {{name: string, images: number, loss: number[], val_loss: number[], published: number | null}} Curve */

/**
 * The trainings that a model's history.json tells of.
 *
 * @param {object} history the file's content.
 * @param {Object<string, number>} published losses by training, where there are any.
 * @returns {Curve[]}
 */
export function curvesOf(history, published) {
  return Object.entries(history).map(([name, { epochs, images }]) => ({
    name,
    images,
    loss: epochs.map(({ loss }) => loss),
    val_loss: epochs.map(({ val_loss }) => val_loss),
    published: published[name] ?? null,
  }));
}

/** Round values between `low` and `high` for an axis: 1, 2 and 5 in each decade, or some four steps of equal size. */
export function ticks(low, high, logarithmic) {
  if (logarithmic) {
    const all = [];
    for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1) {
      for (const factor of [1, 2, 5]) all.push(factor * 10 ** decade);
    }
    return all.filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step).filter((value) => value >= low);
}

/** The epochs to be named: the first, the last, and round ones that leave the last its room. */
export function namedEpochs(epochs) {
  const every = Math.max(1, Math.ceil(epochs / LABELS));
  return Array.from({ length: epochs }, (_, i) => i + 1).filter(
    (epoch) => epoch === 1 || epoch === epochs || (epoch % every === 0 && epochs - epoch >= every),
  );
}

/** Where things lie in the chart of a curve. */
export class Scale {
  /** @param {Curve} curve */
  constructor(curve, logarithmic) {
    const everything = [...curve.loss, ...curve.val_loss, ...(curve.published ? [curve.published] : [])];
    this.epochs = curve.loss.length;
    this.logarithmic = logarithmic;
    this.high = Math.max(...everything) * (logarithmic ? 1.15 : 1.03);
    this.low = logarithmic ? Math.min(...everything) / 1.25 : 0;
  }

  x(epoch) {
    return SIZE.left + ((epoch - 1) / Math.max(1, this.epochs - 1)) * (SIZE.width - SIZE.left - SIZE.right);
  }

  y(loss) {
    const share = this.logarithmic
      ? Math.log(loss / this.low) / Math.log(this.high / this.low)
      : (loss - this.low) / (this.high - this.low);
    return SIZE.height - SIZE.bottom - share * (SIZE.height - SIZE.top - SIZE.bottom);
  }

  /** The epoch nearest to an x. */
  epoch(x) {
    const share = (x - SIZE.left) / (SIZE.width - SIZE.left - SIZE.right);
    return clamp(Math.round(share * (this.epochs - 1)) + 1, 1, this.epochs);
  }
}

/**
 * The inside of the chart's SVG.
 *
 * @param {Curve} curve
 * @param {Scale} scale of this curve.
 * @param {[string, string]} colours of training and validation.
 */
export function chart(curve, scale, [training, validation]) {
  const { width, height, left, right, top, bottom } = SIZE;
  const across = (loss) => `x1="${left}" x2="${width - right}" y1="${scale.y(loss)}" y2="${scale.y(loss)}"`;
  const line = (values, colour) =>
    scale.epochs === 1
      ? `<circle cx="${scale.x(1)}" cy="${scale.y(values[0])}" r="3.5" fill="${colour}"/>`
      : `<polyline class="line" stroke="${colour}" points="${values.map((v, i) => `${scale.x(i + 1)},${scale.y(v)}`).join(" ")}"/>`;
  const key = (at, colour, text, value) =>
    `<rect x="${at}" y="4" width="14" height="4" rx="2" fill="${colour}"/>` +
    `<text x="${at + 19}" y="10">${text} ${significant(value)}</text>`;
  const rules = ticks(scale.low, scale.high, scale.logarithmic).map(
    (loss) =>
      `<line class="grid" ${across(loss)}/>` +
      `<text x="${left - 5}" y="${scale.y(loss) + 4}" text-anchor="end">${significant(loss)}</text>`,
  );
  const labels = namedEpochs(scale.epochs).map(
    (epoch) => `<text x="${scale.x(epoch)}" y="${height - bottom + 15}" text-anchor="middle">${epoch}</text>`,
  );
  const published = curve.published
    ? `<line class="published" ${across(curve.published)}/>` +
      `<text x="${width - right}" y="${scale.y(curve.published) - 5}" text-anchor="end" class="label">thesis ${significant(curve.published)}</text>`
    : "";
  return [
    ...rules,
    ...labels,
    line(curve.loss, training),
    line(curve.val_loss, validation),
    published,
    key(left, training, "training", curve.loss.at(-1)),
    key(left + 130, validation, "validation", curve.val_loss.at(-1)),
    `<text x="${width - right}" y="10" text-anchor="end">epochs →</text>`,
    `<line class="marker" y1="${top}" y2="${height - bottom}" visibility="hidden"/>`,
  ].join("");
}

/** The chart in words. */
export function chartText({ name, loss, val_loss, published }) {
  const fall = (values) => `from ${significant(values[0])} to ${significant(values.at(-1))}`;
  return (
    `Loss of the ${name} over ${loss.length} epochs: training ${fall(loss)}, validation ${fall(val_loss)}` +
    (published ? `; the thesis reports ${significant(published)}` : "")
  );
}

/** The losses of one epoch in words. */
export function epochText({ name, loss, val_loss }, epoch) {
  const [training, validation] = [loss, val_loss].map((values) => values[epoch - 1].toFixed(5));
  return `${name}, epoch ${epoch}: training loss ${training}, validation loss ${validation}`;
}

// A chart of losses by epoch: what its axes show, and its SVG.

import { clamp, significant } from "../shared/numbers.js";

const MARGIN = { left: 58, right: 14, top: 26, bottom: 40 };
const LABEL_EVERY = 44; // pixels from one epoch named along the axis to the next, at least

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

/** The epochs to be named, at most `most` or so: the first, the last, and round ones that leave these their room. */
export function namedEpochs(first, last, most) {
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, most)));
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(
    (epoch) => epoch === first || epoch === last || (epoch % every === 0 && last - epoch >= every && epoch - first >= every),
  );
}

/** Where things lie in the chart of a curve, in pixels. */
export class Scale {
  /**
   * @param {Curve} curve
   * @param {{width: number, height: number}} size of the whole chart.
   * @param {number} first the epoch at the left: 0 where the network before all training is shown, too.
   */
  constructor(curve, logarithmic, { width, height }, first = 1) {
    const everything = [...curve.loss, ...curve.val_loss, ...(curve.published ? [curve.published] : [])];
    this.epochs = curve.loss.length;
    this.first = first;
    this.logarithmic = logarithmic;
    this.high = Math.max(...everything) * (logarithmic ? 1.15 : 1.03);
    this.low = logarithmic ? Math.min(...everything) / 1.25 : 0;
    this.width = width;
    this.height = height;
    this.left = MARGIN.left;
    this.right = width - MARGIN.right;
    this.top = MARGIN.top;
    this.bottom = height - MARGIN.bottom;
  }

  x(epoch) {
    return this.left + ((epoch - this.first) / Math.max(1, this.epochs - this.first)) * (this.right - this.left);
  }

  y(loss) {
    const share = this.logarithmic
      ? Math.log(loss / this.low) / Math.log(this.high / this.low)
      : (loss - this.low) / (this.high - this.low);
    return this.bottom - clamp(share, 0, 1) * (this.bottom - this.top);
  }

  /** The epoch nearest to an x. */
  epoch(x) {
    const share = (x - this.left) / (this.right - this.left);
    return clamp(Math.round(share * (this.epochs - this.first)) + this.first, this.first, this.epochs);
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
  const { left, right, top, bottom } = scale;
  const across = (loss) => `x1="${left}" x2="${right}" y1="${scale.y(loss)}" y2="${scale.y(loss)}"`;
  const line = (values, colour, dashes) =>
    scale.epochs === 1
      ? `<circle cx="${scale.x(1)}" cy="${scale.y(values[0])}" r="3.5" fill="${colour}"/>`
      : `<polyline class="line" stroke="${colour}" stroke-dasharray="${dashes}" points="${values.map((v, i) => `${scale.x(i + 1)},${scale.y(v)}`).join(" ")}"/>`;
  const key = (at, colour, dashes, text, value) =>
    `<line class="line" x1="${at}" x2="${at + 18}" y1="8" y2="8" stroke="${colour}" stroke-dasharray="${dashes}"/>` +
    `<text x="${at + 23}" y="13">${text} ${significant(value)}</text>`;
  const rules = ticks(scale.low, scale.high, scale.logarithmic).map(
    (loss) =>
      `<line class="grid" ${across(loss)}/>` +
      `<text x="${left - 6}" y="${scale.y(loss) + 5}" text-anchor="end">${significant(loss)}</text>`,
  );
  const names = namedEpochs(scale.first, scale.epochs, (right - left) / LABEL_EVERY);
  const labels = names.map((epoch) => `<text x="${scale.x(epoch)}" y="${bottom + 17}" text-anchor="middle">${epoch}</text>`);
  const published = curve.published
    ? `<line class="published" ${across(curve.published)}/>` +
      `<text x="${right}" y="${scale.y(curve.published) - 5}" text-anchor="end" class="label">thesis ${significant(curve.published)}</text>`
    : "";
  return [
    ...rules,
    ...labels,
    line(curve.loss, training, "none"),
    line(curve.val_loss, validation, "7 3"),
    published,
    key(left, training, "none", "training", curve.loss.at(-1)),
    key(left + 150, validation, "7 3", "validation", curve.val_loss.at(-1)),
    `<text x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle">epochs: passes over all training images</text>`,
    `<line class="marker" y1="${top}" y2="${bottom}" visibility="hidden"/>`,
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

// Feature maps as pictures: each from its own smallest to its own largest value.

import { element } from "../shared/dom.js";
import { significant } from "../shared/numbers.js";

/** Colours as the 32-bit words that a canvas holds. */
export function words(palette) {
  const pixels = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i += 1) pixels.set([...palette.colour(i), 255], 4 * i);
  return new Uint32Array(pixels.buffer);
}

/** The smallest and the largest value of each channel. @returns {[number, number][]} */
export function rangesOf({ channels, values }) {
  const [low, high] = [new Float32Array(channels).fill(Infinity), new Float32Array(channels).fill(-Infinity)];
  for (let i = 0; i < values.length; ) {
    for (let c = 0; c < channels; c += 1, i += 1) {
      if (values[i] < low[c]) low[c] = values[i];
      if (values[i] > high[c]) high[c] = values[i];
    }
  }
  return Array.from(low, (least, c) => [least, high[c]]);
}

/** The channel whose values differ most. */
export const strongest = (ranges) => byStrength(ranges)[0];

/** The channel whose value at a place is largest; where none is above 0, the strongest. */
export function loudest({ width, channels, values }, ranges, row, column) {
  const at = (row * width + column) * channels;
  const here = values.subarray(at, at + channels);
  const most = here.reduce((best, value) => Math.max(best, value));
  return most > 0 ? here.indexOf(most) : strongest(ranges);
}

/** The channels, those whose values differ most first. */
export function byStrength(ranges) {
  const contrast = ([low, high]) => high - low;
  return [...ranges.keys()].sort((one, other) => contrast(ranges[other]) - contrast(ranges[one]));
}

/** Paint a channel, whose range is given, onto a canvas of the map's size. @param {Uint32Array} colours as `words` gives them. */
export function paintMap(canvas, { height, width, channels, values }, channel, [low, high], colours) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0, at = channel; i < pixels.length; i += 1, at += channels) {
    pixels[i] = colours[Math.round((values[at] - low) * scale)];
  }
  context.putImageData(image, 0, 0);
}

/** "0 to 2.31", or "0 everywhere". */
export const rangeText = ([low, high]) => (low === high ? `${number(low)} everywhere` : `${number(low)} to ${number(high)}`);

/** With three significant figures and a true minus sign. */
export const number = (value) => significant(value).replace("-", "−");

/** An outline over some pixels of a picture. */
export function mark(kind) {
  const outline = element("i", { class: `mark ${kind}`, hidden: "" });
  return {
    outline,
    /** Outline a square of pixels, which may stick out, of a picture of that width and height; null: nothing. */
    show(square, width, height = width) {
      outline.hidden = !square;
      if (!square) return;
      const { row, column, side } = square;
      const across = (pixels) => `${(100 * pixels) / width}%`;
      const down = (pixels) => `${(100 * pixels) / height}%`;
      Object.assign(outline.style, { left: across(column), top: down(row), width: across(side), height: down(side) });
    },
  };
}

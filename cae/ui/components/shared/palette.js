// Colours for values: 256 of them, as Python sends them.

import { bytes, clamp } from "./numbers.js";

const LAST = 255;
const STOPS = 9;

export class Palette {
  /** @param {string} text base64 of 256 triples of red, green and blue. */
  constructor(text) {
    this.triples = bytes(text);
  }

  /** The number of the colour for a value between `low` and `high`; values outside get the colour of that end. */
  static index(value, low, high) {
    return Math.round(clamp((value - low) / (high - low), 0, 1) * LAST);
  }

  /** [red, green, blue] of the colour with this number. */
  colour(index) {
    return this.triples.subarray(3 * index, 3 * index + 3);
  }

  /** The palette from left to right as a CSS image. */
  gradient() {
    const stops = Array.from({ length: STOPS }, (_, i) => `rgb(${this.colour(Math.round((i * LAST) / (STOPS - 1))).join(" ")})`);
    return `linear-gradient(90deg, ${stops.join(", ")})`;
  }
}

// How the browser sees that a card's task is done, and what it measures then: from two snapshots of the page, one when the
// card was opened and the newest. A snapshot is what `snapshot` of page.js gives.

import { figures, inWords } from "../play/figures.js";
import { decimals, significant } from "../shared/numbers.js";
import { EXACT, FAR } from "./toy.js";

const DOT = 60; // pixels that a dot may have at most
const VISIBLE = 5; // of 255: a pixel counts as changed from here on
const [ZERO, LARGE] = [0.005, 1]; // of the values of a code

const differing = (a, b) => (a && b ? a.reduce((sum, value, i) => sum + (Math.abs(value - b[i]) > VISIBLE), 0) : 0);
const playing = ({ original, reconstruction }) => Boolean(original && reconstruction); // not so while the pad is empty
const inked = (picture) => differing(picture, new Uint8Array(picture.length));
const redrawn = (before, now) => playing(now) && differing(before.original, now.original) > 0;
const percent = (share) => `${significant(100 * share)} %`;
const offBy = (a, b) => (a && b ? inWords(figures(a, b)).replace("off by ", "") : "–");
/** The error as a share of the picture's own size, so that a small drawing compares with a large one. */
const relative = ({ original, reconstruction }) => {
  const size = original.reduce((sum, value) => sum + (value / 255) ** 2, 0) / original.length;
  return size ? percent(Math.sqrt(figures(original, reconstruction).mse / size)) : "–";
};
const error = ({ original, reconstruction }) => offBy(original, reconstruction);

/**
 * @typedef {object} Rule
 * @property {(now: object) => boolean} ready whether a snapshot can be the first of the two.
 * @property {(before: object, now: object, memory: object) => boolean} done `memory` lasts as long as the card.
 * @property {(before: object, now: object, memory: object) => Object<string, string>} [measured] by the name in the text.
 * @property {(before: object, now: object) => boolean} [anew] whether the comparison begins anew.
 * @property {boolean} [waits] whether only a steady picture counts, so that nothing is said amid a stroke.
 */

/** @type {Object<string, Rule>} */
export const RULES = {
  toy: {
    ready: () => true,
    done: (_, { toy }, memory) => {
      if (toy !== null && toy < EXACT) memory.exact = true;
      if (toy !== null && toy > FAR) memory.far = true;
      return Boolean(memory.exact && memory.far);
    },
  },
  drawn: {
    waits: true,
    ready: playing,
    done: redrawn,
    measured: (before, now) => ({ now: String(differing(before.original, now.original)), before: relative(before), relative: relative(now) }),
  },
  edited: {
    ready: playing,
    anew: redrawn,
    done: (before, now) => Boolean(now.address.z) && now.address.z !== before.address.z && differing(before.reconstruction, now.reconstruction) > 0,
    measured: (before, now) => ({ pixels: String(differing(before.reconstruction, now.reconstruction)) }),
  },
  corner: {
    waits: true,
    ready: playing,
    done: (before, now) => redrawn(before, now) && inked(now.original) <= DOT,
    measured: (_, now) => ({ place: placeOfLargest(now.latent) }),
  },
  single: {
    ready: playing,
    done: (_, { latent }) => {
      const large = latent?.filter((value) => Math.abs(value) > ZERO);
      return large?.length === 1 && Math.abs(large[0]) > LARGE;
    },
    measured: (_, { reconstruction }) => ({ brightest: percent(Math.max(...reconstruction) / 255) }),
  },
  epoch: {
    ready: (now) => playing(now) && now.epoch !== null,
    anew: redrawn,
    done: (_, { epoch }, memory) => {
      if (epoch === 0) memory.start = true;
      return Boolean(memory.start) && epoch > 0;
    },
    measured: (before, now) => ({ epoch: String(now.epoch), error: error(now), errorBefore: error(before) }),
  },
  grey: {
    ready: () => true,
    done: (_, { lowest }) => lowest,
    measured: (_, { grey }) => ({ grey: grey === null ? "–" : decimals(grey, 2) }),
  },
  noise: {
    ready: playing,
    done: (_, now) => Boolean(now.address.n),
    measured: (_, now) => ({
      noise: now.noise ?? "–",
      error: error(now),
      denoised: offBy(now.original, now.denoised),
    }),
  },
  way: {
    ready: ({ way }) => way !== null,
    done: (before, { way }) => way !== null && way !== before.way,
    measured: (_, { way }) => ({ way: percent(way) }),
  },
  quality: {
    ready: ({ bytes, quality }) => Boolean(bytes) && quality !== null,
    anew: (before, { quality }) => before.quality === 1 && quality > 1,
    done: (_, { quality, bytes }) => quality === 1 && Boolean(bytes),
    measured: (before, { bytes }) => ({ bytesBefore: before.bytes, bytes }),
  },
};

/** "row 1, column 2". @param {Float32Array | null} latent */
export function placeOfLargest(latent) {
  if (!latent) return "–";
  const [i, side] = [latent.indexOf(Math.max(...latent)), Math.sqrt(latent.length)];
  return `row ${Math.floor(i / side) + 1}, column ${(i % side) + 1}`;
}

/** What is seen of a card's task, from snapshot to snapshot. */
export class Watch {
  /** @param {string} rule its name. */
  constructor(rule) {
    this.rule = RULES[rule];
    this.memory = {};
    this.before = null;
    this.now = null;
  }

  /** Take the newest snapshot; whether the task is done. `steady`: the picture is that of the one before. */
  take(now, steady = true) {
    const { ready, anew, done } = this.rule;
    if (!steady && this.rule.waits) return this.isDone;
    if (!this.before) {
      if (ready(now)) this.before = now;
    } else if (!done(this.before, now, this.memory) && anew?.(this.before, now) && ready(now)) this.before = now;
    this.now = now;
    return this.isDone;
  }

  get isDone() {
    return this.before !== null && this.rule.done(this.before, this.now, this.memory);
  }

  /** A text with what was measured in it; "" before there is anything to compare. */
  fill(text) {
    if (!this.before) return "";
    const values = this.rule.measured?.(this.before, this.now, this.memory) ?? {};
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");
  }
}

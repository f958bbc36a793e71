// How the browser sees that a card's task is done, and what it measures then: from two snapshots of the page, one when the
// card was opened and the newest. A snapshot is what `snapshot` of page.js gives.

import { figures, inWords } from "../play/figures.js";
import { decimals, significant } from "../shared/numbers.js";
import { EXACT, FAR } from "./toy.js";

const DOT = 50; // pixels that a dot may have at most, and a drawing has at least
const AWAY = 5; // pixels from the middle, where a corner begins
const VISIBLE = 5; // of 255: a pixel counts as changed from here on
const [ZERO, LARGE] = [0.02, 0.9]; // of the largest value of a code
const [END, HALF] = [0.02, 0.5]; // of the way between two pictures

const differing = (a, b) => (a && b ? a.reduce((sum, value, i) => sum + (Math.abs(value - b[i]) > VISIBLE), 0) : 0);
const playing = ({ original, reconstruction }) => Boolean(original && reconstruction); // not so while the pad is empty
const inked = (picture) => differing(picture, new Uint8Array(picture.length));
const redrawn = (before, now) => playing(now) && differing(before.original, now.original) > 0;
const hasDrawing = (now) => playing(now) && inked(now.original) > DOT;
/** Play as its cards begin: see `prepare` of page.js. */
const plain = (now) => hasDrawing(now) && !now.noise && !now.edited && now.shown === "finished";
export const isEmpty = ({ original }) => original !== null && inked(original) <= DOT;
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
 * @property {boolean} [onPlay] whether the page is to be prepared until it is ready.
 * @property {(before: object, now: object, memory: object) => boolean} done `memory` lasts as long as the card.
 * @property {(before: object, now: object, memory: object) => Object<string, string>} [measured] by the name in the text.
 * @property {(before: object, now: object) => boolean} [anew] whether the comparison begins anew.
 * @property {number} [waits] looks for which the picture is to be steady, so that nothing is said amid a stroke or between two.
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
    waits: 1,
    onPlay: true,
    ready: plain,
    done: redrawn,
    measured: (before, now) => ({ now: String(differing(before.original, now.original)) }),
  },
  another: {
    waits: 4,
    onPlay: true,
    ready: plain,
    done: (before, now) => redrawn(before, now) && hasDrawing(now) && !now.example,
    measured: (before, now) => ({ before: relative(before), relative: relative(now) }),
  },
  edited: {
    onPlay: true,
    ready: plain,
    anew: redrawn,
    done: (before, now) => now.edited && differing(before.reconstruction, now.reconstruction) > 0,
    measured: (before, now) => ({ pixels: String(differing(before.reconstruction, now.reconstruction)) }),
  },
  corner: {
    waits: 1,
    onPlay: true,
    ready: plain,
    done: (before, now) => redrawn(before, now) && inked(now.original) <= DOT && isInCorner(now.original),
    measured: (_, now) => ({ dot: blockOfInk(now.original), place: placeOfLargest(now.latent) }),
  },
  pair: {
    onPlay: true,
    ready: plain,
    done: (_, now, memory) => {
      const large = onlyLarge(now);
      if (large.length === 1) memory.alone = brightest(now);
      return large.length === 2 && areBeside(...large, Math.sqrt(now.latent.length));
    },
    measured: (_, now, { alone }) => ({ alone: alone ?? "less", brightest: brightest(now) }),
  },
  epoch: {
    onPlay: true,
    ready: (now) => plain(now) && now.epoch !== null,
    anew: redrawn,
    done: (_, now, memory) => {
      if (now.shown === "0") memory.start = true;
      return Boolean(memory.start) && now.epoch > 0 && hasDrawing(now) && [String(now.epoch), "finished"].includes(now.shown);
    },
    measured: (before, now) => ({ epoch: String(now.epoch), error: error(now), errorBefore: error(before) }),
  },
  grey: {
    ready: () => true,
    done: (_, { lowest }) => lowest,
    measured: (_, { grey }) => ({ grey: grey === null ? "–" : decimals(grey, 2) }),
  },
  noise: {
    onPlay: true,
    ready: plain,
    done: (_, now) => Boolean(now.noise && now.denoised),
    measured: (_, now) => ({ noise: now.noise ?? "–", error: error(now), denoised: offBy(now.original, now.denoised) }),
  },
  way: {
    ready: ({ way }) => way !== null,
    done: (_, { way }, memory) => {
      if (way !== null && way <= END) memory.start = true;
      return Boolean(memory.start) && way >= HALF;
    },
  },
  quality: {
    ready: ({ bytes, quality, answered }) => Boolean(bytes) && quality !== null && answered === quality,
    anew: (before, { quality }) => before.quality === 1 && quality > 1,
    done: (_, { quality, answered, bytes }) => quality === 1 && answered === 1 && Boolean(bytes),
    measured: (before, { bytes }) => ({ bytesBefore: before.bytes, bytes }),
  },
};

const brightest = ({ reconstruction }) => percent(Math.max(...reconstruction) / 255);

/** The cells of a code that are near its largest value, if all others are near zero; else none. */
function onlyLarge({ latent, largest }) {
  const cells = [...(latent ?? [])].map((value, i) => [Math.abs(value) / largest, i]).filter(([share]) => share > ZERO);
  return cells.every(([share]) => share > LARGE) ? cells.map(([, i]) => i) : [];
}

const areBeside = (a, b, side) => Math.max(Math.abs(Math.floor(a / side) - Math.floor(b / side)), Math.abs((a % side) - (b % side))) === 1;

/** The middle of a picture's ink, as [x, y] in pixels. */
function middleOf(picture) {
  const side = Math.sqrt(picture.length);
  const sum = picture.reduce((total, value) => total + value, 0);
  const mean = (at) => picture.reduce((total, value, i) => total + value * at(i), 0) / sum;
  return [mean((i) => i % side), mean((i) => Math.floor(i / side))];
}

const isInCorner = (picture) => middleOf(picture).every((at) => Math.abs(at - (Math.sqrt(picture.length) - 1) / 2) > AWAY);
const place = (row, column) => `row ${row + 1}, column ${column + 1}`;
const BLOCK = 4; // pixels of a picture in a row for each number of its code

/** Where in the code's grid the middle of a picture's ink lies. */
function blockOfInk(picture) {
  const [x, y] = middleOf(picture).map((at) => Math.floor(Math.round(at) / BLOCK));
  return place(y, x);
}

/** "row 1, column 2". @param {Float32Array | null} latent */
export function placeOfLargest(latent) {
  if (!latent) return "–";
  const [i, side] = [latent.indexOf(Math.max(...latent)), Math.sqrt(latent.length)];
  return place(Math.floor(i / side), i % side);
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

  /** Take the newest snapshot; whether the task is done. `steady`: the looks for which the picture has been as it is. */
  take(now, steady = Infinity) {
    const { ready, anew, done, waits = 0 } = this.rule;
    if (steady < waits) return this.isDone;
    if (!this.before) {
      if (ready(now)) this.before = now;
    } else if (!done(this.before, now, this.memory) && anew?.(this.before, now) && ready(now)) this.before = now;
    this.now = now;
    return this.isDone;
  }

  /** Whether the page is still to be brought to where the card begins. */
  get isToPrepare() {
    return Boolean(this.rule.onPlay) && this.before === null;
  }

  get isDone() {
    return this.before !== null && this.rule.done(this.before, this.now, this.memory);
  }

  /** A text with what was measured in it; "" before there is anything to compare. */
  fill(text) {
    if (!this.before) return "";
    const values = this.rule.measured?.(this.before, this.now, this.memory) ?? {};
    return text.replace(/\{(\w+)\}/g, (_, name) => (values[name] ?? "–").replace(" %", "\u00a0%"));
  }
}

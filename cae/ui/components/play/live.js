// The drawing through the browser's own network while the pen moves, for as long as the server is slow to answer: then it is
// asked only when the pen rests, and has time for others.

import { rasterise, seen } from "../drawing_pad/raster.js";
import { unit } from "../shared/pictures.js";

/** Milliseconds from a question to its answer beyond which the browser helps itself. */
const SLOW = 200;

/** What the browser makes of a drawing. @typedef {{seen: import("../drawing_pad/raster.js").Seen, code: Float32Array, reconstruction: Float32Array}} Frame */

export class Live {
  /** What is shown until the server answers; null: nothing. @type {Frame | null} */
  frame = null;
  #asked = 0;
  #slow = false;
  #next = null; // the strokes that wait
  #busy = false;
  #round = 0; // counts the server's answers

  /**
   * @param {import("../network/client.js").NetworkClient} client
   * @param {(problem: string | null) => void} changed is called when there is a frame, or a sentence why there is none.
   */
  constructor(client, changed) {
    this.client = client;
    this.changed = changed;
  }

  /** A question goes to the server. */
  asked() {
    this.#asked ||= performance.now();
  }

  /** The server has answered. Its answer takes the frame's place, unless the pen is down and has gone on. */
  answered(penIsDown) {
    if (this.#asked) this.#slow = performance.now() - this.#asked > SLOW;
    this.#asked = 0;
    if (penIsDown && this.frame) return;
    this.#round += 1;
    this.#next = null;
    this.frame = null;
  }

  /**
   * Follow the pen, if the server does not.
   *
   * @param {object[]} strokes on the pad now.
   * @param {{model: object, fit: string | null}} how with which weights, and as of which training images it is fitted.
   * @returns {boolean} whether the browser follows; if not, the server must be asked.
   */
  follow(strokes, how) {
    const waiting = this.#asked && performance.now() - this.#asked > SLOW;
    if (!this.#slow && !waiting) return false;
    this.#next = { strokes, how };
    if (!this.#busy) this.#run();
    return true;
  }

  async #run() {
    this.#busy = true;
    try {
      while (this.#next) {
        const { strokes, how } = this.#next;
        this.#next = null;
        const round = this.#round;
        const found = seen(rasterise(strokes), how.fit);
        if (!found) continue;
        const picture = unit(found.image);
        const code = await this.client.encode(how.model, picture);
        const reconstruction = await this.client.decode(how.model, code);
        if (round !== this.#round) continue; // the server was faster
        this.frame = { seen: found, code, reconstruction };
        this.changed(null);
      }
    } catch (error) {
      this.#slow = false;
      this.changed(error.message);
    }
    this.#busy = false;
  }
}

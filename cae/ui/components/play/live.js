// The drawing through the browser's own network while the pen moves: the picture follows in each frame, and the server is
// asked only when the pen rests, so that it has time for others. A browser that is too slow for that leaves it to the
// server, unless the server is slow as well.

import { rasterise, seen } from "../drawing_pad/raster.js";
import { unit } from "../shared/pictures.js";

/** Milliseconds that the browser may take for a picture: the shortest of the last few times, as other work may disturb one. */
const [FAST, TIMES] = [60, 8];
/** Milliseconds from a question to the server's answer beyond which the browser helps itself, however slow it is. */
const SLOW = 200;

/** What the browser makes of a drawing. @typedef {{seen: import("../drawing_pad/raster.js").Seen, code: Float32Array, reconstruction: Float32Array, denoised: Float32Array | null}} Frame */

export class Live {
  /** What is shown until the server answers; null: nothing. @type {Frame | null} */
  frame = null;
  #asked = 0;
  #newest = 0; // the time of the drawing that the server was told of last
  #slow = false;
  #times = []; // milliseconds that the last pictures took
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

  /** A drawing goes to the server; `time` tells it from others, and later ones have larger ones. @param {number} time */
  asked(time) {
    this.#asked ||= performance.now();
    this.#newest = time;
  }

  /**
   * The server has answered. Its answer takes the frame's place, unless the pen is down or has gone on since, or its network
   * is starting again and has nothing to say of the picture in the frame.
   *
   * @param {boolean} penIsDown
   * @param {{original?: Uint8Array, reconstruction?: Uint8Array}} answer
   * @param {number | null} time of the drawing that is answered; null: it is not the pad's.
   */
  answered(penIsDown, { original, reconstruction }, time) {
    if (this.#asked) this.#slow = performance.now() - this.#asked > SLOW;
    this.#asked = 0;
    const ofFrame = () => original?.every((value, i) => Math.abs(value - this.frame.seen.image[i]) <= 1);
    const isOlder = time !== null && time < this.#newest;
    if (this.frame && (penIsDown || isOlder || (!reconstruction && ofFrame()))) return;
    this.#round += 1;
    this.#next = null;
    this.frame = null;
  }

  /**
   * Follow the pen, if the browser can, or the server cannot. The first strokes are the server's, while weights come.
   *
   * @param {object[]} strokes on the pad now.
   * @param {{model: object, fit: string | null}} how with which weights, and as of which training images it is fitted.
   * @returns {boolean} whether the browser follows; if not, the server must be asked.
   */
  follow(strokes, how) {
    const waiting = this.#asked && performance.now() - this.#asked > SLOW;
    const follows = Math.min(...this.#times) < FAST || this.#slow || Boolean(waiting);
    if (!follows && this.#busy) return false;
    this.#next = { strokes, how, shown: follows };
    if (!this.#busy) this.#run();
    return follows;
  }

  async #run() {
    this.#busy = true;
    try {
      while (this.#next) {
        const { strokes, how, shown } = this.#next;
        this.#next = null;
        const round = this.#round;
        const found = seen(rasterise(strokes), how.fit);
        if (!found) continue;
        const start = performance.now();
        const code = await this.client.encode(how.model, unit(found.image));
        const reconstruction = await this.client.decode(how.model, code);
        const denoised = how.model.denoiser ? await this.client.denoise(how.model, reconstruction) : null;
        this.#times = [...this.#times, performance.now() - start].slice(-TIMES);
        if (!shown || round !== this.#round) continue; // it was for the time it takes, or the server was faster
        this.frame = { seen: found, code, reconstruction, denoised };
        this.changed(null);
      }
    } catch (error) {
      this.#slow = false;
      this.#times = [];
      this.changed(error.message);
    }
    this.#busy = false;
  }
}

// One picture through the networks of all snapshots of a training: the epoch in hand first, then its neighbours outwards.

import { SCALE } from "./network.js";

/** Frames in the making at once, after the first: while one is computed, the weights of the other are fetched. */
const AT_ONCE = 2;

/** What the network of an epoch makes of the picture. @typedef {{epoch: number, code: Float32Array, reconstruction: Float32Array}} Frame */

export class Replay {
  /** Frames by epoch. */
  #frames = new Map();
  /** Promises of frames in the making, by epoch. */
  #making = new Map();
  /** Epochs that cannot be had, such as those whose weights cannot be fetched; asking for one tries it again. */
  #failed = new Set();
  #picture = null;
  #inHand = 0;

  /**
   * @param {import("./client.js").NetworkClient} client
   * @param {{epoch: number, address: string}[]} snapshots where the weights of encoder and decoder after each epoch lie.
   */
  constructor(client, snapshots) {
    this.client = client;
    this.snapshots = snapshots;
  }

  /** Take another picture, in [0, 1]: the frames of the one before are gone, and who still waits for one gets null. */
  show(pixels, height = 28, width = 28) {
    this.#picture = { pixels: Float32Array.from(pixels), height, width };
    this.#frames.clear();
    this.#making.clear();
    this.#failed.clear();
  }

  /** The frame of an epoch if it is ready, at once. @returns {Frame | undefined} */
  ready(epoch) {
    return this.#frames.get(epoch);
  }

  /**
   * The frame of an epoch as soon as it can be had; all others follow by themselves.
   *
   * @returns {Promise<Frame | null>} null if another picture came before it was ready.
   * @throws {Error} its weights cannot be had; the message is one plain sentence.
   */
  async frame(epoch) {
    this.#inHand = this.snapshots.findIndex((snapshot) => snapshot.epoch === epoch);
    if (this.#inHand < 0) throw new Error(`There is no snapshot of epoch ${epoch}.`);
    if (!this.#picture) throw new Error("There is no picture yet.");
    this.#failed.delete(epoch);
    const frame = this.ready(epoch) ?? this.#making.get(epoch) ?? this.#make(this.snapshots[this.#inHand]);
    this.#makeMore();
    return frame;
  }

  #makeMore() {
    const missing = ({ epoch }) => !this.#frames.has(epoch) && !this.#making.has(epoch) && !this.#failed.has(epoch);
    const distance = (snapshot) => Math.abs(this.snapshots.indexOf(snapshot) - this.#inHand);
    const next = this.snapshots.filter(missing).sort((one, other) => distance(one) - distance(other));
    const free = (this.#frames.size ? AT_ONCE : 1) - this.#making.size;
    for (const snapshot of next.slice(0, Math.max(0, free))) this.#make(snapshot).catch(() => {}); // nobody asked for it
  }

  #make(snapshot) {
    const made = this.#compute(snapshot, this.#picture);
    this.#making.set(snapshot.epoch, made);
    return made;
  }

  async #compute({ epoch, address }, picture) {
    const { pixels, height, width } = picture;
    const model = { encoder: address, decoder: address };
    const current = () => picture === this.#picture;
    try {
      const code = await this.client.encode(model, pixels, { height, width });
      const size = { height: height / SCALE, width: width / SCALE };
      const reconstruction = current() && (await this.client.decode(model, code, size));
      if (!current()) return null;
      this.#frames.set(epoch, { epoch, code, reconstruction });
      return this.#frames.get(epoch);
    } catch (error) {
      if (!current()) return null;
      this.#failed.add(epoch);
      throw error;
    } finally {
      if (current()) {
        this.#making.delete(epoch);
        this.#makeMore();
      }
    }
  }
}

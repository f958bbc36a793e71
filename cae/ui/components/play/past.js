// The network of an earlier epoch, which shows the visitor's picture in place of the finished one.

import { Replay } from "../network/replay.js";
import { unit } from "../shared/pictures.js";

export class Past {
  /** The epoch that was chosen; null: the finished network. */
  epoch = null;
  /** What its network makes of the picture; null as long as that is on its way. */
  frame = null;
  #replay;
  /** The name of the picture that the replay shows. */
  #of = "";

  /**
   * @param {import("../network/client.js").NetworkClient} client
   * @param {{epoch: number, address: string}[]} snapshots
   * @param {(problem: string | null) => void} changed is called when there is a frame, or a sentence why there is none.
   */
  constructor(client, snapshots, changed) {
    this.#replay = new Replay(client, snapshots);
    this.changed = changed;
  }

  get chosen() {
    return this.epoch !== null;
  }

  /**
   * Go to an epoch, with a picture.
   *
   * @param {number | null} epoch
   * @param {Uint8Array | undefined} picture what the encoder sees.
   * @param {string} of the picture's name.
   */
  async show(epoch, picture, of) {
    if (epoch !== this.epoch || of !== this.#of) this.frame = null;
    this.epoch = epoch;
    if (epoch === null || !picture) return;
    if (of !== this.#of) {
      this.#of = of;
      this.#replay.show(unit(picture));
    }
    try {
      const ready = this.#replay.ready(epoch);
      const coming = this.#replay.frame(epoch); // its neighbours come next
      const frame = ready ?? (await coming);
      if (!frame || epoch !== this.epoch || of !== this.#of) return;
      this.frame = frame;
      this.changed(null);
    } catch (error) {
      this.changed(error.message);
    }
  }
}

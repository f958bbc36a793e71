// Asks the network in its worker, by promises.

/**
 * Where the weights of a model lie: an address for each of its parts, relative to the page's; a file may hold several. Each
 * is fetched when first needed; a part that nothing needs may be left out.
 *
 * @typedef {{encoder?: string, decoder?: string, denoiser?: string}} Model
 */

/**
 * How to ask: the size of the picture or code, 28×28 and 7×7 if left out, a lane, and for `layers` the channels that are
 * silenced. In a lane only the newest request counts: one that still waits when a newer one comes is dropped, and its
 * promise gives null.
 *
 * @typedef {{height?: number, width?: number, lane?: string, silenced?: import("./network.js").Silenced}} Options
 */

/** All promises are rejected with an Error whose message is one plain sentence. */
export class NetworkClient {
  /** Requests under way by number. */
  #sent = new Map();
  /** By the lanes that have a request under way: the one that waits, or null. */
  #lanes = new Map();
  #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  #count = 0;
  #closed = "";

  constructor() {
    this.#worker.onmessage = ({ data }) => this.#answer(data);
    this.#worker.onerror = () => this.close("The network does not run in this browser.");
  }

  /** A picture in [0, 1], its sides multiples of 4 → its code. @param {Model} model @param {Options} options */
  encode(model, pixels, options) {
    return this.#ask("encode", model, pixels, options);
  }

  /** A code → the picture in [0, 1]. @param {Model} model @param {Options} options */
  decode(model, code, options) {
    return this.#ask("decode", model, code, options);
  }

  /** A picture in [0, 1] → what each of the layers makes of it. @param {Model} model @param {Options} options */
  layers(model, pixels, options) {
    return this.#ask("layers", model, pixels, options);
  }

  /** Kernels and biases of each layer. @param {Model} model @param {Options} options */
  weights(model, options) {
    return this.#ask("weights", model, [], options);
  }

  /** A reconstruction in [0, 1] → the denoised picture in [0, 1]. @param {Model} model @param {Options} options */
  denoise(model, pixels, options) {
    return this.#ask("denoise", model, pixels, options);
  }

  /** End the worker; whoever waits for it, or asks it later, is told the reason. */
  close(reason = "The network was closed.") {
    this.#closed = reason;
    this.#worker.terminate();
    for (const request of [...this.#sent.values(), ...this.#lanes.values()]) request?.reject(new Error(reason));
    this.#sent.clear();
    this.#lanes.clear();
  }

  #ask(operation, model, values, { height, width, lane, silenced } = {}) {
    const addresses = Object.entries(model).map(([part, url]) => [part, url && new URL(url, document.baseURI).href]);
    const message = { operation, model: Object.fromEntries(addresses), values: Float32Array.from(values), height, width, silenced };
    return new Promise((resolve, reject) => {
      const request = { message, lane, resolve, reject };
      if (this.#closed) reject(new Error(this.#closed));
      else if (this.#lanes.has(lane)) {
        this.#lanes.get(lane)?.resolve(null);
        this.#lanes.set(lane, request);
      } else this.#send(request);
    });
  }

  #send(request) {
    if (request.lane != null) this.#lanes.set(request.lane, null);
    this.#count += 1;
    this.#sent.set(this.#count, request);
    this.#worker.postMessage({ id: this.#count, ...request.message }, [request.message.values.buffer]);
  }

  #answer({ id, result, error }) {
    const { lane, resolve, reject } = this.#sent.get(id);
    const next = this.#lanes.get(lane);
    this.#sent.delete(id);
    this.#lanes.delete(lane);
    if (next) this.#send(next);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  }
}

// The network of cae/model/specification.py in plain JavaScript, of any widths: built from its weights alone.

import { Convolution, clearBorder, room } from "./convolution.js";

/** Pixels in a row or a column for each latent value. */
export const SCALE = 4;
const SIDE = 28;
const RESIZING = { encoder: "pool", decoder: "upsample" };
const LAST_ACTIVATION = { encoder: "linear", decoder: "tanh" };
const STRANGE = "These are not weights of this network";

/**
 * The layers of a half of the network in order. Weights are named after the place of their layer, encoder_01_conv/kernel,
 * so a number left out is a layer without weights: a max pool of the encoder, an upsampling of the decoder.
 *
 * @param {Map<string, {shape: number[], values: Float32Array}>} tensors
 * @param {"encoder" | "decoder"} half
 * @returns {{name: string, kind: "conv" | "pool" | "upsample", convolution?: Convolution}[]} none without such weights.
 * @throws {Error} the weights do not fit together.
 */
export function layersOf(tensors, half) {
  const pattern = new RegExp(`^${half}_(\\d\\d)_conv/kernel$`);
  const numbers = [...tensors.keys()].flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number);
  if (!numbers.length) return [];
  const last = Math.max(...numbers);
  const layers = [];
  let channels = half === "encoder" ? 1 : channelsOfCode(tensors);
  for (let number = 1; number <= last; number += 1) {
    const kind = numbers.includes(number) ? "conv" : RESIZING[half];
    const name = `${half}_${String(number).padStart(2, "0")}_${kind}`;
    if (kind !== "conv") {
      layers.push({ name, kind });
      continue;
    }
    const kernel = tensors.get(`${name}/kernel`);
    const bias = tensors.get(`${name}/bias`)?.values;
    const [side, width, inputs, filters] = kernel.shape;
    if (![1, 3].includes(side) || side !== width || inputs !== channels || bias?.length !== filters) {
      throw new Error(`${STRANGE}: the layer ${name} does not fit.`);
    }
    channels = filters;
    const scale = side === 3 && layers.at(-1)?.kind === "upsample" ? 2 : 1;
    const activation = number === last ? LAST_ACTIVATION[half] : "relu";
    layers.push({ name, kind, convolution: new Convolution(kernel, bias, activation, scale) });
  }
  if ((half === "decoder" && channels !== 1) || last - numbers.length !== 2) throw new Error(`${STRANGE}: the ${half} has another shape.`);
  return layers;
}

/** How many values a code has for each 4×4 pixels: 1 but for a small training's. */
const channelsOfCode = (tensors) => tensors.get("decoder_01_conv/kernel")?.shape[2] ?? 1;

/** What a layer gives: values in the order row, column, channel. @typedef {{name: string, height: number, width: number, channels: number, values: Float32Array}} Output */

/** An encoder, a decoder or both, as their weights say. Pictures and codes are arrays of values, row after row. */
export class Network {
  /** @param {Map<string, {shape: number[], values: Float32Array}>} tensors as `readSafetensors` gives them. */
  constructor(tensors) {
    this.encoder = layersOf(tensors, "encoder");
    this.decoder = layersOf(tensors, "decoder");
    if (!this.encoder.length && !this.decoder.length) throw new Error(`${STRANGE}: they have other names.`);
  }

  /**
   * A picture in [0, 1], its sides multiples of 4 → its code, one value for each 4×4 pixels, or as many as it has channels.
   *
   * @param {(output: Output) => void} [keep] is called with each layer's output.
   */
  encode(pixels, height = SIDE, width = SIDE, keep = undefined, silenced = {}) {
    if (height % SCALE || width % SCALE) {
      throw new Error(`The sides of a picture must be multiples of ${SCALE}, but this one has ${height}×${width} pixels.`);
    }
    return forward(this.encoder, pixels, height, width, keep, silenced);
  }

  /**
   * A code of height × width values → the picture of 4·height × 4·width pixels, clipped to [0, 1].
   *
   * @param {(output: Output) => void} [keep] is called with each layer's output; the last one's is not clipped.
   */
  decode(code, height = SIDE / SCALE, width = SIDE / SCALE, keep = undefined, silenced = {}) {
    const pixels = forward(this.decoder, code, height, width, keep, silenced);
    return pixels.map((value) => Math.min(1, Math.max(0, value)));
  }
}

/** Channels, by the name of their layer, that give nothing but zeros to the layers after it. @typedef {Object<string, number[]>} Silenced */

/**
 * What each layer makes of a picture, from the encoder's first to the decoder's last.
 *
 * @param {Silenced} silenced
 * @returns {Output[]}
 */
export function layers({ encoder, decoder }, pixels, height = SIDE, width = SIDE, silenced = {}) {
  const outputs = [];
  const keep = (output) => outputs.push(output);
  const code = encoder.encode(pixels, height, width, keep, silenced);
  decoder.decode(code, height / SCALE, width / SCALE, keep, silenced);
  return outputs;
}

/**
 * What the layers have learned, as in `layers`; those without weights have no `values`.
 *
 * @returns {{name: string, kind: "conv" | "pool" | "upsample", side?: number, channels?: number, filters?: number,
 *   activation?: "relu" | "linear" | "tanh", bias?: Float32Array, values: Float32Array}[]} the values of a kernel are in the
 *   order row, column, channel, filter.
 */
export function weights({ encoder, decoder }) {
  return [...encoder.encoder, ...decoder.decoder].map(({ name, kind, convolution }) => {
    if (!convolution) return { name, kind, values: new Float32Array(0) };
    const { side, channels, filters, activation, bias, kernel } = convolution;
    return { name, kind, side, channels, filters, activation, bias, values: kernel.slice() };
  });
}

const images = { input: null, output: null };

/** Run layers on height × width values → the values of the last. */
function forward(layers, values, height, width, keep, silenced) {
  if (!layers.length) throw new Error("These weights are of the other half of the network.");
  let channels = layers[0].convolution?.channels ?? 1;
  if (values.length !== height * width * channels) throw new Error(`${height}×${width} values are needed, not ${values.length}.`);
  embed(values, room(images, "input", (height + 2) * (width + 2) * channels), height, width, channels);
  for (const [index, { name, kind, convolution }] of layers.entries()) {
    if (layers[index + 1]?.convolution?.scale === 2) {
      // An upsampling that the next convolution does, too.
      silence(images.input, height, width, channels, silenced[name]);
      const enlarged = keep && extract(images.input, height, width, channels, 2);
      keep?.({ name, height: 2 * height, width: 2 * width, channels, values: enlarged });
      continue;
    }
    const scale = { conv: convolution?.scale, pool: 1 / 2, upsample: 2 }[kind];
    const filters = convolution?.filters ?? channels;
    const output = room(images, "output", (scale * height + 2) * (scale * width + 2) * filters);
    if (kind === "conv") convolution.run(images.input, output, height, width);
    else if (kind === "pool") pool(images.input, output, height, width, channels);
    else embed(extract(images.input, height, width, channels, 2), output, 2 * height, 2 * width, channels);
    [height, width, channels] = [scale * height, scale * width, filters];
    [images.input, images.output] = [output, images.input];
    silence(output, height, width, channels, silenced[name]);
    keep?.({ name, height, width, channels, values: extract(output, height, width, channels) });
  }
  return extract(images.input, height, width, channels);
}

/** Put zeros into some channels of an image. */
function silence(image, height, width, channels, silenced = []) {
  for (const channel of silenced) {
    for (let i = channel; i < (height + 2) * (width + 2) * channels; i += channels) image[i] = 0;
  }
}

/** Copy values into an image and put its border of zeros around them. */
function embed(values, image, height, width, channels = 1) {
  clearBorder(image, height, width, channels);
  for (let row = 0; row < height; row += 1) {
    const line = values.subarray(row * width * channels, (row + 1) * width * channels);
    image.set(line, ((row + 1) * (width + 2) + 1) * channels);
  }
}

/** The values of an image without its border, each pixel repeated `times` in its row and column. */
function extract(image, height, width, channels, times = 1) {
  const values = new Float32Array(times * height * times * width * channels);
  for (let row = 0, i = 0; row < times * height; row += 1) {
    for (let column = 0; column < times * width; column += 1) {
      const from = ((Math.floor(row / times) + 1) * (width + 2) + Math.floor(column / times) + 1) * channels;
      for (let c = 0; c < channels; c += 1, i += 1) values[i] = image[from + c];
    }
  }
  return values;
}

/** The largest of each 2×2 values of an image of height × width. */
function pool(from, to, height, width, channels) {
  const [length, outLength] = [(width + 2) * channels, (width / 2 + 2) * channels];
  clearBorder(to, height / 2, width / 2, channels);
  for (let row = 0; row < height / 2; row += 1) {
    let into = (row + 1) * outLength + channels;
    for (let column = 0; column < width / 2; column += 1) {
      let at = (2 * row + 1) * length + (2 * column + 1) * channels;
      for (let c = 0; c < channels; c += 1, at += 1, into += 1) {
        to[into] = Math.max(from[at], from[at + channels], from[at + length], from[at + length + channels]);
      }
    }
  }
}

// What can be asked of a model: of which parts each answer is computed, and how.

import { denoise } from "./denoising.js";
import { layers, weights } from "./network.js";

/** Each takes the parts as networks by name, the values of a picture or a code, its height and width, and what is silenced. */
export const OPERATIONS = {
  encode: { parts: ["encoder"], compute: ({ encoder }, pixels, height, width) => encoder.encode(pixels, height, width) },
  decode: { parts: ["decoder"], compute: ({ decoder }, code, height, width) => decoder.decode(code, height, width) },
  layers: { parts: ["encoder", "decoder"], compute: layers },
  weights: { parts: ["encoder", "decoder"], compute: weights },
  denoise: { parts: ["encoder", "decoder", "denoiser"], compute: denoise },
};

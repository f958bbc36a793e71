// What is said of a layer.

import { significant, whole } from "../shared/numbers.js";

/** "57.8 M", "14.1 k", "392". */
export function short(value) {
  if (value >= 1e6) return `${significant(value / 1e6)} M`;
  return value >= 1e4 ? `${significant(value / 1e3)} k` : whole(value);
}

/** Its name in lines of a few letters. */
export const lines = ({ name }) => name.replace("convolution", "conv").replace("upsample", "up").split(/,? /).map(activation);

/** Its name as it is written elsewhere: "convolution 3×3, ReLU". */
export const title = ({ name }) => name.replace(/relu$/, activation);

const activation = (word) => (word === "relu" ? "ReLU" : word);

export const size = ({ side, channels }) => `${side}×${side}×${channels}`;

/** [name, value] of its figures. @param {number} pictureSide */
export function figuresOf(layer, pictureSide) {
  const { parameters, multiplyAdds, receptiveField: field } = layer;
  return [
    ["Output", size(layer)],
    ["Parameters", whole(parameters)],
    ["Multiply-adds", whole(multiplyAdds)],
    ["Receptive field", `${field}×${field} pixels${field > pictureSide ? ", more than the picture" : ""}`],
  ];
}

/** All of it in one sentence, for those who cannot see it. */
export function spoken(layer, index, count) {
  const { parameters, multiplyAdds, receptiveField: field } = layer;
  return `Layer ${index + 1} of ${count}: ${title(layer)}; output ${size(layer)}; ${whole(parameters)} parameters; ${whole(multiplyAdds)} multiply-adds; receptive field ${field}×${field}`;
}

const AFTERWARDS = {
  relu: "; ReLU turns negative sums into 0",
  linear: "; it stays as it is (linear)",
  tanh: "; tanh keeps it between −1 and 1",
};

/** How it computes a value, in a sentence. @param {object} learned as `weights` of network.js gives it. */
export function explanation({ kind, side, channels, activation: after }) {
  if (kind === "pool") return "Of each 2×2 values the largest stays: the map is half as wide and half as high.";
  if (kind === "upsample") return "Each value is repeated 2×2 times: the map is twice as wide and twice as high.";
  return `Each value is ${what(side, channels)}, with the same weights everywhere${AFTERWARDS[after]}.`;
}

function what(side, channels) {
  if (side > 1) return `a weighted sum of a ${side}×${side} window${channels > 1 ? ` over all ${channels} channels` : ""}`;
  return channels > 1 ? `a weighted sum of the ${channels} values at its place` : "the value at its place, weighted";
}

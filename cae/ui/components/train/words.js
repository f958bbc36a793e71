// What the page says: what can be chosen, what a training is, and how it has ended.

import { significant, whole } from "../shared/numbers.js";

/** What the knobs are called, their values, and the question to answer before the start. */
export const KNOBS = {
  learning_rate: {
    title: "Learning rate",
    values: [
      [0.1, "× 0.1", "With steps a tenth as large: how far will it come in the same time?"],
      [1, "× 1", "With the usual steps: when will your drawing be legible?"],
      [10, "× 10", "With steps ten times as large: will it learn faster?"],
    ],
  },
  initialisation: {
    title: "First weights",
    values: [
      ["alive", "kept alive", "With first weights that let every layer pass something on: when will your drawing be legible?"],
      ["he", "plain random", "With plain random first weights: will a layer of two filters be silent from the start?"],
    ],
  },
  bottleneck: {
    title: "Bottleneck",
    values: [
      [49, "49 numbers", "With 49 numbers for 784 pixels: when will your drawing be legible?"],
      [98, "98 numbers", "With twice as many numbers: by how much will the loss fall?"],
      [196, "196 numbers", "With four times as many numbers: by how much will the loss fall?"],
    ],
  },
};

const found = ({ knob, value }) => KNOBS[knob].values.find(([each]) => each === value);

/** @param {import("./room.js").Recipe} recipe */
export const question = (recipe) => found(recipe)[2];

/** "Learning rate × 10". @param {import("./room.js").Recipe} recipe */
export const knobText = (recipe) => `${KNOBS[recipe.knob].title}: ${found(recipe)[1]}`;

/** What is trained, in a line. @param {import("./room.js").Training} training @param {Object<string, string>} titles of pictures. */
export const about = ({ recipe, images }, titles) =>
  `${knobText(recipe)} · ${recipe.widest} filters · ${whole(images)} images: ${titles[recipe.pictures] ?? recipe.pictures}`;

const share = (mse) => `${significant(100 * Math.sqrt(mse))} %`;

/**
 * How the training stands or has ended, in a sentence or a label.
 *
 * @param {import("./room.js").State} state
 */
export function standing({ training, ahead }) {
  if (ahead) return `Yours comes after ${ahead === 1 ? "this one" : `${ahead} others`}.`;
  if (!training) return "";
  const { status, message, points, steps, variance, recipe } = training;
  const [step, , valLoss] = points.at(-1) ?? [0, 0, 0];
  const grey = `one grey for every picture would be off by ${share(variance)}`;
  switch (status) {
    case "starting":
      return "The training is starting …";
    case "training":
      return `Step ${whole(step)} of ${whole(steps)}, epoch ${epochOf(step, training)} of ${recipe.epochs}`;
    case "learned":
      return `Done: pictures never trained on come back typically off by ${share(valLoss)}; ${grey}.`;
    case "collapsed":
      return `Collapsed: every picture gets the same answer, off by ${share(valLoss)}; ${grey}.`;
    case "diverged":
      return `Diverged at step ${whole(step)}: the loss or a weight is no longer a number.`;
    case "stopped":
      return steps ? `Stopped at step ${whole(step)} of ${whole(steps)}.` : "Stopped before the first step.";
    default:
      return message;
  }
}

/** The epoch that a step belongs to, counted from 1. */
export const epochOf = (step, { steps, recipe }) => Math.max(1, Math.ceil((step / steps) * recipe.epochs));

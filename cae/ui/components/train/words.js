// What the page says: what can be chosen, what a training is, what was guessed of it, how it has ended, and why.

import { significant, whole } from "../shared/numbers.js";

const SMALLER = "Each step moves the weights a tenth as far: the same number of steps leaves the network on its way.";
const USUAL = "The first steps remove the large errors, such as a wrong brightness. The rest of the time goes into strokes and edges.";
const LARGER = "Large steps get far at first, and then jump to and fro about the best weights. That all steps shrink towards the end has saved this training.";
const TOO_LARGE = "Steps that are too large throw the weights of a narrow layer so far that it answers every picture with zeros.";
const KEPT_ALIVE = "With these first weights each layer passes something on from the first step, so that all of them learn.";
const LUCKY = "This time each narrow layer passed something on. Start again, with other random weights: some of these trainings collapse.";
const UNLUCKY = "A narrow layer whose first weights are mostly negative answers every picture with zeros.";
const FEW = "49 numbers hold what many training pictures share. What is special to one picture has no room.";
const MORE = "More numbers hold more of what is special to each picture, and they cost as many more bytes.";
const NO_GRADIENT = "Zeros behind ReLU pass no gradient: nothing before that layer learns any more, and what comes after it learns one answer for all pictures.";

/** What the knobs are called, their values, what each means, and why it learns; and why it dies, where it may. */
export const KNOBS = {
  learning_rate: {
    title: "Learning rate",
    values: [
      [0.1, "× 0.1", "With steps a tenth as large", SMALLER],
      [1, "× 1", "With the usual steps", USUAL],
      [10, "× 10", "With steps ten times as large", LARGER, TOO_LARGE],
    ],
  },
  initialisation: {
    title: "First weights",
    values: [
      ["alive", "kept alive", "With first weights that keep every layer alive", KEPT_ALIVE],
      ["he", "plain random", "With plain random first weights", LUCKY, UNLUCKY],
    ],
  },
  bottleneck: {
    title: "Bottleneck",
    values: [
      [49, "49 numbers", "With 49 numbers for 784 pixels", FEW],
      [98, "98 numbers", "With twice as many numbers", MORE],
      [196, "196 numbers", "With four times as many numbers", MORE],
    ],
  },
};

/** What can be guessed of a training, and between which losses that is; of the last one: it collapses, or diverges. */
export const GUESSES = [
  { text: "below 10 %", from: 0, to: 0.01 },
  { text: "10 to 20 %", from: 0.01, to: 0.04 },
  { text: "above 20 %", from: 0.04, to: Infinity },
  { text: "it fails" },
];

const found = ({ knob, value }) => KNOBS[knob].values.find(([each]) => each === value);

/** @param {import("./room.js").Recipe} recipe */
export const question = (recipe) => `${found(recipe)[2]}: how far off will new pictures come back?`;

/** "Learning rate × 10". @param {import("./room.js").Recipe} recipe */
export const knobText = (recipe) => `${KNOBS[recipe.knob].title}: ${found(recipe)[1]}`;

/** What is trained, in a line. @param {import("./room.js").Training} training @param {Object<string, string>} titles of pictures. */
export const about = ({ recipe, images }, titles) =>
  `${knobText(recipe)} · ${recipe.widest} filters · ${whole(images)} images: ${titles[recipe.pictures] ?? recipe.pictures}`;

const share = (mse) => `${significant(100 * Math.sqrt(mse))} %`;

/**
 * How the training stands or has ended, and what had been guessed, in a sentence or a label.
 *
 * @param {import("./room.js").State} state
 * @param {number | null} guess which of `GUESSES`.
 */
export function standing({ training, ahead }, guess = null) {
  if (ahead) return `Yours comes after ${ahead === 1 ? "this one" : `${ahead} others`}.`;
  if (!training) return "";
  const { status, message, points, steps, variance, recipe, mine } = training;
  const [step, , valLoss] = points.at(-1) ?? [0, 0, 0];
  const end = compared(training, guess) || `; one grey for every picture would be off by ${share(variance)}`;
  switch (status) {
    case "starting":
      return "The training is starting …";
    case "training":
      return `${mine ? "Step" : "Another visitor’s: step"} ${whole(step)} of ${whole(steps)}, epoch ${epochOf(step, training)} of ${recipe.epochs}`;
    case "learned":
      return `Done: new pictures come back typically off by ${share(valLoss)}${end}.`;
    case "collapsed":
      return `Collapsed: every picture gets the same answer, off by ${share(valLoss)}${end}.`;
    case "diverged":
      return `Diverged at step ${whole(step)}: the loss or a weight is no longer a number${compared(training, guess)}.`;
    case "stopped":
      return steps ? `Stopped at step ${whole(step)} of ${whole(steps)}: off by ${share(valLoss)}${end}.` : "Stopped before the first step.";
    default:
      return message;
  }
}

function compared(training, guess) {
  if (guess === null || !training.points.length) return "";
  const { text } = GUESSES[guess];
  return guess === outcome(training) ? `, as you guessed: ${text}` : `; you had guessed: ${text}`;
}

/** Which of `GUESSES` has come true. @param {import("./room.js").Training} training */
export function outcome({ status, points }) {
  if (status === "collapsed" || status === "diverged") return GUESSES.length - 1;
  const valLoss = points.at(-1)[2];
  return GUESSES.findIndex(({ to }) => valLoss < to);
}

/** Why it has ended so; "" where that says itself. @param {import("./room.js").Training} training */
export function why({ status, recipe, points }) {
  const [, , , learns, dies] = found(recipe);
  switch (status) {
    case "learned":
      return learns;
    case "collapsed":
      return `${dies ?? "A narrow layer answers every picture with zeros."} ${NO_GRADIENT}`;
    case "diverged":
      return "Each step was so large that the error grew, and with it the next step, until a number was too large to be one.";
    case "stopped":
      return points.length > 1 ? "It was stopped on its way. The steps shrink towards the end, and that is when the last details are learned." : "";
    default:
      return "";
  }
}

/** The epoch that a step belongs to, counted from 1. */
export const epochOf = (step, { steps, recipe }) => Math.max(1, Math.ceil((step / steps) * recipe.epochs));

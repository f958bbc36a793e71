import assert from "node:assert/strict";
import { test } from "node:test";
import { curve, curveText } from "../../cae/ui/components/train/curve.js";
import { recipeOf, recipeText } from "../../cae/ui/components/train/form.js";
import { merged } from "../../cae/ui/components/train/room.js";
import { GUESSES, KNOBS, about, outcome, question, standing, why } from "../../cae/ui/components/train/words.js";

const RECIPE = { pictures: "drawings", widest: 32, epochs: 10, knob: "learning_rate", value: 10 };
const TRAINING = {
  name: "a", mine: true, status: "training", ended: false, message: "", recipe: RECIPE, images: 1600, first: 0,
  points: [[0, 0.1, 0.12], [50, 0.05, 0.06], [100, 0.02, 0.04]], steps: 500, variance: 0.09, collapsed: false, kept: "", keepable: true,
};
const as = (changes) => ({ ahead: 0, waiting: 0, version: "1", training: { ...TRAINING, ...changes } });

test("new points are put behind the known ones of the same training, and in place of those of another", () => {
  const news = as({ first: 2, points: [[150, 0.01, 0.03]] });
  assert.deepEqual(merged(as({}), news).training.points, [[0, 0.1, 0.12], [50, 0.05, 0.06], [150, 0.01, 0.03]]);
  assert.deepEqual(merged(as({ name: "b" }), as({})).training.points, TRAINING.points);
  assert.deepEqual(merged(null, as({})).training.points, TRAINING.points);
  assert.equal(merged(as({}), { version: "2", ahead: 0, waiting: 0, training: null }).training, null);
});

test("each state is a sentence or a label", () => {
  assert.equal(standing(as({})), "Step 100 of 500, epoch 2 of 10");
  assert.equal(standing(as({ mine: false })), "Another visitor’s: step 100 of 500, epoch 2 of 10");
  assert.equal(standing({ ...as({}), ahead: 2 }), "Yours comes after 2 others.");
  const grey = "one grey for every picture would be off by 30 %.";
  assert.equal(standing(as({ status: "learned" })), `Done: new pictures come back typically off by 20 %; ${grey}`);
  assert.equal(standing(as({ status: "collapsed" })), `Collapsed: every picture gets the same answer, off by 20 %; ${grey}`);
  assert.equal(standing(as({ status: "failed", message: "Why." })), "Why.");
  assert.equal(standing(as({ status: "stopped", points: [], steps: 0 })), "Stopped before the first step.");
  assert.equal(standing({ ...as({}), training: null }), "");
});

test("what was guessed is compared with what has happened, and why is said", () => {
  const at = (valLoss, status = "learned") => as({ status, points: [[0, 0.1, 0.12], [500, 0.02, valLoss]] });
  for (const [valLoss, guess] of [[0.0099, 0], [0.01, 1], [0.0399, 1], [0.04, 2], [0.2, 2]]) assert.equal(outcome(at(valLoss).training), guess);
  for (const status of ["collapsed", "diverged"]) assert.equal(outcome(at(0.02, status).training), GUESSES.length - 1);
  assert.equal(standing(at(0.0225), 1), "Done: new pictures come back typically off by 15 %, as you guessed: 10 to 20 %.");
  assert.equal(standing(at(0.0225), 0), "Done: new pictures come back typically off by 15 %; you had guessed: below 10 %.");
  assert.match(standing(at(0.0225, "collapsed"), 3), /off by 15 %, as you guessed: it fails\.$/);
  assert.match(standing(at(0.0225, "stopped"), 0), /^Stopped at step 500 of 500: off by 15 %; you had guessed: below 10 %\.$/);
  for (const [knob, { values }] of Object.entries(KNOBS)) {
    for (const [value] of values) {
      for (const status of ["learned", "collapsed", "diverged", "stopped"]) assert.match(why({ ...at(0.02, status).training, recipe: { ...RECIPE, knob, value } }), /\.$/);
    }
  }
  for (const status of ["starting", "stopped"]) assert.doesNotMatch(standing(as({ status, points: [], steps: 0 }), 1), /guessed/);
  for (const status of ["training", "failed"]) assert.equal(why(at(0.02, status).training), "");
});

test("a guess is a band between its losses", () => {
  const size = { width: 600, height: 300 };
  const band = (guess) => /class="guess".*? y="([\d.]+)" height="([\d.]+)"/.exec(curve(TRAINING, null, size, ["red", "blue"], guess)).slice(1).map(Number);
  const [[lowTop, lowHeight], [top, height], [highTop, highHeight]] = GUESSES.slice(0, 3).map(band);
  assert.equal(highTop, 26, "up to the top");
  assert.ok(Math.abs(lowTop + lowHeight - 260) < 0.1, "down to the axis");
  assert.ok(height > 0 && highHeight > 0);
  const empty = curve({ points: [], recipe: RECIPE }, null, size, ["red", "blue"], GUESSES[1]);
  assert.match(empty, /your guess/);
  assert.doesNotMatch(empty, /NaN|undefined|one grey/);
});

test("the address carries a recipe, and none that is not offered", () => {
  const choices = { pictures: [{ name: "drawings" }], widths: [16, 32], epochs: [3, 10] };
  for (const recipe of [RECIPE, { ...RECIPE, value: 0.1 }, { ...RECIPE, knob: "initialisation", value: "he", widest: 16 }]) {
    assert.deepEqual(recipeOf(recipeText(recipe), choices), recipe);
  }
  for (const text of [null, "", "mnist,32,10,learning_rate,1", "drawings,64,10,learning_rate,1", "drawings,32,10,toString,1", "drawings,32,10,bottleneck,1"]) {
    assert.equal(recipeOf(text, choices), null, text);
  }
});

test("each value of each knob has a question", () => {
  for (const [knob, { values }] of Object.entries(KNOBS)) {
    for (const [value] of values) assert.match(question({ ...RECIPE, knob, value }), /^With .*\?$/);
  }
  assert.equal(about(TRAINING, { drawings: "digits" }), "Learning rate: × 10 · 32 filters · 1,600 images: digits");
});

test("a point lies at its epoch, and one twice as high in loss as another by a constant above it", () => {
  const size = { width: 600, height: 300 };
  const points = (svg) => [...svg.matchAll(/points="([^"]*)"/g)].map(([, text]) => text.split(" ").map((pair) => pair.split(",").map(Number)));
  const [training] = points(curve({ ...TRAINING, points: [[0, 0.08, 0.08], [250, 0.04, 0.04], [500, 0.02, 0.02]] }, null, size, ["red", "blue"]));
  const [[x0, y0], [x1, y1], [x2, y2]] = training;
  assert.ok(Math.abs(x1 - x0 - (x2 - x1)) < 0.2);
  assert.equal(x2, 600 - 14, "the last step is at the right");
  assert.ok(Math.abs(y1 - y0 - (y2 - y1)) < 0.2, "the axis is logarithmic");
  const before = { ...TRAINING, recipe: { ...RECIPE, epochs: 5 }, steps: 250 };
  const svg = curve(TRAINING, before, size, ["red", "blue"]);
  const [earlier, now] = points(svg);
  assert.deepEqual(earlier.map(([x]) => x), now.map(([x]) => x), "epochs of both are drawn to one scale");
  assert.match(svg, /before: Learning rate: × 10/);
  assert.equal(curveText(TRAINING), "Loss up to step 100 of 500: training from 0.1 to 0.02, validation from 0.12 to 0.04; one grey for every picture gives 0.09");
});

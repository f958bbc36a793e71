import assert from "node:assert/strict";
import { test } from "node:test";
import { momentsOf } from "../../cae/ui/components/play/learning.js";

const EPOCHS = [0, 1, 2, 3, 5, 8];
const VALIDATION = [0.08, 0.04, 0.02, 0.019, 0.0108, 0.0107, 0.0101, 0.01];

test("moments are the start, the first snapshot below the published figure, and the first near the end", () => {
  assert.deepEqual(momentsOf({ val_loss: VALIDATION, published: 0.03 }, EPOCHS), [
    [0, "before training"],
    [3, "epoch 3: below the thesis"],
    [5, "epoch 5: within 10 % of the end"],
  ]);
});

test("epochs without a snapshot are none", () => {
  const published = momentsOf({ val_loss: VALIDATION, published: 0.0195 }, EPOCHS);
  assert.deepEqual(published.map(([epoch]) => epoch), [0, 5], "epoch 4 has none");
});

test("two moments at one epoch are one", () => {
  const found = momentsOf({ val_loss: VALIDATION, published: 0.011 }, EPOCHS);
  assert.deepEqual(found, [[0, "before training"], [5, "epoch 5: below the thesis"]]);
});

test("without the untrained network, and without a figure that was published or reached", () => {
  const near = [5, "epoch 5: within 10 % of the end"];
  assert.deepEqual(momentsOf({ val_loss: VALIDATION, published: null }, EPOCHS.slice(1)), [near]);
  assert.deepEqual(momentsOf({ val_loss: VALIDATION, published: 0.001 }, EPOCHS.slice(1)), [near]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { cardsOf, placeOf, step } from "../../cae/ui/components/lesson/plan.js";
import { Watch, placeOfLargest } from "../../cae/ui/components/lesson/rules.js";
import { decode, encode, lost } from "../../cae/ui/components/lesson/toy.js";

const LESSON = { cards: Array(4).fill({}), plans: { 5: [1, 3] } };
const picture = (changed = 0) => Uint8Array.from({ length: 784 }, (_, i) => (i < changed ? 255 : 0));
const SEEN = { key: "", address: {}, original: picture(), reconstruction: picture(), denoised: null, latent: null, epoch: null, way: null, quality: null, grey: null, lowest: false, noise: null, bytes: null, toy: null };
const seen = (changes) => ({ ...SEEN, ...changes });

test("three numbers on a straight line come back; of others, the nearest line does", () => {
  assert.ok(lost([0.2, 0.5, 0.8]) < 1e-9);
  const three = [0.1, 0.9, 0.3];
  const line = decode(encode(three));
  assert.ok(Math.abs(line[0] - 2 * line[1] + line[2]) < 1e-9);
  const distance = (other) => other.reduce((sum, value, i) => sum + (value - three[i]) ** 2, 0);
  for (const [level, slope] of [[0.01, 0], [-0.01, 0], [0, 0.01], [0, -0.01]]) {
    const [a, b] = encode(three);
    assert.ok(distance(line) < distance(decode([a + level, b + slope])));
  }
});

test("the address names card and plan; what it cannot mean is no place", () => {
  assert.deepEqual(placeOf("?lesson=2", LESSON), { card: 2, plan: null });
  assert.deepEqual(placeOf("?lesson=2&plan=5", LESSON), { card: 3, plan: "5" });
  assert.deepEqual(placeOf("?lesson=99&plan=7", LESSON), { card: 3, plan: null });
  for (const search of ["", "?lesson=", "?lesson=-1", "?lesson=x", "?plan=5"]) assert.equal(placeOf(search, LESSON), null);
});

test("steps stay within the plan and end at its ends", () => {
  assert.deepEqual(cardsOf(LESSON, null), [0, 1, 2, 3]);
  assert.equal(step(LESSON, { card: 1, plan: "5" }, 1), 3);
  assert.equal(step(LESSON, { card: 3, plan: "5" }, 1), undefined);
  assert.equal(step(LESSON, { card: 0, plan: null }, -1), undefined);
});

test("a drawing counts once it differs from the one at the start, which must be there first", () => {
  const watch = new Watch("drawn");
  assert.equal(watch.take(seen({ original: null })), false);
  assert.equal(watch.fill("{now}"), "");
  assert.equal(watch.take(seen({})), false);
  assert.equal(watch.take(seen({ original: picture(12) }), false), false, "amid a stroke");
  assert.equal(watch.take(seen({ original: picture(12), reconstruction: picture(11) })), true);
  assert.equal(watch.fill("{now}: {before}, {relative}"), "12: –, 28.9 %");
  assert.equal(watch.take(seen({})), false);
});

test("an edit is compared with the same picture, also after another one was drawn", () => {
  const watch = new Watch("edited");
  watch.take(seen({}));
  watch.take(seen({ original: picture(50), reconstruction: picture(40) }));
  assert.equal(watch.isDone, false);
  watch.take(seen({ original: picture(50), reconstruction: picture(47), address: { z: "AA" } }));
  assert.equal(watch.fill("{pixels}"), "7");
});

test("the toy and the epochs ask for two things, in any pause between them", () => {
  const toy = new Watch("toy");
  assert.deepEqual([null, 0.5, 0.05, 0.001].map((value) => toy.take(seen({ toy: value }))), [false, false, false, true]);
  const epochs = new Watch("epoch");
  assert.deepEqual([20, 5, 0, 2].map((epoch) => epochs.take(seen({ epoch }))), [false, false, false, true]);
});

test("places are counted from one", () => {
  const latent = new Float32Array(49);
  latent[8] = 2;
  assert.equal(placeOfLargest(latent), "row 2, column 2");
});

for (const [rule, before, after] of [
  ["corner", {}, { original: picture(5), latent: new Float32Array(49) }],
  ["single", { latent: Float32Array.of(1, 0) }, { latent: Float32Array.of(0, 6, 0) }],
  ["grey", {}, { lowest: true }],
  ["noise", {}, { address: { n: "gaussian-0.2" } }],
  ["way", { way: 0.5 }, { way: 1 }],
  ["quality", { quality: 5, bytes: "60 bytes" }, { quality: 1, bytes: "31 bytes" }],
]) {
  test(`${rule}: done when it is, and not before`, () => {
    const watch = new Watch(rule);
    assert.equal(watch.take(seen(before)), false);
    assert.equal(watch.take(seen(after)), true);
    assert.doesNotMatch(watch.fill("x"), /undefined/);
  });
}

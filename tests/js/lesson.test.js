import assert from "node:assert/strict";
import { test } from "node:test";
import { cardsOf, placeOf, step } from "../../cae/ui/components/lesson/plan.js";
import { Watch, isEmpty, placeOfLargest } from "../../cae/ui/components/lesson/rules.js";
import { decode, encode, lost } from "../../cae/ui/components/lesson/toy.js";

const LESSON = { cards: Array(4).fill({}), plans: { 5: [1, 3], 20: [0, 1, 2, 3] } };
const picture = (changed = 0) => Uint8Array.from({ length: 784 }, (_, i) => (i < changed ? 255 : 0));
const dot = (x, y) => picture().with(28 * y + x, 255);
const code = (...large) => Float32Array.from({ length: 49 }, (_, i) => (large.includes(i) ? 6.7 : 0));
const SEEN = {
  key: "", original: picture(60), reconstruction: picture(60), denoised: null, latent: null, largest: 6.8, edited: false, example: false, noise: null,
  epoch: null, shown: "finished", way: null, quality: null, answered: null, grey: null, lowest: false, bytes: null, toy: null,
};
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
  assert.equal(watch.take(seen({ original: picture(72) }), 0), false, "amid a stroke");
  assert.equal(watch.take(seen({ original: picture(72) })), true);
  assert.equal(watch.fill("{now}"), "12");
  assert.equal(watch.take(seen({})), false);
});

test("another drawing is more than a dot, none of the examples, and finished", () => {
  const watch = new Watch("another");
  watch.take(seen({ original: picture(100), reconstruction: picture(75) }));
  const house = { original: picture(200), reconstruction: picture(182) };
  assert.equal(watch.take(seen({ original: picture(12), reconstruction: picture(11) })), false);
  assert.equal(watch.take(seen({ ...house, example: true })), false);
  assert.equal(watch.take(seen(house), 2), false, "between two strokes");
  assert.equal(watch.take(seen(house)), true);
  assert.equal(watch.fill("{before}, {relative}"), "50\u00a0%, 30\u00a0%");
});

test("a card on Play begins without noise, edits and an earlier epoch, and the page is prepared until then", () => {
  const watch = new Watch("drawn");
  for (const left of [{ noise: "9 %" }, { edited: true }, { shown: "3" }, { original: picture(9) }, { reconstruction: null }]) {
    watch.take(seen(left));
    assert.ok(watch.isToPrepare);
  }
  watch.take(seen({}));
  assert.ok(!watch.isToPrepare);
  assert.deepEqual([null, picture(), picture(12), picture(60)].map((original) => isEmpty({ original })), [false, true, true, false]);
});

test("an edit is compared with the same picture, also after another one was drawn", () => {
  const watch = new Watch("edited");
  watch.take(seen({}));
  watch.take(seen({ original: picture(90), reconstruction: picture(80) }));
  assert.equal(watch.isDone, false);
  watch.take(seen({ original: picture(90), reconstruction: picture(87), edited: true }));
  assert.equal(watch.fill("{pixels}"), "7");
});

test("the toy and the epochs ask for two things, in any pause between them", () => {
  const toy = new Watch("toy");
  assert.deepEqual([null, 0.5, 0.05, 0.001].map((value) => toy.take(seen({ toy: value }))), [false, false, false, true]);
  const epochs = new Watch("epoch");
  const digit = { original: picture(100), reconstruction: picture(90) };
  const at = (epoch, shown = String(epoch)) => epochs.take(seen({ ...digit, epoch, shown }));
  assert.deepEqual([at(20, "finished"), at(5), at(0), at(2, "0"), at(2)], [false, false, false, false, true]);
  assert.equal(epochs.take(seen({ epoch: 2, shown: "2", original: picture(9) })), false, "a dot cannot be recognised");
});

test("a dot counts in a corner, and its place is compared with the largest number's", () => {
  const watch = new Watch("corner");
  watch.take(seen({ original: picture(100) }));
  assert.equal(watch.take(seen({ original: dot(14, 14), latent: code(8) })), false);
  assert.equal(watch.take(seen({ original: dot(14, 3), latent: code(8) })), false, "at an edge");
  assert.equal(watch.take(seen({ original: dot(24, 3), latent: code(8) })), true);
  assert.equal(watch.fill("{dot}; {place}"), "row 1, column 7; row 2, column 2");
});

test("a pair of cells lies side by side, and its picture is compared with that of one", () => {
  const watch = new Watch("pair");
  watch.take(seen({}));
  const grey = (value) => picture().with(5, value);
  assert.equal(watch.take(seen({ latent: code(24), reconstruction: grey(51) })), false);
  assert.equal(watch.take(seen({ latent: code(24, 27), reconstruction: grey(99) })), false, "far apart");
  assert.equal(watch.take(seen({ latent: code(24, 25).with(3, 1), reconstruction: grey(255) })), false, "a third is not zero");
  for (const beside of [25, 31, 32]) assert.equal(watch.take(seen({ latent: code(24, beside), reconstruction: grey(255) })), true);
  assert.equal(watch.fill("{alone}, {brightest}"), "20\u00a0%, 100\u00a0%");
});

test("the way leads from one end to the middle, in any pause between them", () => {
  const watch = new Watch("way");
  assert.deepEqual([0.5, 0.9, 0, 0.3, 0.5].map((way) => watch.take(seen({ way }))), [false, false, false, false, true]);
});

test("bytes are compared once the server has answered for the quality", () => {
  const watch = new Watch("quality");
  watch.take(seen({ quality: 5, answered: 4, bytes: "50 bytes" }));
  assert.equal(watch.before, null);
  watch.take(seen({ quality: 5, answered: 5, bytes: "60 bytes" }));
  assert.equal(watch.take(seen({ quality: 1, answered: 5, bytes: "60 bytes" })), false);
  assert.equal(watch.take(seen({ quality: 1, answered: 1, bytes: "31 bytes" })), true);
  assert.equal(watch.fill("{bytesBefore}, {bytes}"), "60 bytes, 31 bytes");
});

test("places are counted from one", () => {
  const latent = new Float32Array(49);
  latent[8] = 2;
  assert.equal(placeOfLargest(latent), "row 2, column 2");
});

for (const [rule, before, after] of [
  ["grey", {}, { lowest: true }],
  ["noise", {}, { noise: "9.5 %", denoised: picture() }],
]) {
  test(`${rule}: done when it is, and not before`, () => {
    const watch = new Watch(rule);
    assert.equal(watch.take(seen(before)), false);
    assert.equal(watch.take(seen(after)), true);
    assert.doesNotMatch(watch.fill("x"), /undefined/);
  });
}

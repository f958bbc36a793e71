import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Scale, chart, chartText, curvesOf, epochText, namedEpochs, ticks } from "../../cae/ui/components/play/chart.js";

const near = (a, b) => Math.abs(a - b) < 1e-9;
const SIZE = { width: 500, height: 200 };
const CURVE = { name: "denoiser", loss: [0.1, 0.02, 0.01], val_loss: [0.08, 0.03, 0.02], published: 0.005 };

test("ticks on a logarithmic axis are 1, 2 and 5 of each decade", () => {
  const found = ticks(0.0015, 0.03, true);
  assert.equal(found.length, 4);
  [0.002, 0.005, 0.01, 0.02].forEach((value, i) => assert.ok(near(found[i], value)));
});

test("ticks on a linear axis are round, evenly spaced, some four, and start at zero", () => {
  for (const high of [0.0123, 0.05, 0.7, 1, 3, 1999]) {
    const found = ticks(0, high, false);
    assert.equal(found[0], 0);
    assert.ok(found.length >= 3 && found.length <= 6, `${high}: ${found}`);
    const step = found[1];
    assert.ok([1, 2, 5].some((digit) => near(step / 10 ** Math.floor(Math.log10(step) + 1e-9), digit)), `${step}`);
    assert.ok(found.at(-1) <= high && found.at(-1) + step > high);
  }
});

test("first and last epoch are named, and no two names meet", () => {
  assert.deepEqual(namedEpochs(1, 1, 8), [1]);
  assert.deepEqual(namedEpochs(1, 3, 8), [1, 2, 3]);
  assert.deepEqual(namedEpochs(0, 20, 10), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  for (let epochs = 2; epochs < 200; epochs += 1) {
    for (const first of [0, 1]) {
      for (const most of [0.4, 1, 4.7, 10]) {
        const named = namedEpochs(first, epochs, most);
        assert.equal(named[0], first);
        assert.equal(named.at(-1), epochs);
        const least = (epochs - first) / Math.max(1, most);
        for (let i = 1; i < named.length; i += 1) assert.ok(named[i] - named[i - 1] >= least, `${first} to ${epochs}: ${named}`);
      }
    }
  }
});

for (const logarithmic of [true, false]) {
  test(`the ${logarithmic ? "logarithmic" : "linear"} scale puts everything into the chart`, () => {
    const scale = new Scale(CURVE, logarithmic, SIZE);
    for (const loss of [...CURVE.loss, ...CURVE.val_loss, CURVE.published]) {
      assert.ok(scale.y(loss) >= scale.top && scale.y(loss) <= scale.bottom);
    }
    assert.ok(0 < scale.left && scale.left < scale.right && scale.right < SIZE.width);
    assert.ok(0 < scale.top && scale.top < scale.bottom && scale.bottom < SIZE.height);
    assert.ok(scale.y(0.01) > scale.y(0.02), "less is lower");
    assert.equal(scale.x(1), scale.left);
    assert.equal(scale.x(3), scale.right);
    for (const epoch of [1, 2, 3]) assert.equal(scale.epoch(scale.x(epoch) + 1), epoch);
    assert.deepEqual([-99, 999].map((x) => scale.epoch(x)), [1, 3]);
  });
}

test("with the network before all training, epoch 0 is at the left", () => {
  const scale = new Scale(CURVE, true, SIZE, 0);
  assert.equal(scale.x(0), scale.left);
  assert.equal(scale.x(3), scale.right);
  assert.ok(near(scale.x(1) - scale.x(0), (scale.right - scale.left) / 3));
  for (const epoch of [0, 1, 2, 3]) assert.equal(scale.epoch(scale.x(epoch) + 1), epoch);
  const svg = chart(CURVE, scale, ["red", "blue"]);
  const first = [...svg.matchAll(/points="([\d.]+),/g)].map(([, x]) => Number(x));
  assert.deepEqual(first, [scale.x(1), scale.x(1)], "there is no loss before the first epoch");
  assert.match(svg, />0<\/text>/);
});

test("equal factors are equal distances on the logarithmic scale", () => {
  const scale = new Scale(CURVE, true, SIZE);
  assert.ok(near(scale.y(0.01) - scale.y(0.02), scale.y(0.02) - scale.y(0.04)));
});

test("a training of one epoch is two dots", () => {
  const curve = { name: "autoencoder", loss: [0.1], val_loss: [0.2], published: null };
  const svg = chart(curve, new Scale(curve, true, SIZE), ["red", "blue"]);
  assert.equal(svg.match(/<circle /g).length, 2);
  assert.doesNotMatch(svg, /polyline|published|NaN|undefined/);
});

test("the chart has both lines, the published figure, and the last losses", () => {
  const svg = chart(CURVE, new Scale(CURVE, true, SIZE), ["red", "blue"]);
  assert.equal(svg.match(/<polyline /g).length, 2);
  assert.match(svg, /thesis 0\.005</);
  assert.match(svg, /training 0\.01</);
  assert.match(svg, /validation 0\.02</);
  assert.doesNotMatch(svg, /NaN|undefined/);
});

test("in words", () => {
  assert.equal(
    chartText(CURVE),
    "Loss of the denoiser over 3 epochs: training from 0.1 to 0.01, validation from 0.08 to 0.02; the thesis reports 0.005",
  );
  assert.equal(epochText(CURVE, 2), "denoiser, epoch 2: training loss 0.02000, validation loss 0.03000");
});

test("shipped histories are read", () => {
  const history = JSON.parse(readFileSync(new URL("../../pretrained/mnist/history.json", import.meta.url), "utf8"));
  const curves = curvesOf(history, { autoencoder: 0.0022 });
  assert.deepEqual(curves.map(({ name }) => name), ["autoencoder", "denoiser"]);
  assert.deepEqual(curves.map(({ published }) => published), [0.0022, null]);
  for (const { name, loss, val_loss, images } of curves) {
    assert.equal(loss.length, history[name].epochs.length);
    assert.equal(val_loss.at(-1), history[name].epochs.at(-1).val_loss);
    assert.equal(images, 55000);
  }
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  SIZE, Scale, chart, chartText, curvesOf, epochText, namedEpochs, ticks,
} from "../../cae/ui/components/pipeline/chart.js";

const near = (a, b) => Math.abs(a - b) < 1e-9;
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
  assert.deepEqual(namedEpochs(1), [1]);
  assert.deepEqual(namedEpochs(3), [1, 2, 3]);
  assert.deepEqual(namedEpochs(20), [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  for (let epochs = 2; epochs < 200; epochs += 1) {
    const named = namedEpochs(epochs);
    assert.equal(named[0], 1);
    assert.equal(named.at(-1), epochs);
    assert.ok(named.length <= 12);
  }
});

for (const logarithmic of [true, false]) {
  test(`the ${logarithmic ? "logarithmic" : "linear"} scale puts everything into the chart`, () => {
    const scale = new Scale(CURVE, logarithmic);
    for (const loss of [...CURVE.loss, ...CURVE.val_loss, CURVE.published]) {
      assert.ok(scale.y(loss) >= SIZE.top && scale.y(loss) <= SIZE.height - SIZE.bottom);
    }
    assert.ok(scale.y(0.01) > scale.y(0.02), "less is lower");
    assert.equal(scale.x(1), SIZE.left);
    assert.equal(scale.x(3), SIZE.width - SIZE.right);
    for (const epoch of [1, 2, 3]) assert.equal(scale.epoch(scale.x(epoch) + 1), epoch);
    assert.deepEqual([-99, 999].map((x) => scale.epoch(x)), [1, 3]);
  });
}

test("equal factors are equal distances on the logarithmic scale", () => {
  const scale = new Scale(CURVE, true);
  assert.ok(near(scale.y(0.01) - scale.y(0.02), scale.y(0.02) - scale.y(0.04)));
});

test("a training of one epoch is two dots", () => {
  const curve = { name: "autoencoder", loss: [0.1], val_loss: [0.2], published: null };
  const svg = chart(curve, new Scale(curve, true), ["red", "blue"]);
  assert.equal(svg.match(/<circle /g).length, 2);
  assert.doesNotMatch(svg, /polyline|published|NaN|undefined/);
});

test("the chart has both lines, the published figure, and the last losses", () => {
  const svg = chart(CURVE, new Scale(CURVE, true), ["red", "blue"]);
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
    assert.equal(images, 60000);
  }
});

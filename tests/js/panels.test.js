import assert from "node:assert/strict";
import { test } from "node:test";
import { funnel, funnelText } from "../../cae/ui/components/play/funnel.js";
import { helpTexts, parametersOf } from "../../cae/ui/components/play/help.js";
import { paint } from "../../cae/ui/components/shared/pictures.js";

const ENCODER = [
  { name: "convolution 3×3, relu", side: 28, channels: 128, parameters: 1280 },
  { name: "max pool 2×2", side: 14, channels: 128, parameters: 0 },
  { name: "convolution 1×1, linear", side: 14, channels: 1, parameters: 129 },
];
const CONSTANTS = { pictureSide: 28, codeSide: 7, layers: { encoder: ENCODER, decoder: ENCODER.slice(0, 1) } };

test("a funnel has a bar for each layer, as high as its side, the wider the more channels", () => {
  const bars = [...funnel(ENCODER, "#123456").matchAll(/width="([\d.]+)" height="([\d.]+)".*?data-label="(.*?)"/g)];
  const [widths, heights] = [1, 2].map((part) => bars.map((bar) => Number(bar[part])));
  assert.deepEqual(heights, [84, 42, 42]);
  assert.equal(widths[0], widths[1]);
  assert.ok(widths[2] < widths[1]);
  assert.equal(bars[0][3], "1. convolution 3×3, relu → 28×28×128, 1,280 parameters");
});

test("a funnel in words", () => {
  assert.equal(
    funnelText("Encoder", ENCODER.slice(1)),
    "Encoder: max pool 2×2 to 14×14×128; convolution 1×1, linear to 14×14×1",
  );
});

test("explanations have the network's numbers", () => {
  const texts = Object.fromEntries(Object.entries(helpTexts(CONSTANTS)).map(([name, [, text]]) => [name, text]));
  assert.equal(parametersOf(ENCODER), 1409);
  assert.match(texts.encoder, /^3 layers .* falls from 128 to 1\. 1,409 learned/);
  assert.match(texts.original, /28 × 28 = 784 grey values/);
  assert.match(texts.latent, /7 × 7 = 49 numbers\. Each stands for a 4 × 4 block/);
  for (const text of Object.values(texts)) assert.doesNotMatch(text, /NaN|undefined/);
});

test("pixels are painted opaque, row after row", () => {
  let painted;
  const context = {
    createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: ({ data }) => (painted = [...data]),
  };
  paint({ getContext: () => context }, 2, (i) => [i, 10 * i, 100]);
  assert.deepEqual(painted, [0, 0, 100, 255, 1, 10, 100, 255, 2, 20, 100, 255, 3, 30, 100, 255]);
});

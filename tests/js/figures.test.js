import assert from "node:assert/strict";
import { test } from "node:test";
import { figures, inNumbers, inWords, spoken } from "../../cae/ui/components/play/figures.js";

const SAME = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);

test("equal pictures", () => {
  const found = figures(SAME, SAME);
  assert.equal(found.mse, 0);
  assert.equal(found.psnr, null);
  assert.ok(Math.abs(found.ssim - 1) < 1e-12);
  assert.equal(inWords(found), "exactly the same");
  assert.deepEqual(inNumbers(found), [["MSE", "0"], ["PSNR", "∞ dB"], ["SSIM", "1"]]);
});

test("a step of brightness has its square as error", () => {
  const brighter = Uint8Array.from({ length: 784 }, () => 51);
  const { mse, psnr } = figures(new Uint8Array(784), brighter);
  assert.ok(Math.abs(mse - 0.04) < 1e-12);
  assert.ok(Math.abs(psnr + 10 * Math.log10(0.04)) < 1e-12);
});

test("in words and in figures", () => {
  const found = { mse: 0.00034, psnr: 34.66, ssim: 0.9956 };
  assert.equal(inWords(found), "off by 1.84 %");
  assert.deepEqual(inNumbers(found), [["MSE", "0.00034"], ["PSNR", "34.7 dB"], ["SSIM", "0.996"]]);
  assert.equal(spoken(found), "typically off by 1.84 % of full brightness, structural similarity 0.996");
  assert.equal(spoken(undefined), "not there yet");
});

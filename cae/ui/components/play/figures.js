// How near a picture comes to the original: mean squared error over [0, 1], PSNR in dB and SSIM, as `cae.imaging.metrics`
// computes them, and as visitors read them: first in words, then with three significant figures.

import { significant } from "../shared/numbers.js";

/** SSIM's window of 11×11 with a Gaussian of standard deviation 1.5, and its two constants (Wang et al. 2004). */
const [RADIUS, SIGMA, C1, C2] = [5, 1.5, 0.01 ** 2, 0.03 ** 2];
const KERNEL = (() => {
  const weights = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => weight / sum);
})();

/** @typedef {{mse: number, psnr: number | null, ssim: number}} Figures PSNR is null where the pictures are equal. */

/**
 * @param {ArrayLike<number>} original bytes of a square picture.
 * @param {ArrayLike<number>} other bytes of another.
 * @returns {Figures}
 */
export function figures(original, other) {
  const [a, b] = [original, other].map((values) => Float64Array.from(values, (value) => value / 255));
  const mse = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;
  return { mse, psnr: mse ? -10 * Math.log10(mse) : null, ssim: ssim(a, b, Math.sqrt(a.length)) };
}

function ssim(a, b, side) {
  const product = (x, y) => x.map((value, i) => value * y[i]);
  const [ma, mb, aa, bb, ab] = [a, b, product(a, a), product(b, b), product(a, b)].map((x) => blurred(x, side));
  const values = ma.map((x, i) => {
    const y = mb[i];
    const [va, vb, cov] = [aa[i] - x * x, bb[i] - y * y, ab[i] - x * y];
    return ((2 * x * y + C1) * (2 * cov + C2)) / ((x * x + y * y + C1) * (va + vb + C2));
  });
  return values.reduce((sum, value) => sum + value) / values.length;
}

/** The Gaussian mean in each window that lies within the picture. */
function blurred(values, side) {
  const inner = side - 2 * RADIUS;
  const rows = new Float64Array(side * inner);
  const result = new Float64Array(inner * inner);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < inner; x += 1) KERNEL.forEach((weight, k) => (rows[y * inner + x] += weight * values[y * side + x + k]));
  }
  for (let y = 0; y < inner; y += 1) {
    for (let x = 0; x < inner; x += 1) KERNEL.forEach((weight, k) => (result[y * inner + x] += weight * rows[(y + k) * inner + x]));
  }
  return result;
}

/** "off by 1.7 %": the typical difference of a pixel as a share of full brightness. @param {Figures} figures */
export const inWords = ({ mse }) => (mse ? `off by ${significant(100 * Math.sqrt(mse))} %` : "exactly the same");

/** [name, value] of each figure. @param {Figures} figures */
export const inNumbers = ({ mse, psnr, ssim: similarity }) => [
  ["MSE", significant(mse)],
  ["PSNR", psnr === null ? "∞ dB" : `${significant(psnr)} dB`],
  ["SSIM", significant(similarity)],
];

/** For those who cannot see it. @param {Figures | undefined} figures */
export function spoken(figures) {
  if (!figures) return "not there yet";
  return `typically ${inWords(figures)} of full brightness, structural similarity ${significant(figures.ssim)}`;
}

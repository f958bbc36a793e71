// How near a picture comes to the original, as HTML and in words. PSNR is null where the two are equal.

import { decimals } from "../shared/numbers.js";

export function qualityCaption(quality) {
  if (!quality) return "";
  const psnr = quality.psnr === null ? "∞" : decimals(quality.psnr, 1);
  return (
    `<dl><dt>MSE</dt><dd>${decimals(quality.mse, 4)}</dd><dt>PSNR</dt><dd>${psnr} dB</dd>` +
    `<dt>SSIM</dt><dd>${decimals(quality.ssim, 3)}</dd></dl>`
  );
}

export function qualityText(quality) {
  if (!quality) return "not there yet";
  return `mean squared error ${decimals(quality.mse, 4)}, structural similarity ${decimals(quality.ssim, 3)}`;
}

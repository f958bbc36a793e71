// How a reconstruction is denoised, as in cae/model/denoising.py, which says why.

/** The mean squared change, the two networks' geometric mean, at which the denoiser's answer and twicing count alike. */
export const CHANGE_OF_NOISE = 2e-3;

/**
 * A reconstruction in [0, 1] → the denoised picture in [0, 1].
 *
 * @param {{encoder: Network, decoder: Network, denoiser: Network}} model the denoiser with both its halves.
 * @param {Float32Array} pixels of a picture of height × width, multiples of 4.
 */
export function denoise({ encoder, decoder, denoiser }, pixels, height = 28, width = 28) {
  const pass = (first, second) => second.decode(first.encode(pixels, height, width), height / 4, width / 4);
  const answer = pass(denoiser, denoiser);
  const secondPass = pass(encoder, decoder);
  const noise = meanSquare(pixels, answer) * meanSquare(pixels, secondPass);
  const share = noise / (noise + CHANGE_OF_NOISE ** 2);
  return pixels.map((value, i) => {
    const twiced = 2 * value - secondPass[i];
    return Math.min(1, Math.max(0, share * answer[i] + (1 - share) * twiced));
  });
}

function meanSquare(before, after) {
  return before.reduce((sum, value, i) => sum + (value - after[i]) ** 2, 0) / before.length;
}

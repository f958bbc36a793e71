// What the panels are, for those who ask.

import { whole } from "../shared/numbers.js";

export const parametersOf = (layers) => layers.reduce((sum, { parameters }) => sum + parameters, 0);

/** [title, explanation] of each panel, with the numbers of the network. */
export function helpTexts({ pictureSide, codeSide, layers: { encoder, decoder } }) {
  const [pixels, numbers, block] = [pictureSide ** 2, codeSide ** 2, pictureSide / codeSide];
  const widest = Math.max(...encoder.map(({ channels }) => channels));
  return {
    original: ["Original", `What the network sees: ${pictureSide} × ${pictureSide} = ${pixels} grey values between 0 (black) and 1 (white).`],
    noisy: ["With noise", "The original with noise added: this is what the network sees now. All figures compare with the original, without noise."],
    encoder: ["Encoder", `${inWords(encoder)} squeeze the picture: convolutions look for patterns, pooling halves the size, and the number of channels falls from ${widest} to 1. ${whole(parametersOf(encoder))} learned parameters.`],
    latent: ["Latent: the code", `All that is kept of the picture: ${codeSide} × ${codeSide} = ${numbers} numbers. Each stands for a ${block} × ${block} block of pixels and its surroundings. Brighter cells hold larger numbers; hover to read them.`],
    decoder: ["Decoder", `${inWords(decoder)} draw the picture again from the ${numbers} numbers alone: upsampling doubles the size, convolutions fill in strokes and edges. ${whole(parametersOf(decoder))} learned parameters.`],
    reconstruction: ["Reconstruction", "What the decoder drew. MSE is the mean squared difference from the original over the range 0 to 1 (smaller is better), PSNR the same in decibels (larger is better), SSIM compares structure (1 is identical)."],
    denoised: ["Denoised", "A second instance of the same network, trained to turn reconstructions back into originals, takes away what noise has left behind. Where that is little, what another pass through the first network loses is added back instead."],
    "error-map": ["Error map", "Reconstruction minus original, pixel by pixel. Red: too bright. Blue: too dark. White: right."],
  };
}

const inWords = ({ length }) => `${{ 10: "Ten" }[length] ?? length} layers`;

// What the panels are, for those who ask.

import { whole } from "../shared/numbers.js";

export const parametersOf = (layers) => layers.reduce((sum, { parameters }) => sum + parameters, 0);

/** [title, explanation, lines of Keras that do it] of each panel, with the numbers of the network; some have no lines. */
export function helpTexts({ code = {}, ...constants }) {
  return Object.fromEntries(Object.entries(explanations(constants)).map(([name, texts]) => [name, [...texts, code[name] ?? ""]]));
}

function explanations({ pictureSide, codeSide, layers: { encoder, decoder } }) {
  const [pixels, numbers, block] = [pictureSide ** 2, codeSide ** 2, pictureSide / codeSide];
  const widest = Math.max(...encoder.map(({ channels }) => channels));
  return {
    pen: ["Your pen", "Draw here with the mouse, a finger, a pen or the keyboard. The picture is shrunk until its strokes are as in the training images; switch “Centre and resize” off to keep it where you drew it."],
    original: ["The network sees", `Your picture as the network gets it: ${pictureSide} × ${pictureSide} = ${pixels} grey values between 0 (black) and 1 (white), with noise if you add some. All figures compare with the picture without noise.`],
    encoder: ["Encoder", `${inWords(encoder)} squeeze the picture: convolutions look for patterns, pooling halves the size, and the number of channels falls from ${widest} to 1. ${whole(parametersOf(encoder))} learned parameters.`],
    latent: ["The code", `All that is kept of the picture (its latent): ${codeSide} × ${codeSide} = ${numbers} numbers. Each stands for a ${block} × ${block} block of pixels and its surroundings. Brighter cells hold larger numbers. Drag a cell up or down, or use the arrow keys, to change its number; Shift and an arrow key go to the next cell.`],
    decoder: ["Decoder", `${inWords(decoder)} draw the picture again from the ${numbers} numbers alone: upsampling doubles the size, convolutions fill in strokes and edges. ${whole(parametersOf(decoder))} learned parameters.`],
    reconstruction: ["Drawn again: the reconstruction", "What the decoder drew from the code alone. MSE is the mean squared difference from the original over the range 0 to 1 (smaller is better), PSNR the same in decibels (larger is better), SSIM compares structure (1 is identical). Hold the picture to see the original."],
    denoised: ["Denoised", "A second instance of the same network, trained to turn reconstructions back into originals, takes away what noise has left behind. Where that is little, what another pass through the first network loses is added back instead."],
    "error-map": ["Error map", "Drawn again minus original, pixel by pixel. Red: too bright. Blue: too dark. White: right."],
    cell: ["This cell", "The chosen cell of the code. Its block of pixels is outlined in the pictures; the map shows where the picture becomes brighter and darker when the number grows."],
  };
}

const inWords = ({ length }) => `${{ 10: "Ten" }[length] ?? length} layers`;

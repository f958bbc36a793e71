// Pixels: as bytes and in [0, 1], and on a canvas.

/**
 * Paint a square picture.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} side of the picture and of the canvas in pixels.
 * @param {(index: number) => ArrayLike<number>} colourOf red, green and blue of the pixels, row after row.
 */
export function paint(canvas, side, colourOf) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i += 1) {
    const [red, green, blue] = colourOf(i);
    image.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** Bytes of a picture → the picture in [0, 1], as the network takes it. */
export const unit = (bytes) => Float32Array.from(bytes, (value) => value / 255);

/** A picture in [0, 1] → its bytes; what lies beyond is cut off. */
export const eightBits = (values) => Uint8Array.from(values, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)));

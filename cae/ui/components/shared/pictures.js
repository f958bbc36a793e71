// Pixels on a canvas.

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

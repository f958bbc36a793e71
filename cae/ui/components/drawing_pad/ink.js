// Strokes as ink on a canvas.

/**
 * Draw strokes as smooth lines: straight to the first midpoint, then quadratic curves from midpoint to midpoint. A single
 * point becomes a disc.
 *
 * @param {HTMLCanvasElement} canvas square.
 * @param {boolean} blank whether to start from black.
 */
export function inkStrokes(canvas, strokes, blank = false) {
  const context = canvas.getContext("2d");
  const side = canvas.width;
  if (blank) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
  }
  context.lineCap = context.lineJoin = "round";
  for (const { points, width, erase } of strokes) {
    const scaled = points.map(([x, y]) => [x * side, y * side]);
    context.fillStyle = context.strokeStyle = erase ? "#000" : "#fff";
    context.lineWidth = width * side;
    context.beginPath();
    if (scaled.length === 1) {
      context.arc(...scaled[0], (width * side) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(...scaled[0]);
    for (let i = 1; i < scaled.length; i++) {
      const [x, y] = scaled[i - 1];
      const middle = [(x + scaled[i][0]) / 2, (y + scaled[i][1]) / 2];
      if (i === 1) context.lineTo(...middle);
      else context.quadraticCurveTo(x, y, ...middle);
    }
    context.lineTo(...scaled.at(-1));
    context.stroke();
  }
}

// Marks of the classes: ten shapes, each in a colour of its own, on a dark ground.

/**
 * By class. Any two are at least 25 apart in CIELAB, also for eyes without green cones, and none is near the colour of a
 * stage. Further classes begin again.
 */
export const COLOURS = ["#fdf415", "#2a848b", "#f58af7", "#a8a995", "#f92501", "#fce2ff", "#66883a", "#eff6bb", "#e409f7", "#daeb6a"];

const polygon = (...points) => (context, x, y, r) => {
  points.forEach(([dx, dy], i) => (i ? context.lineTo(x + dx * r, y + dy * r) : context.moveTo(x + dx * r, y + dy * r)));
  context.closePath();
};
const circle = (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI);
const lines = (...pairs) => (context, x, y, r) => {
  for (const [[ax, ay], [bx, by]] of pairs) {
    context.moveTo(x + ax * r, y + ay * r);
    context.lineTo(x + bx * r, y + by * r);
  }
};
const SQUARE = polygon([-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]);
const DIAMOND = polygon([0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]);
const PLUS = lines([[-1, 0], [1, 0]], [[0, -1], [0, 1]]);
const CROSS = lines([[-0.8, -0.8], [0.8, 0.8]], [[-0.8, 0.8], [0.8, -0.8]]);

/** By class: how its path is drawn, and whether it is filled. */
const SHAPES = [
  { path: circle, filled: false },
  { path: SQUARE, filled: true },
  { path: polygon([0, -1.1], [1, 0.8], [-1, 0.8]), filled: true },
  { path: PLUS, filled: false },
  { path: DIAMOND, filled: true },
  { path: CROSS, filled: false },
  { path: polygon([0, 1.1], [1, -0.8], [-1, -0.8]), filled: true },
  { path: SQUARE, filled: false },
  { path: circle, filled: true },
  { path: DIAMOND, filled: false },
];

export const colourOf = (label) => COLOURS[label % COLOURS.length];

/** Draw the mark of a class with its centre at (x, y) and about so large a radius. */
export function drawMark(context, label, x, y, radius) {
  const { path, filled } = SHAPES[label % SHAPES.length];
  context.beginPath();
  path(context, x, y, radius);
  if (filled) {
    context.fillStyle = colourOf(label);
    context.fill();
  } else {
    context.strokeStyle = colourOf(label);
    context.lineWidth = radius * 0.45;
    context.stroke();
  }
}

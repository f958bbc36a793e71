// A drawing as the network sees it, computed in the browser as `cae.imaging` does on the server: strokes to ink, ink to 28×28
// pixels. Pictures are Uint8Arrays, row after row.

/** Side of the ink in pixels, as of `rasterise`. */
export const INK_SIDE = 140;
const SIDE = 28;
/** `cae.imaging.drawing`: up to the first a drawing stays in place, from the second on it is fitted. */
const [SMALL, LARGE] = [1 / 3, 0.55];
const LEAST_CONTRAST = 4;

/** How drawings are fitted: the side that the longer side gets, and whether the centre of mass or of the box is centred. */
const FITS = { digits: { side: 20, byMass: true }, clothes: { side: 28, byMass: false } };

/**
 * White ink on black. Each pixel is covered as far as it lies within half the pen's width of a stroke.
 *
 * @param {{points: [number, number][], width: number, erase: boolean}[]} strokes
 */
export function rasterise(strokes, size = INK_SIDE) {
  const ink = new Float32Array(size * size);
  for (const { points, width, erase } of strokes) {
    const cover = new Float32Array(size * size);
    // Python draws at four times the size: whole pixels there, and widths with one in the middle.
    const radius = (roundHalfToEven(4 * size * width) | 1) / 8;
    const scaled = points.map((point) => point.map((value) => (roundHalfToEven(4 * size * value) + 0.5) / 4));
    scaled.forEach((end, i) => coverSegment(cover, size, scaled[Math.max(0, i - 1)], end, radius));
    for (let i = 0; i < ink.length; i += 1) ink[i] = erase ? ink[i] * (1 - cover[i]) : Math.max(ink[i], cover[i]);
  }
  return Uint8Array.from(ink, (value) => Math.round(255 * value));
}

function coverSegment(cover, size, [x0, y0], [x1, y1], radius) {
  const reach = radius + 1;
  const [left, right] = [Math.min(x0, x1) - reach, Math.max(x0, x1) + reach].map((x) => Math.min(Math.max(Math.floor(x), 0), size));
  const [top, bottom] = [Math.min(y0, y1) - reach, Math.max(y0, y1) + reach].map((y) => Math.min(Math.max(Math.floor(y), 0), size));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = length ? Math.min(Math.max((px * dx + py * dy) / length, 0), 1) : 0;
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const value = Math.min(Math.max(radius + 0.5 - distance, 0), 1);
      if (value > cover[y * size + x]) cover[y * size + x] = value;
    }
  }
}

/** @typedef {{image: Uint8Array, left: number, top: number, side: number}} Seen 28×28 pixels, and the square of the pad. */

/**
 * What the network sees of the ink of a whole pad; null where there is none.
 *
 * @param {keyof FITS | null} fit as of which training images; null: the drawing stays where it is.
 * @returns {Seen | null}
 */
export function seen(ink, fit, size = INK_SIDE) {
  const box = bounds(ink, size);
  if (!box) return null;
  const length = Math.max(box.bottom - box.top, box.right - box.left) / size;
  const pad = { values: ink, height: size, width: size };
  const share = fit ? Math.min(Math.max((length - SMALL) / (LARGE - SMALL), 0), 1) : 0;
  if (share === 0) return { image: resized(pad, null, SIDE, SIDE), left: 0, top: 0, side: 1 };
  const fitted = fitTo(ink, size, box, FITS[fit]);
  const square = squareOf(box, fitted, size);
  if (share === 1) return { image: fitted, ...square };
  const [left, top, side] = [share * square.left, share * square.top, 1 + share * (square.side - 1)];
  const [x, y, width] = [size * left, size * top, size * side];
  return { image: resized(pad, [x, y, x + width, y + width], SIDE, SIDE), left, top, side };
}

/** Where the ink is, the latter two just outside; null where there is none. A tenth of the peak counts as ink. */
function bounds(ink, size) {
  const peak = ink.reduce((most, value) => Math.max(most, value), 0);
  if (peak < LEAST_CONTRAST) return null;
  const box = { top: size, left: size, bottom: 0, right: 0 };
  ink.forEach((value, i) => {
    if (value <= 0.1 * peak) return;
    const [x, y] = [i % size, Math.floor(i / size)];
    box.top = Math.min(box.top, y);
    box.left = Math.min(box.left, x);
    box.bottom = Math.max(box.bottom, y + 1);
    box.right = Math.max(box.right, x + 1);
  });
  return box;
}

function fitTo(ink, size, box, { side, byMass }) {
  const part = cropped(ink, size, box);
  const scale = side / Math.max(part.height, part.width);
  const [height, width] = [part.height, part.width].map((length) => Math.max(1, roundHalfToEven(length * scale)));
  const small = resized(part, null, height, width);
  let [down, across] = [Math.floor((SIDE - height) / 2), Math.floor((SIDE - width) / 2)];
  if (byMass) {
    let [sum, rows, columns] = [0, 0, 0];
    small.forEach((value, i) => {
      sum += value;
      rows += value * Math.floor(i / width);
      columns += value * (i % width);
    });
    const centre = (moment, length) => Math.min(Math.max(roundHalfToEven(SIDE / 2 - moment / sum), 0), SIDE - length);
    [down, across] = [centre(rows, height), centre(columns, width)];
  }
  const image = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < height; y += 1) image.set(small.subarray(y * width, (y + 1) * width), (y + down) * SIDE + across);
  return image;
}

function squareOf(box, fitted, size) {
  const there = bounds(fitted, SIDE) ?? { top: 0, left: 0, bottom: SIDE, right: SIDE };
  const scale = Math.max(box.bottom - box.top, box.right - box.left) / Math.max(there.bottom - there.top, there.right - there.left);
  const place = (first, last) => ((box[first] + box[last]) / 2 - (scale * (there[first] + there[last])) / 2) / size;
  return { left: place("left", "right"), top: place("top", "bottom"), side: (scale * SIDE) / size };
}

/** A part of a square picture, uint8. */
function cropped(picture, size, { top, left, bottom, right }) {
  const [height, width] = [bottom - top, right - left];
  const part = new Uint8Array(height * width);
  for (let y = 0; y < height; y += 1) part.set(picture.subarray((top + y) * size + left, (top + y) * size + right), y * width);
  return { values: part, height, width };
}

/**
 * A picture in other pixels: each is a mean over what it covers, weighted by a Hamming-windowed sinc, as Pillow does.
 *
 * @param {{values: Uint8Array, height: number, width: number}} picture
 * @param {[number, number, number, number] | null} box left, top, right and bottom of the part that is wanted, which may
 *   reach beyond the picture into black; null: all.
 */
function resized({ values, height, width }, box, newHeight, newWidth) {
  const [left, top, right, bottom] = box ?? [0, 0, width, height];
  const across = weights(left, right, newWidth, width, box !== null);
  const down = weights(top, bottom, newHeight, height, box !== null);
  const rows = new Uint8ClampedArray(height * newWidth);
  for (let y = 0; y < height; y += 1) {
    across.forEach(({ first, shares }, x) => {
      rows[y * newWidth + x] = shares.reduce((sum, share, k) => sum + share * values[y * width + first + k], 0);
    });
  }
  const result = new Uint8ClampedArray(newHeight * newWidth);
  down.forEach(({ first, shares }, y) => {
    for (let x = 0; x < newWidth; x += 1) {
      result[y * newWidth + x] = shares.reduce((sum, share, k) => sum + share * rows[(first + k) * newWidth + x], 0);
    }
  });
  return Uint8Array.from(result);
}

/**
 * For each output along an axis: the first input that counts, and the shares of the inputs from there on.
 *
 * @param {boolean} open whether what lies beyond the picture counts, as black.
 */
function weights(start, end, outputs, size, open) {
  const scale = (end - start) / outputs;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: outputs }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    const [first, last] = [Math.round(centre - stretch), Math.round(centre + stretch)];
    const places = Array.from({ length: last - first }, (_, k) => first + k);
    const inside = places.filter((place) => place >= 0 && place < size);
    const weight = (place) => hamming((place - centre + 0.5) / stretch);
    const sum = (open ? places : inside).reduce((total, place) => total + weight(place), 0);
    return { first: inside[0] ?? 0, shares: inside.map((place) => weight(place) / sum) };
  });
}

function hamming(x) {
  if (x === 0) return 1;
  return Math.abs(x) < 1 ? (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0;
}

/** As Python rounds. */
function roundHalfToEven(value) {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

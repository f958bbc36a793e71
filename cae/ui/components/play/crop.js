// A picture that somebody brought, and on it a square that says what is taken of it: moved by its middle, resized at its
// corner, or by keys.

import { element } from "../shared/dom.js";
import { clamp } from "../shared/numbers.js";

const LEAST = 1 / 24; // of the picture's longer side
const KEYS = { ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], "+": [0, 0, 1], "-": [0, 0, -1] };

/** @param {(square: {of: string, square: [number, number, number]}) => void} onSquare is told where it was put. */
export function createCrop(onSquare) {
  const image = element("img", { alt: "Your picture, before it is prepared" });
  const corner = element("i", { class: "corner" });
  const square = element("div", { class: "square", tabindex: "0", role: "application", "data-testid": "crop" }, corner);
  const root = element("div", { class: "preview", hidden: "" }, image, square);
  let picture = null;
  let place = null; // left, top and side, as shares of the frame
  let drag = null;

  const longer = () => Math.max(...picture.size);
  /** Where the picture begins in the frame, in its own pixels. */
  const inset = () => picture.size.map((side) => (longer() - side) / 2);

  function show() {
    const [left, top, side] = place.map((value) => `${100 * value}%`);
    Object.assign(square.style, { left, top, width: side, height: side });
    square.setAttribute("aria-label", `What is taken of the picture: ${Math.round(100 * place[2])} % of it; arrow keys move, plus and minus resize`);
  }

  function move(x, y, side) {
    const length = clamp(side, LEAST, 1);
    place = [clamp(x, 0, 1 - length), clamp(y, 0, 1 - length), length];
    show();
  }

  function tell() {
    const [x, y] = inset();
    const [left, top, side] = place.map((value) => value * longer());
    onSquare({ of: picture.of, square: [Math.round(left - x), Math.round(top - y), Math.max(1, Math.round(side))] });
  }

  square.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    square.focus({ preventScroll: true });
    square.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, from: place, resizes: event.target === corner };
  };
  square.onpointermove = (event) => {
    if (!drag) return;
    const width = root.clientWidth;
    const [dx, dy] = [(event.clientX - drag.x) / width, (event.clientY - drag.y) / width];
    const [x, y, side] = drag.from;
    if (drag.resizes) move(x, y, Math.min(side + Math.max(dx, dy), 1 - x, 1 - y));
    else move(x + dx, y + dy, side);
  };
  square.onpointerup = square.onpointercancel = () => {
    if (drag && place !== drag.from) tell();
    drag = null;
  };
  square.onkeydown = (event) => {
    const by = KEYS[event.key === "=" ? "+" : event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y, side] = place;
    move(x + 0.02 * by[0] - 0.01 * by[2], y + 0.02 * by[1] - 0.01 * by[2], side + 0.02 * by[2]);
    tell();
  };

  return {
    root,
    /** @param {{url: string, of: string, size: [number, number], square: [number, number, number] | null} | null} shown */
    update(shown) {
      root.hidden = !shown;
      picture = shown;
      if (!shown) return;
      if (image.getAttribute("src") !== shown.url) image.src = shown.url;
      square.hidden = !shown.square;
      if (!shown.square || drag) return;
      const [x, y] = inset();
      const [left, top, side] = shown.square;
      move((left + x) / longer(), (top + y) / longer(), side / longer());
    },
  };
}

// One feature map, large, and the pixel of it that is chosen by pointer or arrow keys.

import { colourBar } from "../play/picture_panel.js";
import { element } from "../shared/dom.js";
import { clamp } from "../shared/numbers.js";
import { mark, number, paintMap } from "./pictures.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowDown: [1, 0], ArrowLeft: [0, -1] };

/** @param {(row: number, column: number) => void} onChoose */
export function createLargeMap({ palette, colours, onChoose }) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const [pixel, copies] = [mark("pixel"), mark("copies")];
  const frame = element(
    "div",
    { class: "frame", role: "application", tabindex: "0", "aria-roledescription": "map of pixels", "data-testid": "large-map" },
    canvas,
    copies.outline,
    pixel.outline,
  );
  const scale = element("div", { class: "caption" });
  let [side, row, column] = [1, 0, 0];

  function go(toRow, toColumn) {
    const [y, x] = [clamp(toRow, 0, side - 1), clamp(toColumn, 0, side - 1)];
    if (y !== row || x !== column) onChoose(y, x);
  }

  function follow(event) {
    const box = canvas.getBoundingClientRect();
    go(Math.floor(((event.clientY - box.top) / box.height) * side), Math.floor(((event.clientX - box.left) / box.width) * side));
  }

  frame.onpointerdown = follow;
  frame.onpointermove = (event) => event.buttons && follow(event);
  frame.onkeydown = (event) => {
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    const [down, right] = ARROWS[event.key];
    go(row + down, column + right);
  };

  return {
    frame,
    scale,
    show(output, channel, range) {
      side = output.height;
      Object.assign(canvas, { width: side, height: side });
      paintMap(canvas, output, channel, range, colours);
      scale.replaceChildren(colourBar(palette, number(range[0]), number(range[1])));
    },
    /** Outline the pixel, and the square of those that are copies of the same value, if there are some. */
    mark(place, square, text) {
      ({ row, column } = place);
      pixel.show({ row, column, side: 1 }, side);
      copies.show(square, side);
      frame.setAttribute("aria-label", `${text} Arrow keys choose another pixel.`);
    },
  };
}

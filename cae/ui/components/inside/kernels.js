// The kernels of a filter, one for each channel of the layer before it.

import { colourBar } from "../play/picture_panel.js";
import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { kernelOf } from "./arithmetic.js";
import { mark, number } from "./pictures.js";

const COLUMNS = 16;
/** Screen pixels of a weight at most. */
const LARGEST = 18;

/** @param {(channel: number) => void} onChoose is told which channel's kernel was pressed. */
export function createKernels({ palette, onChoose }) {
  const canvas = element("canvas", { role: "img" });
  const outline = mark("pixel");
  const area = element("div", { class: "kernels" }, canvas, outline.outline);
  const title = element("strong");
  const scale = element("div");
  const root = element("div", { class: "caption", "data-testid": "kernels" }, title, area, scale);
  let [columns, step, channels] = [1, 2, 0];

  canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (offset, length, count) => Math.min(Math.floor((offset / length) * count), count - 1);
    const channel = at(event.clientY - box.top, box.height, canvas.height / step) * columns + at(event.clientX - box.left, box.width, columns);
    if (channel < channels) onChoose(channel);
  };

  return {
    root,
    /** @param {object} layer as `weights` of network.js gives it. @param {number} chosen the channel to outline. */
    show(layer, filter, chosen) {
      root.hidden = layer.kind !== "conv";
      if (root.hidden) return;
      const { side } = layer;
      ({ channels } = layer);
      columns = Math.min(channels, COLUMNS);
      step = side + 1;
      Object.assign(canvas, { width: columns * step, height: Math.ceil(channels / columns) * step });
      area.style.maxWidth = `${canvas.width * LARGEST}px`;
      const kernels = Array.from({ length: channels }, (_, channel) => kernelOf(layer, channel, filter));
      const limit = Math.max(...kernels.map((kernel) => Math.max(...kernel.map(Math.abs)))) || 1;
      const context = canvas.getContext("2d");
      kernels.forEach((kernel, channel) => {
        kernel.forEach((weight, tap) => {
          context.fillStyle = `rgb(${palette.colour(Palette.index(weight, -limit, limit)).join(" ")})`;
          context.fillRect((channel % columns) * step + (tap % side), Math.floor(channel / columns) * step + Math.floor(tap / side), 1, 1);
        });
      });
      const many = `${channels} kernel${channels === 1 ? "" : "s"} of ${side}×${side}`;
      title.textContent = many;
      canvas.setAttribute("aria-label", `${many}; weights between ${number(-limit)} and ${number(limit)}`);
      scale.replaceChildren(colourBar(palette, number(-limit), number(limit)));
      outline.show({ row: Math.floor(chosen / columns) * step, column: (chosen % columns) * step, side }, canvas.width, canvas.height);
    },
  };
}

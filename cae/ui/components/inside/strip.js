// The layers in a row, drawn as in the funnels: as high as the map's side, the deeper the more channels. Each sheet is one of
// its maps, seen from the side. They are tabs: one of them is opened.

import { element } from "../shared/dom.js";
import { whole } from "../shared/numbers.js";
import { byStrength, paintMap } from "./pictures.js";
import { lines, short, spoken } from "./words.js";

/** Pixels: of the canvas, of a map of the picture's side, between two sheets; and how much a sheet rises to the right. */
const [WIDTH, HEIGHT, TALL, WIDE, APART, RISE] = [44, 92, 82, 26, 2.4, 0.3];
const DENSITY = 2;

export const ROWS = ["Layer", "Output", "Parameters", "Multiply-adds", "Receptive field"];

/** @param {(layer: number) => void} onOpen */
export function createStrip({ layers, pictureSide, colours, panel, onOpen }) {
  const tabs = layers.map((layer, index) => {
    const canvas = element("canvas", { width: WIDTH * DENSITY, height: HEIGHT * DENSITY });
    const field = layer.receptiveField;
    const rows = [lines(layer), [`${layer.side}×${layer.side}`, `×${layer.channels}`], [whole(layer.parameters)], [short(layer.multiplyAdds)], [`${field}×${field}`]];
    const cells = rows.map((texts) => element("span", {}, ...texts.map((text) => element("span", {}, text))));
    const tab = element(
      "div",
      { role: "tab", id: `layer-${index + 1}`, tabindex: "-1", "aria-controls": panel, "aria-label": spoken(layer, index, layers.length), "data-testid": `layer-${index + 1}` },
      element("b", {}, String(index + 1)),
      canvas,
      ...cells,
    );
    tab.style.setProperty("--stage", layer.colour);
    tab.onclick = () => onOpen(index);
    tab.onkeydown = (event) => {
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: layers.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      if (!tabs[to]) return;
      tabs[to].focus();
      onOpen(to);
    };
    return tab;
  });
  const root = element("div", { class: "strip", role: "tablist", "aria-label": `The ${layers.length} layers` }, ...tabs);
  const sheet = element("canvas");

  return {
    root,
    /** Mark the opened one, and those that are silenced, in part or as a whole. */
    mark(opened, off) {
      tabs.forEach((tab, index) => {
        tab.setAttribute("aria-selected", String(index === opened));
        tab.tabIndex = index === opened ? 0 : -1;
        tab.classList.toggle("off", off.get(index)?.size === layers[index].channels);
        tab.classList.toggle("partly", off.has(index));
      });
      const [tab, around] = [tabs[opened], root.parentElement];
      if (around.scrollWidth > around.clientWidth) around.scrollTo({ left: tab.offsetLeft - (around.clientWidth - tab.offsetWidth) / 2 });
    },
    /** Draw what the layers make of the picture. */
    draw(outputs, ranges) {
      outputs.forEach((output, index) => drawLayer(tabs[index].querySelector("canvas"), output, ranges[index], layers[index].colour));
    },
  };

  function drawLayer(canvas, output, range, colour) {
    const shown = byStrength(range).slice(0, 1 + Math.round(Math.log2(output.channels)));
    const share = output.height / pictureSide;
    const [width, height] = [WIDE * share, TALL * share];
    const left = (WIDTH - width - APART * (shown.length - 1)) / 2;
    const top = (HEIGHT - height + RISE * width) / 2;
    Object.assign(sheet, { width: output.width, height: output.height });
    const context = canvas.getContext("2d");
    context.reset();
    context.imageSmoothingEnabled = false;
    for (let depth = shown.length - 1; depth >= 0; depth -= 1) {
      paintMap(sheet, output, shown[depth], range[shown[depth]], colours);
      context.setTransform(DENSITY, -RISE * DENSITY, 0, DENSITY, DENSITY * (left + depth * APART), DENSITY * top);
      context.drawImage(sheet, 0, 0, width, height);
      context.lineWidth = 0.75;
      context.strokeStyle = colour;
      context.strokeRect(0, 0, width, height);
    }
  }
}

// The layers of an encoder or a decoder as bars: as high as the side of the feature map, the wider the more channels.

import { element } from "../shared/dom.js";
import { whole } from "../shared/numbers.js";
import { heading } from "./heading.js";
import { helpTexts, parametersOf } from "./help.js";

const HEIGHT = 84;
const GAP = 1.6;

const size = ({ side, channels }) => `${side}×${side}×${channels}`;

/** An SVG of the layers; each bar has its text as `data-label`. */
export function funnel(layers, colour) {
  const tallest = Math.max(...layers.map(({ side }) => side));
  let x = 0;
  const bars = layers.map((layer, index) => {
    const width = 4 + 1.3 * Math.log2(layer.channels + 1);
    const height = (layer.side / tallest) * HEIGHT;
    const label = `${index + 1}. ${layer.name} → ${size(layer)}, ${whole(layer.parameters)} parameters`;
    const bar =
      `<rect x="${x}" y="${(HEIGHT - height) / 2}" width="${width}" height="${height}" rx="1.2" fill="${colour}" ` +
      `data-label="${label}"><title>${label}</title></rect>`;
    x += width + GAP;
    return bar;
  });
  return `<svg viewBox="0 0 ${x - GAP} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${bars.join("")}</svg>`;
}

/** The same in words. */
export function funnelText(title, layers) {
  return `${title}: ${layers.map((layer) => `${layer.name} to ${size(layer)}`).join("; ")}`;
}

const TITLES = { encoder: "Encoder", decoder: "Decoder" };

/**
 * A panel for each half of the network.
 *
 * @param {object} constants what Python tells all components.
 * @param {(text: string | null) => void} report is told which layer the pointer is on.
 */
export function createFunnels(constants, report) {
  const panels = Object.fromEntries(Object.keys(TITLES).map((name) => [name, element("section")]));
  let shown = "";

  /** Show the layers of another network. @param {{encoder: object[], decoder: object[]}} layers */
  function show(layers) {
    const text = JSON.stringify(layers);
    if (text === shown) return;
    shown = text;
    const help = helpTexts({ ...constants, layers });
    for (const [name, title] of Object.entries(TITLES)) {
      const panel = halfPanel({ name, title, help: help[name], layers: layers[name], colour: constants.stages[name], report });
      panel.classList.toggle("unwanted", panels[name].classList.contains("unwanted"));
      panels[name].replaceWith(panel);
      panels[name] = panel;
    }
  }

  show(constants.layers);
  return { panels, show };
}

function halfPanel({ name, title, help, layers, colour, report }) {
  const bars = element("div", { class: "funnel", role: "img", "aria-label": funnelText(title, layers) });
  bars.innerHTML = funnel(layers, colour);
  bars.onpointermove = ({ target }) => report(target.dataset?.label ?? null);
  bars.onpointerleave = () => report(null);
  const numbers = [`${layers.length} layers`, whole(parametersOf(layers)), "weights"];
  const caption = element("div", { class: "caption" }, ...numbers.map((text) => element("span", {}, text)));
  const panel = element("section", { class: `panel narrow ${name}`, "aria-label": title }, heading(name, title, help), bars, caption);
  panel.style.setProperty("--stage", colour);
  return panel;
}

// The panel with the loss curves: training and validation by epoch, linear or logarithmic, the published figure dashed.

import { element } from "../shared/dom.js";
import { whole } from "../shared/numbers.js";
import { SIZE, Scale, chart, chartText, curvesOf, epochText } from "./chart.js";
import { heading } from "./heading.js";

/**
 * @param {Object<string, string>} stages their colours.
 * @param {(text: string | null) => void} report is told what the pointer is on.
 */
export function lossCurves(stages, report) {
  const panel = element("section", { class: "panel curves", "aria-label": "Loss curves", "data-testid": "loss-curves" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${SIZE.width} ${SIZE.height}`);
  svg.setAttribute("role", "img");
  const parts = element("button", { type: "button", class: "toggle" });
  const axis = element("button", { type: "button", class: "toggle", "aria-pressed": "true" }, "log axis");
  panel.append(heading("curves", "Loss", ["Loss curves", ""], parts, axis), svg);
  panel.style.setProperty("--stage", "var(--st-border-color)");
  const help = panel.querySelector(".popover p");
  const colours = { autoencoder: [stages.encoder, stages.decoder], denoiser: [stages.latent, stages.denoiser] };

  let address; // of the history shown, or on its way
  let [curves, shown, logarithmic] = [[], 0, true];

  /** Show the trainings that the file at `history` tells of; it is fetched once. */
  async function update({ history, published }) {
    if (history === address) return;
    address = history;
    const answer = await fetch(new URL(history, document.baseURI));
    const found = curvesOf(await answer.json(), published);
    if (history !== address) return; // another model has been chosen meanwhile
    curves = found;
    shown = Math.min(shown, curves.length - 1);
    draw();
  }

  function draw() {
    const curve = curves[shown];
    const scale = new Scale(curve, logarithmic);
    svg.innerHTML = chart(curve, scale, colours[curve.name]);
    svg.setAttribute("aria-label", chartText(curve));
    help.textContent = helpText(curve);
    parts.textContent = curve.name;
    parts.hidden = curves.length < 2;
    parts.setAttribute("aria-label", `Shown: ${curve.name}. Show the other training`);
    axis.setAttribute("aria-pressed", String(logarithmic));

    const marker = svg.querySelector(".marker");
    svg.onpointermove = (event) => {
      const box = svg.getBoundingClientRect();
      const epoch = scale.epoch(((event.clientX - box.left) / box.width) * SIZE.width);
      for (const name of ["x1", "x2"]) marker.setAttribute(name, scale.x(epoch));
      marker.setAttribute("visibility", "visible");
      report(epochText(curve, epoch));
    };
    svg.onpointerleave = () => {
      marker.setAttribute("visibility", "hidden");
      report(null);
    };
  }

  axis.onclick = () => {
    logarithmic = !logarithmic;
    draw();
  };
  parts.onclick = () => {
    shown = (shown + 1) % curves.length;
    draw();
  };
  return { panel, update };
}

function helpText({ images, published }) {
  return (
    "How the mean squared error fell while the network learned, epoch by epoch: " +
    `an epoch is one pass over all ${images ? `${whole(images)} ` : ""}training images. ` +
    "Validation images were never trained on." +
    (published ? " The dashed line is what the publication behind this network reports." : "")
  );
}

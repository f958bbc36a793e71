// The row of panels. The server sends pixels and figures; drawing, hovering, explanations and the download happen here.

import { element } from "../shared/dom.js";
import { bytes, clamp, decimals, floats, whole } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { paint } from "../shared/pictures.js";
import { funnel, funnelText } from "./funnel.js";
import { heading } from "./heading.js";
import { helpTexts, parametersOf } from "./help.js";
import { lossCurves } from "./loss_curves.js";
import { qualityCaption, qualityText } from "./quality.js";

const PANELS = {
  original: "Original",
  noisy: "With noise",
  encoder: "Encoder",
  latent: "Latent",
  decoder: "Decoder",
  reconstruction: "Reconstruction",
  denoised: "Denoised",
  "error-map": "Error map",
};
const PICTURES = ["original", "noisy", "reconstruction", "denoised"];
const STAGE = { encoder: "encoder", latent: "latent", decoder: "decoder", reconstruction: "decoder", denoised: "denoiser" };
const BRIGHT = 150; // from this colour of the palette on, figures on it are dark

/**
 * Build the panels in `root`.
 *
 * @param {object} constants what Python tells all components.
 */
export function createPipeline(root, constants) {
  const { pictureSide, codeSide, layers, stages, errorLimit } = constants;
  const palettes = { latent: new Palette(constants.palettes.latent), error: new Palette(constants.palettes.error) };
  const help = helpTexts(constants);
  const row = element("div", { class: "row" });
  const panels = {};
  for (const [name, title] of Object.entries(PANELS)) {
    panels[name] = name in layers ? funnelPanel(name, title) : picturePanel(name, title);
    if (name in STAGE) panels[name].panel.style.setProperty("--stage", stages[STAGE[name]]);
    row.append(panels[name].panel);
  }
  const cells = Array.from({ length: codeSide ** 2 }, () => element("span"));
  const grid = element("div", { class: "cells", "aria-hidden": "true" }, ...cells);
  grid.style.setProperty("--side", codeSide);
  panels.latent.frame.append(grid);
  const readout = element("p", { class: "readout" });
  const table = element("table", { "aria-label": `Latent values, ${codeSide} rows of ${codeSide}` });
  const listed = `The ${codeSide ** 2} numbers as text`;
  const list = element("details", {}, element("summary", {}, listed), table);
  const curves = lossCurves(stages, say);
  row.append(curves.panel);
  root.replaceChildren(readout, row, list);

  let note = "";
  let shown = {}; // by panel: its values, as visitors read them

  function picturePanel(name, title) {
    const side = name === "latent" ? codeSide : pictureSide;
    const picture = element("canvas", { role: "img", width: side, height: side });
    const frame = element("div", { class: "frame" }, picture);
    const caption = element("div", { class: "caption" });
    const tools = name === "reconstruction" ? [saveButton(picture)] : [];
    const panel = element(
      "section",
      { class: "panel", "aria-label": title, "data-testid": name },
      heading(name, title, help[name], ...tools),
      frame,
      caption,
    );
    frame.onpointermove = (event) => {
      if (!shown[name]) return;
      const box = picture.getBoundingClientRect();
      const x = clamp(Math.floor(((event.clientX - box.left) / box.width) * side), 0, side - 1);
      const y = clamp(Math.floor(((event.clientY - box.top) / box.height) * side), 0, side - 1);
      const value = decimals(shown[name][y * side + x], name === "latent" ? 3 : 2);
      say(`${help[name][0]}, row ${y + 1}, column ${x + 1}: ${value}`);
    };
    frame.onpointerleave = () => say(null);
    return { panel, picture, frame, caption };
  }

  function funnelPanel(name, title) {
    const picture = element("div", { class: "funnel", role: "img", "aria-label": funnelText(title, layers[name]) });
    picture.innerHTML = funnel(layers[name], stages[name]);
    const frame = element("div", { class: "frame" }, picture);
    const caption = element("div", { class: "caption" });
    const figures = [`${layers[name].length} layers`, whole(parametersOf(layers[name])), "parameters"];
    caption.append(...figures.map((text) => element("span", {}, text)));
    const panel = element(
      "section",
      { class: "panel narrow", "aria-label": title },
      heading(name, title, help[name]),
      frame,
      caption,
    );
    frame.onpointermove = ({ target }) => say(target.dataset?.label ?? null);
    frame.onpointerleave = () => say(null);
    return { panel, picture, frame, caption };
  }

  /** What the pointer is on, or else the note. */
  function say(text) {
    readout.textContent = text ?? note;
  }

  /** Show what `pipeline` in Python sends. */
  function update(data) {
    const pixels = Object.fromEntries(Object.entries(data.pixels).map(([name, text]) => [name, bytes(text)]));
    const latent = data.latent && floats(data.latent);
    const { original, reconstruction } = pixels;
    const error = reconstruction && Float32Array.from(reconstruction, (value, i) => (value - original[i]) / 255);
    shown = { latent, "error-map": error };
    for (const [name, values] of Object.entries(pixels)) shown[name] = Float32Array.from(values, (value) => value / 255);

    for (const name of PICTURES) showPicture(name, pixels[name], data);
    panels.noisy.panel.hidden = !pixels.noisy;
    row.classList.toggle("with-noise", Boolean(pixels.noisy));
    showLatent(latent, data);
    showError(error);
    curves.update(data.curves);
    note = data.note;
    say(null);
  }

  function showPicture(name, values, data) {
    const { panel, picture, caption } = panels[name];
    panel.classList.toggle("waiting", !values);
    if (values) {
      paint(picture, pictureSide, (i) => [values[i], values[i], values[i]]);
      panel.dataset.pixels = data.pixels[name];
    } else {
      delete panel.dataset.pixels;
    }
    const sides = `${pictureSide} by ${pictureSide} pixels`;
    if (name === "original") {
      picture.setAttribute("aria-label", `Original picture, ${sides}`);
      caption.innerHTML = sizeCaption(pictureSide);
      return;
    }
    picture.setAttribute("aria-label", `${help[name][0]}, ${sides}: ${qualityText(data.quality[name])}`);
    const missing = name === "denoised" && !values && data.pixels.reconstruction;
    caption.innerHTML = missing ? "<span>This model has no denoiser yet.</span>" : qualityCaption(data.quality[name]);
  }

  function showLatent(latent, data) {
    const { panel, picture, caption } = panels.latent;
    panel.classList.toggle("waiting", !latent);
    if (!latent) {
      delete panel.dataset.values;
      caption.replaceChildren();
      picture.setAttribute("aria-label", "Latent: not there yet");
      return;
    }
    const [low, high] = data.latentRange;
    const indices = Array.from(latent, (value) => Palette.index(value, low, high));
    paint(picture, codeSide, (i) => palettes.latent.colour(indices[i]));
    panel.dataset.values = data.latent;
    cells.forEach((cell, i) => {
      cell.textContent = decimals(latent[i], 1);
      cell.className = indices[i] > BRIGHT ? "dark" : "";
    });
    caption.innerHTML = sizeCaption(codeSide);
    caption.append(colourBar(palettes.latent, decimals(low, 1), decimals(high, 1)));
    const [least, most] = [Math.min(...latent), Math.max(...latent)].map((value) => decimals(value, 2));
    picture.setAttribute(
      "aria-label",
      `Latent, ${codeSide} by ${codeSide} numbers between ${least} and ${most}; listed below under “${listed}”`,
    );
    if (list.open) fillTable();
  }

  function showError(error) {
    const { panel, picture, caption } = panels["error-map"];
    panel.classList.toggle("waiting", !error);
    caption.replaceChildren();
    if (!error) {
      picture.setAttribute("aria-label", "Error map: not there yet");
      return;
    }
    const largest = decimals(Math.max(...error.map(Math.abs)), 2);
    paint(picture, pictureSide, (i) => palettes.error.colour(Palette.index(error[i], -errorLimit, errorLimit)));
    caption.append(
      element("span", {}, `largest ${largest}`),
      colourBar(palettes.error, decimals(-errorLimit, 1), decimals(errorLimit, 1)),
    );
    picture.setAttribute(
      "aria-label",
      `Error map, reconstruction minus original; the largest absolute error is ${largest}`,
    );
  }

  // The latent as a table, made only while it is open: laying it out takes time from the pen.
  function fillTable() {
    const rows = Array.from({ length: codeSide }, (_, y) => shown.latent.subarray(codeSide * y, codeSide * (y + 1)));
    const line = (values) => Array.from(values, (value) => `<td>${decimals(value, 2)}</td>`).join("");
    table.innerHTML = rows.map((values) => `<tr>${line(values)}</tr>`).join("");
  }
  list.ontoggle = () => {
    if (list.open && shown.latent) fillTable();
  };

  return { update };
}

const sizeCaption = (side) => `<span>${side} × ${side}</span><span>${side ** 2} numbers</span>`;

function colourBar(palette, low, high) {
  const bar = element("i");
  bar.style.background = palette.gradient();
  return element("div", { class: "scale" }, element("span", {}, low), bar, element("span", {}, high));
}

function saveButton(canvas) {
  const button = element("button", {
    type: "button",
    class: "save",
    "data-testid": "download",
    "aria-label": "Save the reconstruction as PNG",
    title: "Save as PNG",
  });
  button.innerHTML =
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2v8M4.5 6.8 8 10.3l3.5-3.5M2.5 13.5h11" ' +
    'fill="none" stroke="currentColor" stroke-width="1.6"/></svg>';
  button.onclick = () =>
    canvas.toBlob((blob) => {
      const link = element("a", { href: URL.createObjectURL(blob), download: "reconstruction.png" });
      link.click();
      URL.revokeObjectURL(link.href);
    });
  return button;
}

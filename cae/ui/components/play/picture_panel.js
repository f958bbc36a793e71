// A panel with a picture: its head, the picture with hard pixel edges, and a caption.

import { element } from "../shared/dom.js";
import { bytes, clamp, decimals } from "../shared/numbers.js";
import { paint, unit } from "../shared/pictures.js";
import { inNumbers, inWords } from "./figures.js";
import { heading } from "./heading.js";

/**
 * @param {object} options
 * @param {string} options.name of the panel, by which scripts find it.
 * @param {[string, string]} options.help title and text of the explanation.
 * @param {number} options.side of the picture in pixels.
 * @param {number} options.blocks cells of the code in a row; one of them can be outlined.
 * @param {(text: string | null) => void} options.report is told what the pointer is on.
 */
export function picturePanel({ name, title, help, side, blocks, report, tools = [] }) {
  const canvas = element("canvas", { role: "img", width: side, height: side });
  const outline = element("i", { class: "block", hidden: "" });
  outline.style.setProperty("--blocks", blocks);
  const frame = element("div", { class: "frame" }, canvas, outline);
  const caption = element("div", { class: "caption" });
  const panel = element(
    "section",
    { class: `panel ${name}`, "aria-label": title, "data-testid": name },
    heading(name, title, help, ...tools, saveButton(canvas, name, title)),
    frame,
    caption,
  );
  let values = null; // as visitors read them
  frame.onpointermove = (event) => {
    if (!values) return;
    const box = canvas.getBoundingClientRect();
    const x = clamp(Math.floor(((event.clientX - box.left) / box.width) * side), 0, side - 1);
    const y = clamp(Math.floor(((event.clientY - box.top) / box.height) * side), 0, side - 1);
    report(`${title}, row ${y + 1}, column ${x + 1}: ${decimals(values[y * side + x], name === "latent" ? 3 : 2)}`);
  };
  frame.onpointerleave = () => report(null);

  return {
    panel,
    frame,
    canvas,
    caption,
    /** Show values by their colours, or that they are not there yet. */
    show(newValues, colourOf, label) {
      values = newValues;
      panel.classList.toggle("waiting", !values);
      if (values) paint(canvas, side, colourOf);
      canvas.setAttribute("aria-label", label);
    },
    /** Outline what belongs to a cell of the code; null: nothing. */
    outline(cell) {
      outline.hidden = cell === null || !values;
      if (outline.hidden) return;
      outline.style.setProperty("--row", Math.floor(cell / blocks));
      outline.style.setProperty("--column", cell % blocks);
    },
  };
}

/** While a picture is held, it shows the original, which is on another canvas. */
export function holdShows(original, { frame, canvas, panel }) {
  const over = element("canvas", { width: canvas.width, height: canvas.height, class: "over", hidden: "", "aria-hidden": "true" });
  canvas.after(over);
  frame.title = "Hold to see the original";
  frame.addEventListener("pointerdown", () => {
    over.getContext("2d").drawImage(original, 0, 0);
    over.hidden = panel.classList.contains("waiting");
  });
  for (const event of ["pointerup", "pointerleave", "pointercancel"]) frame.addEventListener(event, () => (over.hidden = true));
}

/** The picture that base64 stands for. */
export const pictureOf = (text) => (text ? bytes(text) : null);

/** Base64 of bytes. */
export const base64 = (values) => btoa(String.fromCharCode(...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));

/** Show bytes as a grey picture in a panel, and keep them there for scripts. */
export function showGrey(panel, values, label, text) {
  if (values && panel.bytes === values && panel.label === label) return; // most of them, while a cell is dragged
  Object.assign(panel, { bytes: values, label });
  panel.show(values && unit(values), (i) => [values[i], values[i], values[i]], label);
  if (values) panel.panel.dataset.pixels = text ?? base64(values);
  else delete panel.panel.dataset.pixels;
}

/** A caption of words and figures: how far the picture is from the original. */
export function qualityCaption(caption, quality) {
  if (!quality) return caption.replaceChildren();
  const list = element("dl");
  for (const [name, value] of inNumbers(quality)) list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  caption.replaceChildren(element("strong", {}, inWords(quality)), list);
}

/** A colour bar with the values at its ends. */
export function colourBar(palette, low, high) {
  const bar = element("i");
  bar.style.background = palette.gradient();
  return element("div", { class: "scale" }, element("span", {}, low), bar, element("span", {}, high));
}

function saveButton(canvas, name, title) {
  const button = element("button", {
    type: "button",
    class: "save",
    "data-testid": name === "reconstruction" ? "download" : `save-${name}`,
    "aria-label": `Save “${title}” as PNG`,
    title: "Save as PNG",
  });
  button.innerHTML =
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2v8M4.5 6.8 8 10.3l3.5-3.5M2.5 13.5h11" ' +
    'fill="none" stroke="currentColor" stroke-width="1.6"/></svg>';
  button.onclick = () => canvas.toBlob((blob) => save(blob, `${name}.png`));
  return button;
}

/** Have the browser save a file. */
export function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

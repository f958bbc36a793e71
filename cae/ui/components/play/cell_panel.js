// The panel of the chosen cell: its value as a slider and in figures, what it changes, and the way back.

import { element } from "../shared/dom.js";
import { decimals } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { paint } from "../shared/pictures.js";
import { heading } from "./heading.js";
import { save } from "./picture_panel.js";

/** A pixel counts as changed where it differs by more than that share of full brightness. */
const VISIBLE = 0.02;

/**
 * @param {object} options
 * @param {number} options.side of the code.
 * @param {number} options.pictureSide
 * @param {Palette} options.palette of differences.
 * @param {number} options.limit the difference at the ends of the palette.
 * @param {(value: number, first: boolean) => void} options.onValue
 * @param {Object<string, () => void>} options.actions by button: undo, reset, resetAll, zeroAll.
 */
export function cellPanel({ side, pictureSide, palette, limit, help, onValue, actions }) {
  const canvas = element("canvas", { role: "img", width: pictureSide, height: pictureSide });
  const frame = element("div", { class: "frame" }, canvas);
  const where = element("strong");
  const range = element("input", { type: "range", "aria-label": "Value of the chosen cell", "data-testid": "cell-range" });
  const number = element("input", { type: "text", inputmode: "decimal", "aria-label": "Value of the chosen cell in figures", "data-testid": "cell-number" });
  const effect = element("p");
  let shownCode = null;
  const saveCsv = () => save(new Blob([csv(shownCode, side)], { type: "text/csv" }), "code.csv");
  const titles = { undo: "Undo", reset: "Reset cell", resetAll: "Reset all", zeroAll: "All zero", csv: "Save as CSV" };
  const buttons = {};
  for (const [name, title] of Object.entries(titles)) {
    buttons[name] = element("button", { type: "button", class: "toggle", "data-testid": `code-${name}` }, title);
    buttons[name].onclick = () => buttons[name].getAttribute("aria-disabled") !== "true" && (actions[name] ?? saveCsv)();
  }
  const controls = element(
    "div",
    { class: "controls" },
    where,
    element("div", { class: "value" }, range, number),
    effect,
    element("div", { class: "buttons" }, ...Object.values(buttons)),
  );
  const panel = element(
    "section",
    { class: "panel cell", "aria-label": "This cell", "data-testid": "cell" },
    heading("cell", "This cell", help),
    element("div", { class: "split" }, frame, controls),
  );

  let moving = false;
  range.onpointerdown = () => (moving = false);
  range.oninput = () => {
    onValue(+range.value, !moving);
    moving = true;
  };
  range.onchange = () => (moving = false);
  const commit = () => {
    const value = Number(number.value.replace(",", ".").replace("−", "-"));
    if (number.value.trim() && Number.isFinite(value)) onValue(Math.min(Math.max(value, +range.min * 2 - 1), +range.max * 2), true);
    else number.value = shown;
  };
  let shown = "";
  let typed = false; // also a figure that was typed on a cell, of which the field tells nobody
  number.oninput = () => (typed = true);
  number.onblur = () => {
    if (typed) commit();
    typed = false;
  };
  number.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") number.blur();
  };

  return {
    panel,
    frame,
    /** Type into the field, from a key pressed on a cell. */
    type(key) {
      number.focus();
      number.value = key;
      typed = true;
    },
    /** Show a cell of a code; null: none is chosen yet. */
    update(cell, { values, given, edited, canUndo }, [low, high]) {
      shownCode = values;
      panel.classList.toggle("waiting", !values);
      buttons.csv.setAttribute("aria-disabled", String(!values));
      panel.classList.toggle("none", !values || cell === null);
      buttons.undo.setAttribute("aria-disabled", String(!canUndo));
      buttons.reset.setAttribute("aria-disabled", String(!edited));
      buttons.resetAll.setAttribute("aria-disabled", String(!edited));
      if (!values || cell === null) {
        where.textContent = "Tap a cell of the code, or drag it up or down";
        effect.textContent = "";
        return;
      }
      const value = values[cell];
      where.textContent = `Row ${Math.floor(cell / side) + 1}, column ${(cell % side) + 1}: ${decimals(value, 2)}`;
      if (edited && Math.abs(value - given[cell]) > 1e-4) where.textContent += `, was ${decimals(given[cell], 2)}`;
      range.min = Math.min(low, value).toFixed(3);
      range.max = Math.max(high, value).toFixed(3);
      range.step = ((high - low) / 200).toFixed(4);
      range.value = value;
      shown = value.toFixed(2);
      if (number !== number.getRootNode().activeElement) number.value = shown;
    },
    /** Show what a tenth of the scale more, rather than less, changes in the picture: Float32Array, or null. */
    effect(difference) {
      frame.classList.toggle("empty", !difference);
      if (!difference) return;
      paint(canvas, pictureSide, (i) => palette.colour(Palette.index(difference[i], -limit, limit)));
      const count = difference.reduce((sum, value) => sum + (Math.abs(value) > VISIBLE), 0);
      effect.textContent = `A little more of it changes ${count} of ${pictureSide ** 2} pixels: red brighter, blue darker.`;
      canvas.setAttribute("aria-label", `What this cell changes: ${count} pixels`);
    },
  };
}

/** A code as lines of comma-separated numbers. */
export const csv = (values, side) =>
  Array.from({ length: side }, (_, row) => `${Array.from(values.subarray(row * side, (row + 1) * side)).join(",")}\n`).join("");

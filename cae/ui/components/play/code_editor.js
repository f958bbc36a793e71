// The 49 cells of the code as sliders over its heat map: dragged up and down, stepped by keys and wheel, or tapped and
// changed elsewhere.

import { element } from "../shared/dom.js";
import { clamp, decimals } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";

/** Shares of the scale: for an arrow key, with Page up or down, for a notch of the wheel; and pixels for the whole scale. */
const [STEP, LEAP, NOTCH, DRAG] = [0.1, 0.3, 0.02, 140];
/** How far a value may leave the scale, in scales. */
const BEYOND = 1;
const BRIGHT = 150; // from this colour of the palette on, figures on it are dark
const ARROWS = { ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowDown: [0, 1], ArrowLeft: [-1, 0] };

/**
 * @param {object} options
 * @param {number} options.side cells in a row.
 * @param {Palette} options.palette
 * @param {(cell: number, value: number, first: boolean) => void} options.onEdit `first`: a new movement begins.
 * @param {(cell: number) => void} options.onSelect a cell was tapped or has the focus.
 * @param {(key: string) => void} options.onType a figure was typed on a cell.
 * @param {boolean} [options.named] whether scripts find the cells by `data-testid`.
 */
export function codeEditor({ side, palette, onEdit, onSelect, onType, named = false }) {
  const grid = element("div", { class: "cells", role: "group", "aria-label": `The code, ${side} rows of ${side} numbers` });
  grid.style.setProperty("--side", side);
  let values = new Float32Array(side ** 2);
  let [low, high] = [0, 1];
  let selected = 0;
  let drag = null;

  const cells = Array.from({ length: side ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / side) + 1, (i % side) + 1];
    const cell = element("div", {
      role: "slider",
      tabindex: i ? "-1" : "0",
      "aria-label": `Row ${row}, column ${column}`,
      "aria-orientation": "vertical",
      ...(named && { "data-testid": `cell-${row}-${column}` }),
    });
    cell.onfocus = () => select(i);
    cell.onkeydown = (event) => key(event, i);
    cell.onpointerdown = (event) => {
      if (event.button !== 0 || grid.inert) return;
      cell.focus({ preventScroll: true });
      select(i);
      cell.setPointerCapture(event.pointerId);
      drag = { pointerId: event.pointerId, y: event.clientY, from: values[i], moved: false };
    };
    cell.onpointermove = (event) => {
      if (drag?.pointerId !== event.pointerId) return;
      const up = drag.y - event.clientY;
      if (!drag.moved && Math.abs(up) < 4) return;
      change(i, drag.from + (up / DRAG) * (high - low), !drag.moved);
      drag.moved = true;
    };
    cell.onpointerup = cell.onpointercancel = cell.onlostpointercapture = () => (drag = null);
    grid.append(cell);
    return cell;
  });

  // Not passive: the page must not scroll while a chosen cell turns.
  grid.addEventListener(
    "wheel",
    (event) => {
      const i = cells.indexOf(event.target);
      if (i < 0 || i !== selected || !grid.matches(":focus-within")) return;
      event.preventDefault();
      change(i, values[i] - Math.sign(event.deltaY) * NOTCH * (high - low), true);
    },
    { passive: false },
  );

  function key(event, i) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowUp: STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowLeft: -STEP, PageUp: LEAP, PageDown: -LEAP };
    if (event.shiftKey && event.key in ARROWS) {
      const [dx, dy] = ARROWS[event.key];
      const x = clamp((i % side) + dx, 0, side - 1);
      const y = clamp(Math.floor(i / side) + dy, 0, side - 1);
      cells[y * side + x].focus();
    } else if (event.key in by) change(i, values[i] + by[event.key] * (high - low), true);
    else if (event.key === "Home" || event.key === "End") change(i, event.key === "Home" ? low : high, true);
    else if (/^[-\d.,]$/.test(event.key)) onType(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function change(i, value, first) {
    const scale = high - low;
    onEdit(i, clamp(value, low - BEYOND * scale, high + BEYOND * scale), first);
  }

  function select(i) {
    selected = i;
    cells.forEach((cell, other) => (cell.tabIndex = other === i ? 0 : -1));
    onSelect(i);
  }

  /**
   * Show a code.
   *
   * @param {Float32Array} code
   * @param {Float32Array} unedited to mark the cells that differ from it.
   * @param {[number, number]} range the values at the ends of the scale.
   * @param {number | null} chosen the cell to outline.
   */
  function update(code, unedited, range, chosen) {
    values = code;
    [low, high] = range;
    cells.forEach((cell, i) => {
      const value = code[i];
      const state = [value, unedited[i], i === chosen, low, high].join();
      if (cell.state === state) return; // most of them, while one is dragged
      cell.state = state;
      const text = decimals(value, Math.abs(value) < 9.95 ? 1 : 0);
      if (cell.textContent !== text) cell.textContent = text;
      const beyond = value > high + 0.05 ? "above" : value < low - 0.05 ? "below" : "";
      cell.className = [
        Palette.index(value, low, high) > BRIGHT && "dark",
        beyond,
        i === chosen && "chosen",
        Math.abs(value - unedited[i]) > 1e-4 && "edited",
      ]
        .filter(Boolean)
        .join(" ");
      cell.setAttribute("aria-valuemin", Math.min(low, value).toFixed(3));
      cell.setAttribute("aria-valuemax", Math.max(high, value).toFixed(3));
      cell.setAttribute("aria-valuenow", value.toFixed(3));
      cell.setAttribute("aria-valuetext", decimals(value, 2) + (beyond && `, ${beyond} the scale`));
    });
  }

  return { grid, update, focus: (i = selected) => cells[i].focus() };
}

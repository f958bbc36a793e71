// How the value of the chosen pixel comes about: the patch in the map before it, term by term, and the sum.

import { heading } from "../play/heading.js";
import { element } from "../shared/dom.js";
import { decimals } from "../shared/numbers.js";
import { convolved, copied, patchOf, pooled, termsOf, valueAt } from "./arithmetic.js";
import { createBars } from "./bars.js";
import { mark, paintMap } from "./pictures.js";

const FIGURES = 4; // decimals of sums
const TERM_FIGURES = 3;
const NAMES = { relu: "ReLU: never below 0", linear: "linear: as it is", tanh: "tanh: within −1 and 1" };
const EXACT = 1e-4;

const HELP = [
  "This pixel",
  "Each cell: a value of the patch, the kernel's weight for it, and their product. The sum of all products and the bias goes through the activation. Around the map the values are 0. The last line is what the network computed, in another way.",
];

/** @param {(channel: number) => void} onSource another channel of the layer before is to be shown. */
export function createSum({ colours, onSource }) {
  const canvas = element("canvas", { role: "img" });
  const patch = mark("patch");
  const frame = element("div", { class: "frame", "data-testid": "before" }, canvas, patch.outline);
  const before = element("figcaption");
  const terms = element("table", { class: "terms", "data-testid": "terms" });
  const bars = createBars({ onChoose: onSource });
  const barsTitle = element("p");
  const total = element("dl", { class: "total", "data-testid": "total" });
  const panel = element(
    "section",
    { class: "panel sum", "aria-label": "This pixel", "data-testid": "sum-panel" },
    heading("sum", "This pixel", HELP),
    element("div", { class: "steps" }, element("figure", {}, frame, before), terms),
    barsTitle,
    bars.plot,
    total,
  );

  const where = panel.querySelector("h2");

  /**
   * Show how a value comes about.
   *
   * @param {object} of
   * @param {object} of.learned the layer as `weights` of network.js gives it.
   * @param {{output: object, name: string, ranges: [number, number][]}} of.input what it gets, and whose it is.
   * @param {import("../network/network.js").Output} of.output
   * @param {import("./place.js").Place} of.place
   * @param {number | null} of.source the channel of the input to show; null: the one that counts most.
   * @param {boolean} of.silenced whether the network takes 0 for it.
   * @returns {number} the channel of the input that is shown.
   */
  function show({ learned, input, output, place, source, silenced }) {
    const { row, column, channel } = place;
    const isSum = learned.kind === "conv";
    const computed = isSum ? convolved(learned, input.output, row, column, channel) : null;
    const shown = isSum ? source ?? largest(computed.partial) : channel;
    paintBefore(input, shown, learned, place);
    where.textContent = `Row ${row + 1}, column ${column + 1}`;
    barsTitle.hidden = bars.plot.hidden = !isSum || learned.channels === 1;
    let lines;
    if (isSum) {
      showTerms(termsOf(learned, input.output, shown, row, column, channel), learned.side);
      barsTitle.textContent = `What each of the ${learned.channels} channels adds (red) or takes away (blue):`;
      bars.show(computed.partial, shown);
      lines = sumLines(computed, shown, learned);
    } else if (learned.kind === "pool") {
      const { candidates, winner, value } = pooled(input.output, row, column, channel);
      showValues(candidates, winner);
      lines = [["The largest of the four", value, "result"]];
    } else {
      const { value, ...from } = copied(input.output, row, column, channel);
      showValues([{ value }], 0);
      lines = [[`Copied from row ${from.row + 1}, column ${from.column + 1}`, value, "result"]];
    }
    const network = valueAt(output, row, column, channel);
    const same = Math.abs(network - lines.at(-1)[1]) <= EXACT;
    lines.push([silenced ? "Silenced, so the network takes" : `The network computed${same ? " the same" : ""}`, network, "computed"]);
    total.replaceChildren(
      ...lines.map(([name, value, id]) =>
        element("div", { class: id }, element("dt", {}, name), element("dd", { "data-testid": id }, decimals(value, FIGURES))),
      ),
    );
    return shown;
  }

  function paintBefore({ output, name, ranges }, channel, learned, { row, column }) {
    Object.assign(canvas, { width: output.width, height: output.height });
    paintMap(canvas, output, channel, ranges[channel], colours);
    const text = output.channels === 1 ? name : `${name}, channel ${channel + 1}`;
    canvas.setAttribute("aria-label", `Before: ${text}, with the patch outlined`);
    before.textContent = `Before: ${text}`;
    patch.show(patchOf(learned, row, column), output.height);
  }

  function sumLines({ partial, bias, sum, value }, shown, { side, channels, activation }) {
    const others = partial.reduce((rest, part, i) => (i === shown ? rest : rest + part), 0);
    const products = side === 1 ? "1 product" : `${side * side} products`;
    return [
      [channels === 1 ? products : `Channel ${shown + 1}: ${products}`, partial[shown], "partial"],
      ...(channels > 1 ? [[channels === 2 ? "The other channel" : `The ${channels - 1} other channels`, others, "others"]] : []),
      ["Bias", bias, "bias"],
      ["Sum", sum, "sum"],
      [NAMES[activation], value, "result"],
    ];
  }

  function showTerms(list, side) {
    const most = Math.max(...list.map(({ product }) => Math.abs(product))) || 1;
    const cells = list.map(({ inside, value, weight, product }) => {
      const cell = element(
        "td",
        inside ? {} : { class: "outside", title: "Beyond the edge of the map: 0" },
        element("span", {}, decimals(value, TERM_FIGURES)),
        element("span", {}, `× ${decimals(weight, TERM_FIGURES)}`),
        element("b", {}, decimals(product, TERM_FIGURES)),
      );
      cell.style.background = `rgb(${product < 0 ? "59 130 246" : "239 68 68"} / ${((0.38 * Math.abs(product)) / most).toFixed(3)})`;
      return cell;
    });
    fill(cells, side);
  }

  function showValues(list, winner) {
    const cells = list.map(({ value }, i) => element("td", i === winner ? { class: "winner" } : {}, element("b", {}, decimals(value, FIGURES))));
    fill(cells, list.length === 4 ? 2 : 1);
  }

  function fill(cells, side) {
    const caption = element("caption", { class: "unseen" }, "Values of the patch and what becomes of them");
    const rows = Array.from({ length: side }, (_, y) => element("tr", {}, ...cells.slice(y * side, (y + 1) * side)));
    terms.replaceChildren(caption, element("tbody", {}, ...rows));
  }

  return { panel, show };
}

/** The channel whose sum is largest in magnitude. */
const largest = (partial) => partial.reduce((best, part, i) => (Math.abs(part) > Math.abs(partial[best]) ? i : best), 0);

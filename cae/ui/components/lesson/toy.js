// Step 0: three numbers → two → three. The two are their mean and a slope; what comes back is the straight line nearest to the
// three numbers, which is what a linear autoencoder learns from threes that rise or fall evenly.

import { element } from "../shared/dom.js";
import { decimals } from "../shared/numbers.js";

const NAMES = ["First", "Second", "Third"];
const START = [0.3, 0.9, 0.4];
export const [EXACT, FAR] = [0.02, 0.1];

/** @param {number[]} three @returns {[number, number]} mean and slope. */
export const encode = ([a, b, c]) => [(a + b + c) / 3, (c - a) / 2];

/** @param {[number, number]} two @returns {number[]} */
export const decode = ([mean, slope]) => [mean - slope, mean, mean + slope];

/** The largest difference between three numbers and what comes back. */
export const lost = (three) => Math.max(...decode(encode(three)).map((value, i) => Math.abs(value - three[i])));

/** @param {(error: number) => void} onMove is told what is lost after each move. */
export function createToy(onMove) {
  const sliders = NAMES.map((name, i) =>
    element("input", { type: "range", min: "0", max: "1", step: "0.05", value: START[i], "aria-label": `${name} number`, "data-testid": `toy-${i + 1}` }),
  );
  const grey = () => element("output", { class: "grey" });
  const [given, code, back] = [NAMES.map(grey), [0, 1].map(() => element("output")), NAMES.map(grey)];
  const words = element("p", { class: "lost" });
  const row = (title, ...content) => element("div", { class: "numbers" }, element("b", {}, title), ...content);
  const root = element(
    "div",
    { class: "toy" },
    ...sliders.map((slider, i) => element("label", {}, slider, given[i])),
    row("↓ Two", element("span", {}, "mean ", code[0]), element("span", {}, "slope ", code[1])),
    row("↓ Three again", ...back),
    words,
  );

  function show() {
    const three = sliders.map((slider) => +slider.value);
    const two = encode(three);
    const put = (outputs, values) => outputs.forEach((output, i) => (output.textContent = decimals(values[i], 2)));
    put(given, three);
    put(code, two);
    put(back, decode(two));
    back.forEach((output, i) => output.style.setProperty("--grey", `${100 * Math.min(Math.max(decode(two)[i], 0), 1)}%`));
    given.forEach((output, i) => output.style.setProperty("--grey", `${100 * three[i]}%`));
    const error = lost(three);
    words.textContent = error < EXACT ? "All three came back." : `Lost: up to ${decimals(error, 2)}.`;
    return error;
  }
  for (const slider of sliders) slider.oninput = () => onMove(show());
  show();
  return root;
}

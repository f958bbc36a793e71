// What the visitor chooses beside the pad: an example to start from, whether the drawing is centred and resized, and noise.

import { element } from "../shared/dom.js";
import { significant } from "../shared/numbers.js";

/** @typedef {{fit: boolean, noise: [string, number] | null}} Choices */

/**
 * @param {object[]} noises `{kind, title, unit, strongest}` of each kind of noise.
 * @param {(choices: Choices) => void} onChange
 * @param {(strokes: object[], name: string) => void} onExample
 */
export function createChoices(noises, onChange, onExample) {
  const examples = element("div", { class: "examples", role: "group", "aria-label": "Examples to start from" });
  const tick = element("input", { type: "checkbox", "data-testid": "fit" });
  const fitText = element("span");
  const fit = element("label", { class: "fit" }, tick, fitText);
  const kinds = element("select", { "aria-label": "Noise", "data-testid": "noise" });
  kinds.append(element("option", { value: "" }, "No noise"));
  for (const { kind, title } of noises) kinds.append(element("option", { value: kind }, title));
  const strength = element("input", { type: "range", min: "0", "aria-label": "Strength of the noise", "data-testid": "noise-strength" });
  const read = element("span", { class: "read" });
  const noise = element("div", { class: "noise" }, kinds, strength, read);

  /** @type {Choices} */
  let choices = { fit: true, noise: null };
  let offered = null;

  function show() {
    tick.checked = choices.fit;
    const of = noises.find(({ kind }) => kind === choices.noise?.[0]);
    kinds.value = of?.kind ?? "";
    noise.classList.toggle("off", !of);
    strength.disabled = !of;
    if (of) {
      strength.max = of.strongest;
      strength.step = of.strongest / 50;
      strength.value = choices.noise[1];
      read.textContent = significant(choices.noise[1]);
      strength.setAttribute("aria-valuetext", `${of.unit} ${read.textContent}`);
    } else read.textContent = "";
  }

  function change(changed) {
    choices = { ...choices, ...changed };
    show();
    onChange(choices);
  }

  tick.onchange = () => change({ fit: tick.checked });
  kinds.onchange = () => {
    const of = noises.find(({ kind }) => kind === kinds.value);
    change({ noise: of ? [of.kind, 0.4 * of.strongest] : null });
  };
  strength.oninput = () => change({ noise: [choices.noise[0], +strength.value] });

  return {
    get current() {
      return choices;
    },
    examples,
    fit,
    noise,
    /** Take over the choices that Python keeps. @param {Choices} kept */
    take(kept) {
      choices = kept;
      show();
    },
    /** Offer a set of drawings by name; `label`: what the training images were prepared as, "" if they were not. */
    offer(drawings, label, help) {
      fit.hidden = !label;
      fitText.textContent = "Centre and resize";
      fit.title = help;
      if (drawings === offered) return;
      offered = drawings;
      examples.replaceChildren(
        ...Object.entries(drawings).map(([name, strokes]) => {
          const button = element("button", { type: "button", class: "example" }, name);
          button.onclick = () => onExample(strokes);
          return button;
        }),
      );
    },
  };
}

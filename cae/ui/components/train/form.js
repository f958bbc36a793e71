// What is to be trained: the visitor's choices.

import { element } from "../shared/dom.js";
import { KNOBS } from "./words.js";

/** A recipe as the address carries it: "drawings,32,10,learning_rate,0.1". @param {import("./room.js").Recipe} recipe */
export const recipeText = ({ pictures, widest, epochs, knob, value }) => [pictures, widest, epochs, knob, value].join(",");

/**
 * The recipe that the address carries, or null where it is none of those that are offered.
 *
 * @param {string | null} text
 * @param {{pictures: {name: string}[], widths: number[], epochs: number[]}} choices
 * @returns {import("./room.js").Recipe | null}
 */
export function recipeOf(text, { pictures, widths, epochs }) {
  const [name, width, count, knob, chosen] = (text ?? "").split(",");
  const found = {
    pictures: pictures.find((each) => each.name === name)?.name,
    widest: widths.find((each) => String(each) === width),
    epochs: epochs.find((each) => String(each) === count),
    knob: Object.hasOwn(KNOBS, knob) ? knob : undefined,
  };
  const value = KNOBS[found.knob]?.values.map(([each]) => each).find((each) => String(each) === chosen);
  return Object.values({ ...found, value }).includes(undefined) ? null : { ...found, value };
}

/** @param {(recipe: import("./room.js").Recipe) => void} changed */
export function createForm(changed) {
  const pictures = select("pictures", "Pictures");
  const widest = select("widest", "Width");
  const epochs = select("epochs", "Epochs");
  const knob = select("knob", "Change one thing", Object.entries(KNOBS).map(([name, { title }]) => [name, title]));
  const values = element("div", { class: "values", role: "group", "aria-label": "To what" });
  let value = null;

  function offerValues(chosen) {
    value = chosen;
    values.replaceChildren(
      ...KNOBS[knob.chosen()].values.map(([each, text]) => {
        const button = element("button", { type: "button", class: "toggle", "aria-pressed": String(each === chosen) }, text);
        button.onclick = () => {
          value = each;
          for (const other of values.children) other.setAttribute("aria-pressed", String(other === button));
          tell();
        };
        return button;
      }),
    );
  }

  const recipe = () => ({ pictures: pictures.chosen(), widest: Number(widest.chosen()), epochs: Number(epochs.chosen()), knob: knob.chosen(), value });
  const tell = () => changed(recipe());
  for (const each of [pictures, widest, epochs]) each.list.onchange = tell;
  knob.list.onchange = () => {
    offerValues(usual(knob.chosen()));
    tell();
  };

  return {
    root: element("div", { class: "choices" }, pictures.label, widest.label, epochs.label, element("div", { class: "knob" }, knob.label, values)),
    recipe,
    /** @param {{pictures: {name: string, title: string}[], widths: number[], epochs: number[], usual: import("./room.js").Recipe}} choices */
    offer(choices) {
      pictures.offer(choices.pictures.map(({ name, title }) => [name, title]), choices.usual.pictures);
      widest.offer(choices.widths.map((number) => [number, `${number} filters`]), choices.usual.widest);
      epochs.offer(choices.epochs.map((number) => [number, String(number)]), choices.usual.epochs);
      if (value !== null) return;
      knob.list.value = choices.usual.knob;
      offerValues(choices.usual.value);
    },
  };
}

const usual = (knob) => ({ learning_rate: 1, initialisation: "alive", bottleneck: 49 })[knob];

function select(name, title, options = []) {
  const list = element("select", { "data-testid": `train-${name}` });
  const offer = (offered, chosen) => {
    const kept = offered.some(([value]) => String(value) === list.value) ? list.value : String(chosen);
    list.replaceChildren(...offered.map(([value, text]) => element("option", { value }, text)));
    list.value = kept;
  };
  offer(options, options[0]?.[0]);
  return { list, label: element("label", {}, `${title} `, list), offer, chosen: () => list.value };
}

// From one picture to another through the code, beside the plain cross-fade of their pixels; and arithmetic with codes.

import { rasterise, seen } from "../drawing_pad/raster.js";
import { NetworkClient } from "../network/client.js";
import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { bytes, significant } from "../shared/numbers.js";
import { paint, unit } from "../shared/pictures.js";

const STEPS = 9; // pictures of a strip
const OWN = "Yours";

/** a + t·(b − a), number by number. */
export const between = (a, b, t) => a.map((value, i) => value + t * (b[i] - value));

/** a − b + c, number by number. */
export const combined = (a, b, c) => a.map((value, i) => value - b[i] + c[i]);

/** @param {object} constants what Python tells all components. */
export function createBetween(root, { pictureSide, examples, stages }) {
  const client = new NetworkClient();
  let data = null;
  let pictures = {}; // [0, 1], by name
  let codes = {}; // by name
  let round = 0; // counts what has been asked for; older answers are dropped

  const canvas = (name, label) => {
    const made = element("canvas", { width: pictureSide, height: pictureSide, role: "img", "aria-label": label, "data-testid": name });
    const show = (values) => paint(made, pictureSide, (i) => Array(3).fill(Math.round(255 * Math.min(Math.max(values[i], 0), 1))));
    return { made, show };
  };
  const choosers = { a: chooser("a", "From"), b: chooser("b", "To"), c: chooser("c", "Plus") };
  const strip = (name, title) => {
    const cells = Array.from({ length: STEPS }, (_, i) => canvas(`${name}-${i}`, `${title}, ${Math.round((100 * i) / (STEPS - 1))} % of the way`));
    cells.forEach(({ made }, i) => (made.onclick = () => go(i / (STEPS - 1))));
    return { cells, row: element("div", { class: "strip" }, ...cells.map(({ made }) => made)) };
  };
  const through = strip("through", "Through the code");
  const faded = strip("faded", "Cross-fade");
  const slider = element("input", { type: "range", min: "0", max: "1", step: "0.01", value: "0.5", "aria-label": "How far from the first picture to the second", "data-testid": "way" });
  const now = { through: canvas("now-through", "Through the code"), faded: canvas("now-faded", "Cross-fade") };
  const words = element("p", { class: "words", role: "status" });
  const terms = { a: canvas("term-a", "The first picture"), b: canvas("term-b", "The second picture") };
  const result = canvas("combined", "The first picture minus the second plus the third, as codes");
  const problem = element("p", { role: "alert", class: "problem", hidden: "" });

  root.style.setProperty("--latent", stages.latent);
  root.replaceChildren(
    problem,
    element("div", { class: "ends" }, choosers.a.root, middle(), choosers.b.root),
    section("Through the code", "49 numbers mixed, then decoded", through.row),
    section("Cross-fade", "784 pixels mixed", faded.row),
    element(
      "section",
      { class: "sum" },
      element("h2", {}, "Arithmetic with codes"),
      element("div", { class: "terms" }, terms.a.made, sign("−"), terms.b.made, sign("+"), choosers.c.root, sign("="), result.made),
    ),
  );

  function middle() {
    const both = element("div", { class: "now" }, figure(now.through.made, "through the code"), figure(now.faded.made, "cross-fade"));
    return element("div", { class: "middle" }, both, slider, words);
  }

  function figure(picture, text) {
    return element("figure", {}, picture, element("figcaption", {}, text));
  }

  function section(title, text, ...content) {
    return element("section", {}, element("h2", {}, title), element("p", {}, text), ...content);
  }

  function sign(text) {
    return element("span", { class: "sign" }, text);
  }

  /** A picture and the buttons that choose it. */
  function chooser(name, title) {
    const picture = canvas(`picture-${name}`, title);
    const buttons = element("div", { class: "names", role: "group", "aria-label": `${title}: which picture` });
    let chosen = null;
    return {
      root: element("div", { class: "end" }, element("h2", {}, title), picture.made, buttons),
      picture,
      get chosen() {
        return chosen;
      },
      offer(names, first) {
        if (!names.includes(chosen)) chosen = first;
        buttons.replaceChildren(
          ...names.map((each) => {
            const button = element("button", { type: "button", "aria-pressed": String(each === chosen) }, each);
            button.onclick = () => {
              chosen = each;
              for (const other of buttons.children) other.setAttribute("aria-pressed", String(other === button));
              compute();
            };
            return button;
          }),
        );
      },
    };
  }

  /** @param {{own: string | null, examples: string, fit: string | null, model: object, first: string[]}} newData */
  function update(newData) {
    const same = data && JSON.stringify(data) === JSON.stringify(newData);
    data = newData;
    writeAddress({ part: null });
    if (same) return;
    pictures = {};
    codes = {};
    if (data.own) pictures[OWN] = unit(bytes(data.own));
    for (const [name, strokes] of Object.entries(examples[data.examples])) {
      pictures[name] = unit(seen(rasterise(strokes), data.fit).image);
    }
    const names = [...(data.own ? [OWN] : []), ...Object.keys(examples[data.examples])];
    choosers.a.offer(names, names[0]);
    choosers.b.offer(names, data.first[0]);
    choosers.c.offer(names, data.first[1]);
    compute();
  }

  async function codeOf(name) {
    codes[name] ??= client.encode(data.model, pictures[name]);
    return codes[name];
  }

  async function compute() {
    round += 1;
    const mine = round;
    const names = ["a", "b", "c"].map((end) => choosers[end].chosen);
    for (const [i, end] of ["a", "b", "c"].entries()) {
      choosers[end].picture.show(pictures[names[i]]);
      terms[end]?.show(pictures[names[i]]);
    }
    try {
      const [a, b, c] = await Promise.all(names.map(codeOf));
      if (mine !== round) return;
      go();
      for (let i = 0; i < STEPS; i += 1) {
        const t = i / (STEPS - 1);
        faded.cells[i].show(between(pictures[names[0]], pictures[names[1]], t));
        const drawn = await client.decode(data.model, between(a, b, t));
        if (mine !== round) return;
        through.cells[i].show(drawn);
      }
      const sum = await client.decode(data.model, combined(a, b, c));
      if (mine === round) result.show(sum);
      problem.hidden = true;
    } catch (error) {
      problem.hidden = false;
      problem.textContent = error.message;
    }
  }

  /** Show one place on the way. */
  async function go(t = Number(slider.value)) {
    slider.value = t;
    const [from, to] = ["a", "b"].map((end) => choosers[end].chosen);
    slider.setAttribute("aria-valuetext", `${Math.round(100 * t)} % of the way from ${from} to ${to}`);
    words.textContent = `${significant(100 * t)} % of the way from ${from} to ${to}`;
    now.faded.show(between(pictures[from], pictures[to], t));
    const [a, b] = await Promise.all([from, to].map(codeOf));
    const drawn = await client.decode(data.model, between(a, b, t), { lane: "way" });
    if (drawn) now.through.show(drawn);
  }
  slider.oninput = () => go().catch((error) => (words.textContent = error.message));

  return { update };
}

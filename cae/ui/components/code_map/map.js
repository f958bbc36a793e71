// The map of codes: a chart to point into, the code there and what the decoder draws from it, and the visitor's own
// picture among its nearest codes. All pictures are computed by the browser's own network.

import { NetworkClient } from "../network/client.js";
import { base64 } from "../play/picture_panel.js";
import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { bytes, significant } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { eightBits, paint, unit } from "../shared/pictures.js";
import { createChart } from "./chart.js";
import { CodeMap, NEIGHBOURS } from "./layout.js";
import { drawMark } from "./marks.js";

const LAYOUTS = { umap: "UMAP", pca: "PCA" };
const CENTRE = [0.5, 0.5];
const REST = 500; // milliseconds after the last key, before the place is spoken

/** The same on each visit to the page, with its weights. @type {NetworkClient | null} */
let client = null;

/** @param {object} constants what Python tells all components. */
export function createCodeMap(root, { pictureSide, codeSide, palettes, stages }) {
  client ??= new NetworkClient();
  const palette = new Palette(palettes.latent);
  let data = null; // from Python, the newest
  let take = null; // hands a code to Python
  let map = null;
  let chosen = "umap";
  let own = null; // {pixels, code, friends: indices}, once it is computed
  let here = null; // {place, code, near, far}
  let timer = 0;

  const chart = createChart({ onMove: point, onTake: hand, onHome: home });
  const layouts = element("div", { class: "choice", role: "group", "aria-label": "How the codes are laid out" });
  const kept = element("p", { class: "kept" });
  const legend = element("ul", { class: "legend", "aria-label": "Classes" });
  const code = picture("map-code", codeSide);
  const decoded = picture("map-decoded", pictureSide);
  const words = element("p", { class: "words", "data-testid": "map-words" });
  const status = element("p", { class: "unseen", role: "status" });
  const button = element("button", { type: "button", "data-testid": "take" }, "Take this code to Play");
  button.onclick = hand;
  const original = picture("map-own", pictureSide);
  const again = picture("map-own-decoded", pictureSide);
  const friends = Array.from({ length: NEIGHBOURS }, (_, i) => picture(`map-neighbour-${i + 1}`, pictureSide));
  const yours = panel("yours-panel", "Your picture and its nearest codes, decoded", element("div", { class: "yours" }, ...[original, again, ...friends].map(({ figure }) => figure)));
  const problem = element("p", { class: "problem", role: "alert", hidden: "" });

  root.style.setProperty("--latent", stages.latent);
  root.replaceChildren(
    problem,
    element("div", { class: "head" }, layouts, kept),
    element(
      "div",
      { class: "columns" },
      element("div", { class: "left" }, chart.frame, legend),
      element("div", { class: "right" }, panel("cross-panel", "At the cross", element("div", { class: "here" }, code.figure, decoded.figure), words, button), yours, status),
    ),
  );
  for (const [name, title] of Object.entries(LAYOUTS)) {
    const each = element("button", { type: "button", "aria-pressed": String(name === chosen) }, title);
    each.onclick = () => {
      chosen = name;
      for (const other of layouts.children) other.setAttribute("aria-pressed", String(other === each));
      layOut();
    };
    layouts.append(each);
  }

  /** Take over what `code_map` in Python sends. */
  function update(newData, newTake) {
    take = newTake;
    const same = data && JSON.stringify(data) === JSON.stringify(newData);
    data = newData;
    writeAddress({ part: "map" });
    if (!same) start(data).catch(fail);
  }

  async function start(mine) {
    const response = await fetch(new URL(mine.map, document.baseURI));
    if (!response.ok) throw new Error(`The map cannot be fetched: status ${response.status}.`);
    const found = new CodeMap(await response.json());
    const pixels = mine.own ? unit(bytes(mine.own)) : null;
    const itsCode = pixels && (await client.encode(mine.model, pixels));
    if (mine !== data) return;
    map = found;
    own = pixels && { pixels, code: itsCode, friends: map.neighbours(itsCode) };
    legend.replaceChildren(...map.classes.map((name, label) => element("li", {}, mark(label), name)));
    layOut();
    await showOwn(mine);
  }

  function layOut() {
    const layout = map.layouts[chosen];
    const share = (value) => `${significant(100 * value)} %`;
    const neighbours = `${share(layout.kept)} of a code's 10 nearest codes are among its 10 nearest points`;
    kept.textContent = layout.variance ? `2 directions of 49 · ${share(layout.variance)} of the variance · ${neighbours}` : neighbours;
    chart.show(map, layout, own && layout.place(own.code), own ? own.friends : []);
    home();
  }

  /** To the visitor's own code, or else to the middle of the map. */
  function home() {
    if (map) point(own ? map.layouts[chosen].place(own.code) : CENTRE, false);
  }

  /** Show what lies at a place: at once the code, and the decoded picture as soon as it is computed. */
  async function point(place, byKey) {
    if (!map) return;
    here = { place, ...map.at(map.layouts[chosen], place) };
    chart.point(place, here.near);
    const range = data.latentRange;
    code.show((i) => palette.colour(Palette.index(here.code[i], ...range)), "The code at the cross", "code");
    const nearest = `nearest: ${here.near.map((index) => map.classes[map.labels[index]]).join(", ")}`;
    const text = here.far ? `no code near · ${nearest}` : nearest;
    words.textContent = text;
    chart.frame.setAttribute("aria-label", `Map of ${map.codes.length} codes by ${LAYOUTS[chosen]}. ${text}. Arrow keys move the cross, Enter takes the code to Play.`);
    clearTimeout(timer);
    if (byKey) timer = setTimeout(() => (status.textContent = text), REST);
    try {
      const drawn = await client.decode(data.model, here.code, { lane: "here" });
      if (drawn) decoded.show(grey(drawn), `The code decoded, ${text}`, "decoded");
    } catch (error) {
      fail(error);
    }
  }

  async function showOwn(mine) {
    yours.hidden = !own;
    if (!own) return;
    original.show(grey(own.pixels), "Your picture", "yours");
    const pictures = [own.code, ...own.friends.map((index) => map.codes[index])].map((each) => client.decode(mine.model, each));
    const [first, ...others] = await Promise.all(pictures);
    if (mine !== data) return;
    again.show(grey(first), "Your picture, decoded", "decoded");
    others.forEach((drawn, i) => {
      const name = map.classes[map.labels[own.friends[i]]];
      friends[i].show(grey(drawn), `Neighbour ${i + 1}, decoded: ${name}, test image ${own.friends[i] + 1}`, name);
    });
  }

  function hand() {
    if (here) take?.(base64(here.code));
  }

  function fail(error) {
    problem.hidden = false;
    problem.textContent = error.message;
  }

  return { update };
}

function panel(name, title, ...content) {
  return element("section", { class: name, "aria-label": title }, element("h2", {}, title), ...content);
}

/** A canvas with words below it. */
function picture(name, side) {
  const canvas = element("canvas", { width: side, height: side, role: "img", "aria-label": "Not computed yet", "data-testid": name });
  const caption = element("figcaption", {}, " ");
  return {
    figure: element("figure", {}, canvas, caption),
    show(colourOf, label, text) {
      paint(canvas, side, colourOf);
      canvas.setAttribute("aria-label", label);
      caption.textContent = text;
    },
  };
}

function mark(label) {
  const canvas = element("canvas", { width: 36, height: 36, "aria-hidden": "true" });
  drawMark(canvas.getContext("2d"), label, 18, 18, 10);
  return canvas;
}

const grey = (values) => {
  const levels = eightBits(values);
  return (i) => [levels[i], levels[i], levels[i]];
};

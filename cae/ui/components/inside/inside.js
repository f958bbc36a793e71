// Inside: what each of the layers makes of the picture, and how each value comes about. All of it is computed by the
// browser's own network.

import { NetworkClient } from "../network/client.js";
import { figures, inWords, spoken as quality } from "../play/figures.js";
import { heading } from "../play/heading.js";
import { base64, pictureOf } from "../play/picture_panel.js";
import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { paint, unit } from "../shared/pictures.js";
import { valueAt } from "./arithmetic.js";
import { createKernels } from "./kernels.js";
import { createLargeMap } from "./large_map.js";
import { createMaps } from "./maps.js";
import { loudest, number, rangesOf, strongest, words } from "./pictures.js";
import { offOf, offText, placeOf, placeText, toggle } from "./place.js";
import { createStrip, ROWS } from "./strip.js";
import { createSum } from "./sum.js";
import { explanation, figuresOf, title } from "./words.js";

const HELP = {
  maps: ["Feature maps", "What the layer gives, one picture for each channel. Each map has colours of its own: dark is its smallest value, bright its largest."],
  channel: ["This channel", "One map, large. Choose a pixel by pointer or arrow keys to see how its value is computed. Below it are the kernels: the learned weights by which the layer multiplies the maps before it."],
};

/** The same on each visit to the page, with its weights. @type {NetworkClient | null} */
let client = null;
/** What was opened and silenced on the last visit, as in the address. @type {{place: string | null, off: string | null}} */
let last = { place: null, off: null };

/** @param {object} constants what Python tells all components. */
export function createInside(root, constants) {
  const { pictureSide, stages, errorLimit } = constants;
  const { encoder, decoder } = constants.layers;
  const layers = [
    ...encoder.map((layer, i) => ({ ...layer, colour: i === encoder.length - 1 ? stages.latent : stages.encoder })),
    ...decoder.map((layer) => ({ ...layer, colour: stages.decoder })),
  ];
  const palettes = { latent: new Palette(constants.palettes.latent), error: new Palette(constants.palettes.error) };
  const colours = words(palettes.latent);
  client ??= new NetworkClient();

  const query = new URLSearchParams(window.location.search);
  const off = offOf(query.get("off") ?? last.off, layers);
  let place = placeOf(query.get("at") ?? last.place, layers);
  let source = null; // the channel of the layer before whose terms are shown; null: the one that counts most
  let data = null; // from Python, the newest
  let picture = null; // what the network sees, as an output like those of the layers
  let healthy = null; // the picture drawn again while nothing is silenced, in [0, 1]
  let learned = null;
  let outputs = null;
  let ranges = [];
  let timer = 0;
  let count = 0; // of the pictures that were asked for

  // ---- The parts

  const input = figure("Your picture", "original");
  const output = figure("Drawn again", "reconstruction");
  const lost = figure("What is lost", "lost");
  const allOn = button("All on again", "all-on", () => {
    off.clear();
    compute();
  });
  lost.figure.append(allOn);
  const strip = createStrip({ layers, pictureSide, colours, panel: "opened", onOpen: open });
  const names = element("div", { class: "names", "aria-hidden": "true" }, ...ROWS.map((text) => element("span", {}, text)));
  const groups = element(
    "div",
    { class: "groups", "aria-hidden": "true" },
    ...[["Encoder", encoder.length - 1, stages.encoder], ["Code", 1, stages.latent], ["Decoder", decoder.length, stages.decoder]].map(([text, span, colour]) => {
      const group = element("span", {}, element("b", {}, text));
      group.style.gridColumn = `span ${span}`;
      group.style.setProperty("--stage", colour);
      return group;
    }),
  );

  const name = element("h2");
  const list = element("dl");
  const how = element("p");
  const keras = element("code", { "data-testid": "keras" });
  const silenceLayer = button("Silence the layer", "silence-layer", () => silence(null));
  const maps = createMaps({ colours, onChoose: (channel) => go({ channel }) });
  const large = createLargeMap({ palette: palettes.latent, colours, onChoose: (row, column) => go({ row, column }) });
  const silenceChannel = button("Silence", "silence-channel", () => silence(place.channel));
  const kernels = createKernels({ palette: palettes.error, onChoose: chooseSource });
  const sum = createSum({ colours, onSource: chooseSource });
  const mapsPanel = element("section", { class: "panel all-maps", "aria-label": "Feature maps" }, heading("maps", "Feature maps", HELP.maps), maps.root);
  const channelPanel = element(
    "section",
    { class: "panel channel", "aria-label": "This channel" },
    heading("channel", "Channel", HELP.channel, silenceChannel),
    element("div", { class: "one" }, element("div", {}, large.frame, large.scale), kernels.root),
  );
  const channelName = channelPanel.querySelector("h2");
  const opened = element(
    "div",
    { class: "opened waiting", id: "opened", role: "tabpanel", "data-testid": "opened" },
    element("header", { class: "about" }, name, element("div", { class: "how" }, how, keras), list, silenceLayer),
    element("div", { class: "columns" }, mapsPanel, channelPanel, sum.panel),
  );
  const status = element("p", { class: "unseen", role: "status", "aria-live": "polite" });
  const problem = element("p", { class: "problem", hidden: "" });
  root.append(
    element(
      "div",
      { class: "overview" },
      element("div", { class: "ends" }, input.figure, names),
      element("div", { class: "scroll" }, groups, strip.root),
      element("div", { class: "ends" }, output.figure, lost.figure),
    ),
    problem,
    opened,
    status,
  );

  // ---- What happens

  /** Take over what `inside` in Python sends. */
  function update(newData) {
    const before = data;
    data = newData;
    const pixels = unit(pictureOf(data.pixels));
    picture = { height: pictureSide, width: pictureSide, channels: 1, values: pixels };
    const changed = JSON.stringify({ ...before, address: null }) !== JSON.stringify({ ...data, address: null });
    if (changed) {
      healthy = null;
      if (JSON.stringify(before?.model) !== JSON.stringify(data.model)) learned = null;
      input.show(pixels, grey(pixels), "Your picture, as the network sees it");
      input.note(data.pixels === data.original ? "" : "with noise");
      compute();
    }
    writeAddress(data.address);
  }

  /** Have the network compute all layers, and show them. */
  async function compute() {
    count += 1;
    const mine = count;
    try {
      learned ??= await client.weights(data.model);
      const silenced = Object.fromEntries([...off].map(([layer, channels]) => [learned[layer].name, [...channels]]));
      healthy ??= (await client.layers(data.model, picture.values)).at(-1).values;
      const found = await client.layers(data.model, picture.values, { silenced, lane: "layers" });
      if (!found || mine !== count) return;
      problem.hidden = true;
      outputs = found;
      ranges = outputs.map(rangesOf);
      place ??= first();
      render();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  /** Where a visit begins: at the brightest pixel of the strongest map of the first layer. */
  function first() {
    const channel = strongest(ranges[0]);
    const { values, channels, width } = outputs[0];
    let best = 0;
    for (let i = 0; i < values.length / channels; i += 1) if (values[i * channels + channel] > values[best * channels + channel]) best = i;
    return { layer: 0, channel, row: Math.floor(best / width), column: best % width };
  }

  /** Open a layer at the place that corresponds to the one in hand, with the map that is brightest there. */
  function open(layer) {
    if (!outputs || layer === place.layer) return;
    const scale = layers[layer].side / layers[place.layer].side;
    const [row, column] = [place.row, place.column].map((at) => Math.floor(at * scale));
    place = { layer, channel: loudest(outputs[layer], ranges[layer], row, column), row, column };
    source = null;
    showLayer();
    showPlace();
  }

  function go(change) {
    place = { ...place, ...change };
    if ("channel" in change) source = null;
    showPlace("channel" in change ? "" : spokenPixel());
  }

  function chooseSource(channel) {
    source = channel;
    showPlace();
  }

  function silence(channel) {
    if (!outputs) return;
    toggle(off, place.layer, channel, layers[place.layer].channels);
    compute();
  }

  // ---- Show it

  function render() {
    strip.draw(outputs, ranges);
    showEnds();
    showLayer();
    showPlace();
  }

  function showEnds() {
    const now = clipped(outputs.at(-1).values);
    const [given, drawn, before] = [pictureOf(data.original), bytes(now), bytes(clipped(healthy))];
    const [here, without] = [figures(given, drawn), figures(given, before)];
    output.show(now, grey(now), `Drawn again: ${quality(here)}`);
    output.note(off.size ? `${inWords(here)}, before ${inWords(without).replace("off by ", "")}` : inWords(here));
    const difference = now.map((value, i) => value - clipped(healthy)[i]);
    const colour = (i) => palettes.error.colour(Palette.index(difference[i], -errorLimit, errorLimit));
    lost.show(off.size ? difference : null, colour, off.size ? "What is lost: red is too bright, blue too dark" : "Nothing is silenced");
    allOn.setAttribute("aria-disabled", String(!off.size));
    status.textContent = off.size ? `With ${offText(off, layers)} silenced: ${quality(here)}.` : "";
  }

  function showLayer() {
    const { layer } = place;
    const silent = off.get(layer) ?? new Set();
    const all = silent.size === layers[layer].channels;
    opened.classList.remove("waiting");
    opened.style.setProperty("--stage", layers[layer].colour);
    opened.setAttribute("aria-labelledby", `layer-${layer + 1}`);
    name.textContent = `${layer + 1}. ${title(layers[layer])}`;
    list.replaceChildren(...figuresOf(layers[layer], pictureSide).map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))));
    how.textContent = explanation(learned[layer]);
    keras.textContent = layers[layer].keras;
    silenceLayer.textContent = all ? "Let it speak again" : "Silence the layer";
    silenceLayer.setAttribute("aria-pressed", String(all));
    strip.mark(layer, off);
    maps.show(outputs[layer], ranges[layer], silent);
  }

  function showPlace(said = "") {
    const { layer, channel, row, column } = place;
    const silent = off.get(layer)?.has(channel) ?? false;
    const { channels } = layers[layer];
    channelName.textContent = channels === 1 ? "The only channel" : `Channel ${channel + 1} of ${channels}`;
    silenceChannel.hidden = channels === 1; // it is the layer
    silenceChannel.textContent = silent ? "On again" : "Silence";
    silenceChannel.setAttribute("aria-pressed", String(silent));
    silenceChannel.setAttribute("aria-label", `${silent ? "On again" : "Silence"}: channel ${channel + 1}`);
    maps.mark(channel);
    large.show(outputs[layer], channel, ranges[layer][channel]);
    const copies = learned[layer].kind === "upsample" ? { row: row - (row % 2), column: column - (column % 2), side: 2 } : null;
    large.mark(place, copies, spokenPixel());
    const before = layer
      ? { output: outputs[layer - 1], ranges: ranges[layer - 1], name: `layer ${layer}` }
      : { output: picture, ranges: rangesOf(picture), name: "the picture" };
    const shown = sum.show({ learned: learned[layer], input: before, output: outputs[layer], place, source, silenced: silent });
    kernels.show(learned[layer], channel, shown);
    if (said) status.textContent = said;
    last = { place: placeText(place), off: offText(off, layers) };
    clearTimeout(timer); // browsers allow a few changes of the address a second
    timer = setTimeout(() => root.isConnected && writeAddress({ at: placeText(place), off: offText(off, layers) }), 300);
  }

  function spokenPixel() {
    const { layer, channel, row, column } = place;
    return `Row ${row + 1}, column ${column + 1}: ${number(valueAt(outputs[layer], row, column, channel))}.`;
  }

  /** A small picture with words below it. */
  function figure(text, id) {
    const canvas = element("canvas", { role: "img", width: pictureSide, height: pictureSide, "aria-label": text });
    const note = element("span");
    const made = element("figure", { "data-testid": id }, element("div", { class: "frame" }, canvas), element("figcaption", {}, element("strong", {}, text), note));
    return {
      figure: made,
      note: (words) => (note.textContent = words),
      /** Show values by their colours; null: nothing yet. */
      show(values, colourOf, label) {
        made.classList.toggle("waiting", !values);
        if (values) paint(canvas, pictureSide, colourOf);
        if (values) made.dataset.pixels = base64(bytes(values));
        else delete made.dataset.pixels;
        canvas.setAttribute("aria-label", label);
      },
    };
  }

  return { update };
}

function button(text, id, onClick) {
  const made = element("button", { type: "button", class: "toggle", "data-testid": id }, text);
  made.onclick = () => made.getAttribute("aria-disabled") !== "true" && onClick();
  return made;
}

const clipped = (values) => values.map((value) => Math.min(1, Math.max(0, value)));
const bytes = (values) => Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
const grey = (values) => {
  const levels = bytes(values);
  return (i) => [levels[i], levels[i], levels[i]];
};

// Play without a server: plain files, and the browser's own network in the place of Python's.

import constants from "../constants.js";
import { rasterise, seen } from "../drawing_pad/raster.js";
import { createLesson } from "../lesson/lesson.js";
import { onPage } from "../lesson/plan.js";
import { NetworkClient } from "../network/client.js";
import { base64 } from "../play/picture_panel.js";
import { createPlay } from "../play/play.js";
import { element } from "../shared/dom.js";
import { floats } from "../shared/numbers.js";
import { eightBits, unit } from "../shared/pictures.js";
import { withNoise } from "./noise.js";

const models = await (await fetch(new URL("models.json", document.baseURI))).json();
const parameters = new URLSearchParams(window.location.search);
const client = new NetworkClient();
const play = createPlay(document.querySelector(".play"), constants);
const state = {
  model: models.find(({ name }) => name === parameters.get("m")) ?? models[0],
  pad: { strokes: [], version: 0, brush: constants.drawing.pen },
  strokes: [],
  drawn: null, // the time of the strokes, where they are the pad's
  choices: { fit: true, noise: null },
  code: null,
};

const switches = document.querySelector(".models");
for (const model of models) {
  const button = element("button", { type: "button", class: "toggle" }, model.title);
  button.onclick = () => choose(model, model.first);
  switches.append(button);
}
switches.hidden = models.length < 2;

/** Take a model, and put one of its examples on the pad. */
function choose(model, example) {
  state.model = model;
  const strokes = constants.examples[model.examples][example] ?? constants.examples[model.examples][model.first];
  state.pad = { ...state.pad, strokes, version: state.pad.version + 1 };
  [state.strokes, state.drawn] = [strokes, null];
  [...switches.children].forEach((button, i) => button.setAttribute("aria-pressed", String(models[i] === model)));
  answerSoon();
}

/** What `createPlay` tells Python, or here. */
function take(name, value) {
  if (name === "drawing" && value.version === state.pad.version) [state.strokes, state.drawn] = [value.strokes, value.time];
  else if (name === "choices" || name === "code") state[name] = value;
  answerSoon();
}

let [asked, answering] = [false, false];
/** Answer the newest question, one at a time. */
async function answerSoon() {
  asked = true;
  if (answering) return;
  answering = true;
  while (asked) {
    asked = false;
    await answer();
  }
  answering = false;
}

async function answer() {
  const { model, choices, pad, strokes, drawn: time } = state;
  const start = performance.now();
  const found = seen(rasterise(strokes), choices.fit && model.fit.label ? model.examples : null);
  const view = { model, pad, time, choices, found, note: "Draw something, or pick an example.", pixels: {}, latent: null, name: "" };
  view.pixels.original = found ? found.image : new Uint8Array(constants.pictureSide ** 2);
  if (!found) return show(view);
  if (choices.noise) view.pixels.noisy = withNoise(found.image, ...choices.noise);
  view.name = `${model.name} ${base64(found.image)} ${choices.noise}`;
  try {
    view.latent = await client.encode(model.parts, unit(view.pixels.noisy ?? found.image));
    const edited = state.code?.of === view.name && state.code.values ? floats(state.code.values) : null;
    const drawn = await client.decode(model.parts, edited ?? view.latent);
    Object.assign(view, { edited, note: `${Math.round(performance.now() - start)} ms in this browser, without a server` });
    view.pixels.reconstruction = eightBits(drawn);
    if (asked) return show(view); // the pen has gone on
    if (model.parts.denoiser) view.pixels.denoised = eightBits(await client.denoise(model.parts, drawn));
  } catch (error) {
    view.note = error.message;
  }
  show(view);
}

function show({ model, pad, time, choices, found, pixels, latent, edited, name, note }) {
  play.update(
    {
      pad,
      drawn: time,
      frame: found && [found.left, found.top, found.side],
      picture: null,
      examples: model.examples,
      fit: model.fit,
      choices,
      pixels: Object.fromEntries(Object.entries(pixels).map(([key, values]) => [key, base64(values)])),
      latent: latent && base64(latent),
      code: edited ? base64(edited) : null,
      latentRange: model.latentRange,
      name,
      note,
      model: model.parts,
      curves: model.curves,
      address: { m: model.name },
    },
    take,
  );
}

// The cards on Play; the other pages are not there.
createLesson(document.querySelector(".beside").shadowRoot.querySelector(".lesson"), { lesson: onPage(constants.lesson, ""), handouts: [] });
choose(state.model, parameters.get("x") ?? state.model.first);

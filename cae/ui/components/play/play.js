// Play: pad, panels and curves. The server sends what the network makes of the picture; between its answers the browser's
// own network follows the hand: editing the code, and going back in training.

import { createPad } from "../drawing_pad/pad.js";
import { NetworkClient } from "../network/client.js";
import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { clamp, decimals, floats } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { eightBits } from "../shared/pictures.js";
import { cellPanel } from "./cell_panel.js";
import { createChoices } from "./choices.js";
import { codeEditor } from "./code_editor.js";
import { EditedCode } from "./code_state.js";
import { createCrop } from "./crop.js";
import { createEffect } from "./effect.js";
import { figures, inWords, spoken } from "./figures.js";
import { createFunnels } from "./funnel.js";
import { heading } from "./heading.js";
import { helpTexts } from "./help.js";
import { learning } from "./learning.js";
import { Live } from "./live.js";
import { Past } from "./past.js";
import { base64, colourBar, holdShows, pictureOf, picturePanel, qualityCaption, showGrey } from "./picture_panel.js";
import { createTabs } from "./tabs.js";
import { takeAway } from "./take_away.js";
import { hideUnwanted } from "./wanted.js";

const REST = 200; // ms without an edit after which the server is asked
const TITLES = {
  original: "The network sees",
  latent: "The code",
  reconstruction: "Drawn again",
  denoised: "Denoised",
  "error-map": "Error map",
};
const STAGE = { encoder: "encoder", latent: "latent", decoder: "decoder", reconstruction: "decoder", denoised: "denoiser" };

/** @param {object} constants what Python tells all components, and the address of the page for teachers, if there is one. */
export function createPlay(root, constants) {
  const { pictureSide, codeSide, stages, errorLimit } = constants;
  const palettes = { latent: new Palette(constants.palettes.latent), error: new Palette(constants.palettes.error) };
  const help = helpTexts(constants);
  const client = new NetworkClient();
  const code = new EditedCode();
  const readout = element("p", { class: "readout", "data-testid": "readout" });
  const status = element("p", { class: "unseen", role: "status", "aria-live": "polite" });

  let data = null; // from Python, the newest
  let server = {}; // its pictures, as bytes
  let send = () => {};
  let chosen = null; // the cell
  let own = null; // the browser's reconstruction of the edited code: { code, pixels }
  let asGiven = {}; // what the server made of the code before it was edited
  let past = null; // the earlier epochs of the model whose addresses are in `model`
  let model = "";
  let timer = 0;
  let note = "";

  // ---- The parts

  const picture = (name, tools = []) => {
    const side = name === "latent" ? codeSide : pictureSide;
    const made = picturePanel({ name, title: TITLES[name], help: help[name], side, blocks: codeSide, report: say, tools });
    if (name in STAGE) made.panel.style.setProperty("--stage", stages[STAGE[name]]);
    return made;
  };
  const funnels = createFunnels(constants, say);
  const panels = Object.fromEntries(Object.keys(TITLES).map((name) => [name, picture(name)]));
  const editing = { side: codeSide, palette: palettes.latent, onEdit: edit, onSelect: select, onType: (key) => cell.type(key) };
  const editors = [codeEditor({ ...editing, named: true }), codeEditor(editing)];
  panels.latent.frame.append(editors[0].grid);
  const large = element("canvas", { width: codeSide, height: codeSide, "aria-hidden": "true" });
  const largeCode = element("div", { class: "frame" }, large, editors[1].grid);
  const cell = cellPanel({
    side: codeSide,
    pictureSide,
    palette: palettes.error,
    limit: errorLimit / 2,
    help: help.cell,
    onValue: (value, first) => edit(chosen ?? 0, value, first),
    actions: {
      undo: () => changeCode(() => code.undo()),
      reset: () => changeCode(() => code.reset(chosen ?? 0)),
      resetAll: () => changeCode(() => code.resetAll()),
      zeroAll: () => changeCode(() => code.fill(0)),
    },
  });
  cell.panel.prepend(element("div", { class: "large" }, largeCode));
  cell.panel.style.setProperty("--stage", stages.latent);
  const curves = learning({ stages, code: constants.code.curves, report: say, onEpoch: chooseEpoch });
  const padRoot = root.querySelector(".pad");
  const live = new Live(client, (problem) => (problem ? say(problem) : render()));
  const pad = createPad(padRoot, constants, (strokes) => {
    const { fit, noise } = choices.current;
    return !noise && !past?.chosen && live.follow(strokes, { model: data.model, fit: fit && data.fit.label ? data.examples : null });
  });
  const choices = createChoices(constants.noises, (chosenNow) => send("choices", chosenNow), (strokes) => pad.load(strokes));
  const crop = createCrop((square) => send("square", square));
  const seen = element("i", { class: "seen", hidden: "", title: "What the network sees" });
  padRoot.querySelector(".sheet").append(seen);
  const pen = element(
    "section",
    { class: "panel pen", "aria-label": "Your picture" },
    heading("pen", "Your pen", help.pen),
    padRoot,
    crop.root,
    choices.fit,
  );
  panels.original.panel.append(choices.noise);
  const skip = element("button", { type: "button", class: "skip toggle" }, "Skip to the pad");
  skip.onclick = () => padRoot.querySelector("canvas").focus();
  const sheet = Object.entries(panels).map(([name, { canvas }]) => ({ title: TITLES[name], canvas }));
  const top = element("div", { class: "top" }, skip, choices.examples, readout, takeAway(sheet, say, constants.teachers));
  root.append(
    top,
    element(
      "div",
      { class: "row" },
      pen,
      panels.original.panel,
      funnels.panels.encoder,
      panels.latent.panel,
      funnels.panels.decoder,
      panels.reconstruction.panel,
      panels.denoised.panel,
      createTabs(root),
      curves.panel,
      panels["error-map"].panel,
      cell.panel,
    ),
    status,
  );
  for (const name of ["reconstruction", "denoised"]) holdShows(panels.original.canvas, panels[name]);
  hideUnwanted(root);

  // ---- What happens

  /** What the pointer is on, or else the note. */
  function say(text) {
    readout.textContent = text ?? note;
  }

  /** Take over what `play` in Python sends; `newSend(name, value)` tells it of changes. */
  function update(newData, newSend) {
    const first = data === null;
    data = newData;
    send = newSend;
    if (first) choices.take(data.choices);
    choices.offer(constants.examples[data.examples], data.fit.label, data.fit.help);
    root.classList.toggle("with-pad", Boolean(data.pad));
    padRoot.hidden = choices.examples.hidden = skip.hidden = !data.pad;
    if (data.pad && top.parentElement !== root) root.prepend(top);
    if (!data.pad && top.parentElement !== pen) pen.append(top); // above the panels stands what the picture comes from
    choices.fit.hidden ||= !data.pad;
    crop.update(data.picture);
    pen.querySelector("h2").textContent = data.pad ? "Your pen" : "Your picture";
    funnels.show(data.layers ?? constants.layers);
    showSeen(data.frame);
    const leave = data.pad ? pad.update(data.pad, tell) : () => {};
    server = Object.fromEntries(Object.entries(data.pixels).map(([name, text]) => [name, pictureOf(text)]));
    live.answered(pad.isDown, server, data.drawn);
    const isNew = data.name !== code.of;
    if (!data.code || isNew) asGiven = data.code ? {} : { reconstruction: server.reconstruction, denoised: server.denoised };
    code.take(data.latent && floats(data.latent), data.name);
    if (isNew) {
      code.edited = data.code && floats(data.code);
      own = null;
    }
    const { epochs, snapshot } = data.curves;
    const addresses = JSON.stringify([data.model, epochs, snapshot]);
    if (addresses !== model) {
      model = addresses;
      const snapshots = epochs.map((epoch) => ({ epoch, address: snapshot.replace("{epoch}", String(epoch).padStart(3, "0")) }));
      past = new Past(client, snapshots, (problem) => (problem ? say(problem) : render()));
    }
    curves.update(data.curves);
    chooseEpoch(past.epoch);
    note = data.note;
    say(null);
    render();
    if (isNew) effectSoon();
    announceSoon();
    writeAddress(data.address);
    return leave;
  }

  /** The square of the pad that the network sees, as far as it lies on the pad. */
  function showSeen(square) {
    seen.hidden = !square;
    if (!square) return;
    const [left, top, side] = square;
    const edges = [left, top, left + side, top + side].map((value) => clamp(value, 0, 1));
    const [x0, y0, x1, y1] = edges.map((value) => 100 * value);
    Object.assign(seen.style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
  }

  /** What is on the pad goes to Python. */
  function tell(drawing) {
    live.asked(drawing.time);
    send("drawing", drawing);
  }

  function select(i) {
    if (i === chosen) return;
    chosen = i;
    render();
    effectSoon();
  }

  /** Let the network of an epoch show the picture; null: the finished one. */
  function chooseEpoch(epoch) {
    past?.show(epoch, server.noisy ?? server.original, data.name);
    if (epoch === null && data) render();
  }

  function edit(i, value, first) {
    chosen = i;
    changeCode(() => code.set(i, value, first), first ? render : renderSoon);
  }

  function changeCode(change, show = render) {
    if (past.chosen) curves.back();
    change();
    show();
    follow();
    clearTimeout(timer);
    timer = setTimeout(() => send("code", { of: code.of, values: code.edited && base64(code.edited) }), REST);
  }

  /** The browser's decoder draws the edited code, as fast as it can. */
  async function follow() {
    const wanted = code.edited;
    if (!wanted) return effectSoon();
    try {
      const values = await client.decode(data.model, wanted, { lane: "edit" });
      if (!values || !code.edited) return;
      own = { code: wanted, pixels: eightBits(values) };
      renderSoon();
      effectSoon();
    } catch (error) {
      say(error.message); // the server's answer comes all the same
    }
  }

  const effectOf = createEffect(client, cell.effect, say);
  const effectSoon = () => effectOf(data.model, code.values, chosen, data.latentRange);

  // ---- Showing

  /** What is shown now: code, reconstruction and denoised picture. */
  function current() {
    if (live.frame) {
      const { code: z, reconstruction, denoised } = live.frame;
      return { code: z, reconstruction: eightBits(reconstruction), denoised: denoised && eightBits(denoised) };
    }
    if (past.chosen) {
      const { frame } = past;
      return frame && { code: frame.code, reconstruction: eightBits(frame.reconstruction), denoised: null };
    }
    const answered = (data.code ?? null) === (code.edited && base64(code.edited));
    if (code.edited && !answered) {
      return { code: code.edited, reconstruction: own?.pixels ?? server.reconstruction, denoised: own ? null : server.denoised };
    }
    if (!code.edited && data.code) return { code: code.given, ...asGiven };
    return { code: code.values, reconstruction: server.reconstruction, denoised: server.denoised };
  }

  let drawn = 0; // the animation frame that will show what has changed
  const renderSoon = () => {
    drawn ||= requestAnimationFrame(() => {
      drawn = 0;
      render();
    });
  };
  const originalNow = () => live.frame?.seen.image ?? server.original;

  function render() {
    const now = current();
    if (!now) return;
    const original = originalNow();
    const noisy = live.frame ? null : server.noisy;
    if (live.frame) showSeen([live.frame.seen.left, live.frame.seen.top, live.frame.seen.side]);
    const sides = `${pictureSide} by ${pictureSide} pixels`;
    const seen = noisy ?? original;
    showGrey(panels.original, seen, `What the network sees, ${sides}${noisy ? ", with noise" : ""}`, base64(original));
    const caption = noisy ? `noise: ${inWords(figures(original, noisy))}` : `${pictureSide} × ${pictureSide} = ${pictureSide ** 2} numbers`;
    panels.original.caption.replaceChildren(element("span", {}, caption));
    showCode(now.code);
    for (const name of ["reconstruction", "denoised"]) showAnswer(name, now[name]);
    panels.reconstruction.panel.dataset.epoch = past.chosen ? past.epoch : "finished"; // for scripts: whose picture it is
    showError(now.reconstruction);
    for (const [name, each] of Object.entries(panels)) each.outline(name === "latent" ? null : chosen);
  }

  function showAnswer(name, values) {
    const quality = values && figures(originalNow(), values);
    showGrey(panels[name], values, `${TITLES[name]}, ${pictureSide} by ${pictureSide} pixels: ${spoken(quality)}`);
    qualityCaption(panels[name].caption, quality);
    if (name !== "denoised" || values) return;
    const why = past.chosen
      ? "The denoiser belongs to the finished network."
      : !data.model.denoiser
        ? "This model has no denoiser yet."
        : code.edited
          ? "Follows when the hand rests."
          : "";
    panels[name].caption.replaceChildren(element("span", {}, why));
  }

  function showCode(values) {
    const { panel, caption } = panels.latent;
    const [low, high] = data.latentRange;
    const colour = (i) => palettes.latent.colour(Palette.index(values[i], low, high));
    const least = values && decimals(Math.min(...values), 2);
    const most = values && decimals(Math.max(...values), 2);
    const label = values ? `The code: ${codeSide ** 2} numbers between ${least} and ${most}` : "The code: not there yet";
    panels.latent.show(values, colour, label);
    const another = past.chosen || live.frame; // not the code that was given, or edited
    for (const { grid } of editors) grid.inert = !values || past.chosen;
    if (!values) {
      delete panel.dataset.values;
      caption.replaceChildren();
      return cell.update(null, {}, data.latentRange);
    }
    panel.dataset.values = base64(Float32Array.from(values));
    large.getContext("2d").drawImage(panels.latent.canvas, 0, 0);
    for (const editor of editors) editor.update(values, another ? values : code.given, data.latentRange, chosen);
    caption.replaceChildren(
      element("span", {}, code.edited && !another ? "edited" : `${codeSide} × ${codeSide} = ${codeSide ** 2} numbers`),
      colourBar(palettes.latent, decimals(low, 1), decimals(high, 1)),
    );
    cell.update(chosen, another ? { values, given: values, edited: null, canUndo: false } : code, data.latentRange);
  }

  function showError(reconstruction) {
    const original = originalNow();
    const error = reconstruction && Float32Array.from(reconstruction, (value, i) => (value - original[i]) / 255);
    const largest = error && decimals(Math.max(...error.map(Math.abs)), 2);
    const colour = (i) => palettes.error.colour(Palette.index(error[i], -errorLimit, errorLimit));
    const label = error ? `Error map, drawn again minus original; the largest error is ${largest}` : "Error map: not there yet";
    panels["error-map"].show(error, colour, label);
    panels["error-map"].caption.replaceChildren();
    if (error) panels["error-map"].caption.append(colourBar(palettes.error, "too dark", "too bright"));
  }

  let announceTimer = 0;
  /** Tell those who cannot see it what has come out, once the pen rests. */
  function announceSoon() {
    clearTimeout(announceTimer);
    announceTimer = setTimeout(() => {
      const now = current();
      if (!now?.reconstruction) return;
      const said = `Drawn again: ${spoken(figures(server.original, now.reconstruction))}.`;
      if (status.textContent !== said) status.textContent = said;
    }, 1200);
  }

  return { update };
}

// The panel with the loss curves, which are a time machine: dragged, tapped or stepped along, they choose the epoch whose
// network shows the picture.

import { element } from "../shared/dom.js";
import { whole } from "../shared/numbers.js";
import { Scale, chart, chartText, curvesOf, epochText } from "./chart.js";
import { heading } from "./heading.js";

const PLAY_EVERY = 700; // ms from one epoch to the next
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 3, PageDown: -3 };

/**
 * @param {object} options
 * @param {Object<string, string>} options.stages their colours.
 * @param {string} options.code the lines of Keras that train.
 * @param {(text: string | null) => void} options.report is told what the pointer is on.
 * @param {(epoch: number | null) => void} options.onEpoch is told the epoch that was chosen; null: the finished network.
 */
export function learning({ stages, code, report, onEpoch }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  const slider = element("div", {
    role: "slider",
    tabindex: "0",
    class: "track",
    "data-testid": "epoch",
    "aria-label": "Epoch of the training whose network is shown",
  });
  const handle = element("i", { class: "handle" });
  slider.append(handle);
  const plot = element("div", { class: "plot" }, svg, slider);
  const parts = button("", "toggle");
  const axis = button("log axis", "toggle");
  const play = button("▶ Play", "toggle");
  const now = button("Now", "toggle");
  now.title = "Back to the finished network";
  now.dataset.testid = "now";
  const moments = element("div", { class: "moments" });
  const panel = element(
    "section",
    { class: "panel curves", "aria-label": "Loss curves", "data-testid": "loss-curves" },
    heading("curves", "Learning", ["How it learned", "", code], play, now, parts, axis),
    plot,
    moments,
  );
  const help = panel.querySelector(".popover p");
  const colours = { autoencoder: [stages.encoder, stages.decoder], denoiser: [stages.latent, stages.denoiser] };

  let address; // of the history shown, or on its way
  let [curves, shown, logarithmic] = [[], 0, true];
  let epochs = []; // of the snapshots
  let chosen = null; // the epoch shown, or null for the finished network
  let scale = null;
  let timer = 0;
  new ResizeObserver(draw).observe(plot);

  /** Show the trainings that the file at `history` tells of; it is fetched once. */
  async function update({ history, published, epochs: kept }) {
    if (history === address) return;
    address = history;
    epochs = kept;
    choose(null);
    const answer = await fetch(new URL(history, document.baseURI));
    const found = curvesOf(await answer.json(), published);
    if (history !== address) return; // another model has been chosen meanwhile
    curves = found;
    shown = Math.min(shown, curves.length - 1);
    draw();
  }

  const hasSnapshots = () => epochs.length > 1 && curves[shown]?.name === "autoencoder";

  function draw() {
    const curve = curves[shown];
    const size = { width: plot.clientWidth, height: plot.clientHeight };
    if (!curve || !size.width || !size.height) return;
    scale = new Scale(curve, logarithmic, size, hasSnapshots() ? Math.min(1, epochs[0]) : 1);
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    svg.innerHTML = chart(curve, scale, colours[curve.name]);
    svg.setAttribute("aria-label", chartText(curve));
    help.textContent = helpText(curve, hasSnapshots());
    parts.textContent = curve.name;
    parts.hidden = curves.length < 2;
    parts.setAttribute("aria-label", `Shown: ${curve.name}. Show the other training`);
    axis.setAttribute("aria-pressed", String(logarithmic));
    slider.hidden = play.hidden = now.hidden = !hasSnapshots();
    showMoments(curve);
    place();
  }

  /** Buttons for epochs worth a look, found in the losses themselves. */
  function showMoments(curve) {
    moments.replaceChildren();
    if (!hasSnapshots()) {
      if (curve.name === "autoencoder") moments.append("This model has no snapshots: its training cannot be replayed.");
      return;
    }
    for (const [epoch, text] of momentsOf(curve, epochs)) {
      const each = button(text, "moment");
      each.onclick = () => go(epoch);
      moments.append(each);
    }
  }

  /** Put handle and texts where the chosen epoch is. */
  function place() {
    if (!scale || !hasSnapshots()) return;
    const last = epochs.at(-1);
    const epoch = chosen ?? last;
    handle.style.left = `${scale.x(epoch)}px`;
    handle.style.top = `${scale.top - 8}px`;
    handle.style.height = `${scale.bottom - scale.top + 8}px`;
    handle.dataset.epoch = chosen === null ? "now" : `epoch ${epoch}`;
    slider.setAttribute("aria-valuemin", String(epochs[0]));
    slider.setAttribute("aria-valuemax", String(last));
    slider.setAttribute("aria-valuenow", String(epoch));
    slider.setAttribute("aria-valuetext", chosen === null ? "now, the finished network" : `epoch ${epoch} of ${last}`);
    now.setAttribute("aria-disabled", String(chosen === null));
    panel.classList.toggle("past", chosen !== null);
  }

  function choose(epoch) {
    if (epoch === chosen) return;
    chosen = epoch;
    place();
    onEpoch(epoch);
  }

  /** Choose by hand: what plays by itself stops. */
  function go(epoch) {
    stop();
    choose(epoch);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "▶ Play";
  }

  play.onclick = () => {
    if (timer) return stop();
    let index = chosen === null || chosen === epochs.at(-1) ? 0 : epochs.indexOf(chosen);
    play.textContent = "❚❚ Pause";
    choose(epochs[index]);
    timer = setInterval(() => {
      index += 1;
      if (index < epochs.length) choose(epochs[index]);
      else {
        stop();
        choose(null);
      }
    }, PLAY_EVERY);
  };
  now.onclick = () => go(null);

  const nearest = (clientX) => {
    const at = scale.epoch(clientX - slider.getBoundingClientRect().left);
    return epochs.reduce((best, epoch) => (Math.abs(epoch - at) < Math.abs(best - at) ? epoch : best));
  };
  let held = false;
  slider.onpointerdown = (event) => {
    if (event.button !== 0) return;
    slider.setPointerCapture(event.pointerId);
    held = true;
    go(nearest(event.clientX));
  };
  slider.onpointermove = (event) => {
    if (held) go(nearest(event.clientX));
    report(epochText(curves[shown], Math.max(1, scale.epoch(event.clientX - slider.getBoundingClientRect().left))));
  };
  slider.onpointerup = slider.onpointercancel = slider.onlostpointercapture = () => (held = false);
  slider.onpointerleave = () => report(null);
  slider.onkeydown = (event) => {
    const at = epochs.indexOf(chosen ?? epochs.at(-1));
    let to = event.key in KEYS ? at + KEYS[event.key] : null;
    if (event.key === "Home") to = 0;
    if (event.key === "End") to = epochs.length - 1;
    if (event.key === "Escape") go(null);
    else if (to !== null) go(epochs[Math.min(Math.max(to, 0), epochs.length - 1)]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  axis.onclick = () => {
    logarithmic = !logarithmic;
    draw();
  };
  parts.onclick = () => {
    shown = (shown + 1) % curves.length;
    go(null);
    draw();
  };
  return { panel, update, back: () => go(null) };
}

/** [epoch, text] of the snapshots worth a look: the start, the first below the published figure, the first nearly as good as the last. */
export function momentsOf({ val_loss, published }, epochs) {
  const first = (good) => epochs.find((epoch) => epoch > 0 && good(val_loss[epoch - 1]));
  const below = published ? first((loss) => loss < published) : undefined;
  const near = first((loss) => loss < 1.1 * val_loss.at(-1));
  return [
    ...(epochs[0] === 0 ? [[0, "before training"]] : []),
    ...(below === undefined ? [] : [[below, `epoch ${below}: below the thesis`]]),
    ...(near === undefined || near === below ? [] : [[near, `epoch ${near}: within 10 % of the end`]]),
  ];
}

function button(text, kind) {
  return element("button", { type: "button", class: kind }, text);
}

function helpText({ images, published }, replayed) {
  return (
    "How the mean squared error fell while the network learned, epoch by epoch: " +
    `an epoch is one pass over all ${images ? `${whole(images)} ` : ""}training images. ` +
    "Validation images were never trained on." +
    (replayed ? " Drag along the curve: the network of that epoch shows your picture." : "") +
    (published ? " The dashed line is what the publication behind this network reports." : "")
  );
}

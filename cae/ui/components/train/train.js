// Train one: a network learns on the server, and what it has learned so far draws the visitor's picture here.

import { NetworkClient } from "../network/client.js";
import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { createForm, recipeOf, recipeText } from "./form.js";
import { curve, curveText } from "./curve.js";
import { createGuess } from "./guess.js";
import { createPictures } from "./pictures.js";
import { Room } from "./room.js";
import { GUESSES, about, knobText, question, standing, why } from "./words.js";

/** Of the address: the recipe that is prepared. */
const PARAMETER = "train";
const UNREACHABLE = "The server cannot be reached; what it trains goes on.";

/** @param {object} constants what Python tells all components. */
export function createTrain(root, constants) {
  const { stages } = constants;
  const client = new NetworkClient();
  let data = null; // from Python, the newest
  let state = null; // of the room, the newest
  let before = null; // the training that was shown before this one, to compare with
  let asked = false; // whether the form was touched since the training that is shown

  const guess = createGuess(drawCurve);
  const start = button("Start", "start", () =>
    ask(async () => {
      await room.order(form.recipe(), data.strokes);
      guess.keep(room.ticket);
    }),
  );
  const stop = button("Stop", "stop", () => ask(() => room.stop()));
  const keep = button("Keep", "keep", () => ask(() => room.keep()));
  const play = element("a", { class: "toggle", "data-testid": "take-to-play", hidden: "", target: "_self" }, "Take to Play");
  const form = createForm((recipe) => {
    asked = true;
    writeAddress({ [PARAMETER]: recipeText(recipe) });
    render();
  });
  const words = element("p", { class: "words", "data-testid": "standing" });
  const reason = element("p", { id: "train-reason", class: "reason", "data-testid": "reason", hidden: "" });
  const whyButton = button("Why?", "why", () => explain(reason.hidden));
  whyButton.setAttribute("aria-controls", reason.id);
  const caption = element("p", { class: "about" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("data-testid", "curve");
  const plot = element("div", { class: "plot" }, svg);
  const pictures = createPictures(constants, client);
  const problem = element("p", { class: "problem", role: "alert", hidden: "" });
  const status = element("p", { class: "unseen", role: "status", "aria-live": "polite" });
  root.replaceChildren(
    form.root,
    element("div", { class: "choices asks" }, words, guess.root, start, stop, whyButton, keep, play),
    reason,
    problem,
    element("div", { class: "bench" }, element("section", { class: "panel loss", "aria-label": "Loss curve" }, caption, plot), pictures.root),
    status,
  );
  new ResizeObserver(drawCurve).observe(plot);
  const room = new Room(() => root.isConnected, (news) => {
    if (!news) return say(UNREACHABLE);
    if (problem.textContent === UNREACHABLE) say("");
    const [was, is] = [state?.training, news.training];
    if (was && is && was.name !== is.name && was.points.length > 1) before = was;
    if (is?.name !== was?.name) asked = false;
    state = news;
    render();
  });

  /** @param {object} newData what `train` in Python sends. */
  function update(newData) {
    data = newData;
    const prepared = recipeOf(new URLSearchParams(window.location.search).get(PARAMETER), data);
    form.offer({ ...data, usual: prepared ?? data.usual });
    render();
    room.watch();
  }

  /** Do something of the room; where it fails, say so. */
  async function ask(what) {
    try {
      await what();
      say("");
    } catch (error) {
      say(error.message);
    }
  }

  function say(sentence) {
    problem.hidden = !sentence;
    problem.textContent = sentence;
  }

  function render() {
    if (!data) return;
    const training = state?.training;
    const running = Boolean(training && !training.ended);
    const waits = Boolean(state?.ahead);
    start.textContent = running ? "Queue" : "Start";
    start.hidden = waits || (running && training.mine);
    stop.textContent = waits ? "Leave the queue" : "Stop";
    stop.hidden = !waits && !(running && training.mine);
    keep.hidden = !training?.mine || !training.ended || !training.keepable || Boolean(training.kept) || training.points.length < 2;
    play.hidden = !training?.mine || !training.kept;
    if (!play.hidden) play.href = playAddress(training.kept);
    const quiet = isQuiet();
    const unfit = training?.mine && training.recipe.knob === "bottleneck" && training.recipe.value !== 49;
    words.textContent = quiet ? question(form.recipe()) : standing(state, guessed()) + (unfit && training.ended ? " Only 49 numbers fit the other pages." : "");
    guess.root.hidden = !quiet;
    const because = quiet || !training ? "" : why(training);
    if (because !== reason.textContent) explain(false);
    reason.textContent = because;
    whyButton.hidden = !because;
    announce(quiet ? "" : words.textContent.replace(/^(Step|Another).*/, `Training: ${knobText(training.recipe)}`));
    const titles = Object.fromEntries(data.pictures.map(({ name, title }) => [name, title]));
    const described = training && about(training, titles);
    const whose = quiet ? "Before" : training.mine ? "Yours" : "Another visitor’s";
    const guessedText = quiet || guessed() === null ? "" : ` · your guess: ${GUESSES[guessed()].text}`;
    caption.textContent = training ? `${whose}: ${described}${guessedText}` : "Nothing has been trained yet";
    const offered = data.pictures.find(({ name }) => name === (quiet ? form.recipe() : training.recipe).pictures) ?? data.pictures[0];
    const changed = pictures.show(offered.own, offered.examples);
    const step = training?.points.at(-1)?.[0];
    if (training && step === undefined) pictures.clear();
    else if (training && (changed || drawn !== room.weights(training))) pictures.draw((drawn = room.weights(training)));
    drawCurve();
  }
  let drawn = "";

  /** Whether the page asks what to train, and does not tell of a training. */
  const isQuiet = () => !state?.ahead && (!state?.training || (state.training.ended && asked));

  /** What the visitor has guessed of the training that is shown, or else of the one that is prepared. */
  const guessed = () => (isQuiet() ? guess.chosen : state.training.mine ? guess.of(room.ticket) : null);

  function drawCurve() {
    const size = { width: plot.clientWidth, height: plot.clientHeight };
    if (!size.width || !size.height || !data) return;
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    const last = state?.training?.points.length ? state.training : null;
    const [shown, other] = isQuiet() ? [null, last] : [last, before];
    const range = GUESSES[guessed()];
    svg.innerHTML = curve(shown ?? { points: [], recipe: form.recipe() }, other, size, [stages.encoder, stages.decoder], range?.to ? range : null);
    svg.setAttribute("aria-label", last ? curveText(last) : "Loss curve: nothing yet");
  }

  /** Show why a training has ended as it has, or hide it again. */
  function explain(shown) {
    reason.hidden = !shown;
    whyButton.setAttribute("aria-expanded", String(shown));
  }

  /** Tell those who cannot see it, once. */
  function announce(sentence) {
    if (status.textContent !== sentence) status.textContent = sentence;
  }

  /** Play's address, with the model that was kept and the visitor's drawing. */
  function playAddress(model) {
    const url = new URL("./", document.baseURI);
    for (const [name, value] of Object.entries({ ...data.address, m: model })) if (value !== null) url.searchParams.set(name, value);
    return url.href;
  }

  return { update };
}

function button(text, name, onclick) {
  const made = element("button", { type: "button", class: "toggle", "data-testid": `train-${name}` }, text);
  made.onclick = onclick;
  return made;
}

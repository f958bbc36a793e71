// The lesson: a button on every page, and the card that it opens, docked beside the page or, on narrow windows, below it.

import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { button, createCard } from "./card.js";
import { createCurtain, createMarks, goTo, here, prepare, press, settled, snapshot, undo } from "./page.js";
import { cardsOf, placeOf, step } from "./plan.js";
import { Watch, isEmpty } from "./rules.js";
import { createToy } from "./toy.js";

const EVERY = 350; // ms from one look at the page to the next
const SOON = 1500; // ms after which a card says that it waits for its page
const WIDE = window.matchMedia("(min-width: 1100px), (min-width: 700px) and (max-height: 500px)");
const KEPT = "cae-lesson"; // in the browser's storage, until the window is closed

/** The same on all pages: where the visitor is, if in the lesson; whether the sheet is folded; whether to take the focus. */
let place = null;
let folded = false;
let focus = false;

/** What is remembered: the last place, the guesses by card, and the cards that are done. */
const kept = (() => {
  try {
    return { last: null, guesses: {}, done: [], ...JSON.parse(sessionStorage.getItem(KEPT)) };
  } catch {
    return { last: null, guesses: {}, done: [] }; // a browser that keeps nothing
  }
})();

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // then the address alone knows the card
  }
}

/**
 * @param {object} constants what Python tells all components.
 * @param {[string, string][]} constants.handouts pages for the class: what they are called, and their paths.
 */
export function createLesson(root, { lesson, handouts }) {
  const marks = createMarks();
  const hide = createCurtain();
  const open = button("Lesson", "lesson", () => (place ? leave() : enter(kept.last ?? { card: 0, plan: null })));
  open.className = "open";
  const title = element("h2", { tabindex: "-1" });
  const fold = button("", "lesson-fold", () => {
    folded = !folded;
    show();
  });
  const body = element("div", { class: "body" });
  const dots = element("div", { class: "dots", role: "group", "aria-label": "Cards" });
  const back = button("Back", "lesson-back", () => turn(-1));
  const reveal = button("Show me", "lesson-reveal", () => {
    shown = true;
    update();
  });
  const next = button("", "lesson-next", () => turn(1));
  next.className = "next";
  const links = element("p", { class: "links" });
  const status = element("p", { class: "unseen", role: "status" });
  const leaving = button("✕", "lesson-leave", leave);
  leaving.setAttribute("aria-label", "Leave the lesson");
  const dock = element(
    "section",
    { class: "dock", "aria-label": "Lesson", "data-testid": "lesson-dock", hidden: "" },
    element("header", {}, title, fold, leaving),
    element("div", { class: "inside" }, dots, body, links),
    element("div", { class: "turn" }, back, reveal, next),
    status,
  );
  root.append(open, dock);

  let card = null; // as createCard made it, of the card `number`
  let number = null;
  let watch = null;
  let shown = false; // the reason was asked for
  let toOpen = []; // the texts of buttons that show the card's part of its page
  let toyLost = null;
  let [key, since] = ["", 0]; // of the picture, and since when it is so
  let built = 0; // when the card was shown first
  let timer = 0;

  // What a hand did is seen at once, not only at the next look: the page itself has heard of it before.
  for (const name of ["keyup", "click"]) document.addEventListener(name, () => place && look());
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--lesson-height", `${dock.offsetHeight}px`);
    marks.show(); // there is now more or less room for them
  }).observe(dock);
  WIDE.addEventListener("change", show);

  /** Show a card where the visitor is. */
  function enter(where) {
    place = where;
    focus = true;
    writeHere();
    take();
  }

  /** Show a card, and its page. */
  async function go(where) {
    const changed = number !== where.card && isHere() && undo(lesson.cards[number].undo);
    enter(where);
    if (isHere()) return;
    if (changed) await settled(); // what was changed and the way to the other page would overtake one another
    if (place === where) goTo(lesson.cards[where.card].page);
  }

  function leave() {
    undo(lesson.cards[number].undo);
    place = null;
    writeAddress({ lesson: null, plan: null });
    take();
    open.focus();
  }

  function turn(by) {
    const to = step(lesson, place, by);
    if (to === undefined) return by > 0 && leave();
    return go({ ...place, card: to });
  }

  const writeHere = () => writeAddress({ lesson: String(place.card), plan: place.plan });
  const isHere = () => number === 0 || here() === lesson.cards[number].page;

  /** Show where the visitor is now. */
  function take() {
    clearInterval(timer);
    if (place) {
      kept.last = place;
      keep();
      timer = setInterval(look, EVERY);
      build();
      look();
    } else {
      marks.put([]);
      hide([]);
      number = null;
    }
    show();
    if (place && focus) title.focus({ preventScroll: true });
    focus = false;
  }

  function build() {
    if (number === place.card) return;
    marks.put([]);
    delete dock.dataset.ready;
    [number, built] = [place.card, performance.now()];
    const { rule, title: name, opens } = lesson.cards[number];
    [watch, shown, toOpen, toyLost, key] = [new Watch(rule), false, opens, null, ""];
    const toy = rule === "toy" ? createToy((error) => ((toyLost = error), look())) : null;
    card = createCard(lesson.cards[number], { toy, onGuess: guess, onGo: goTo });
    body.replaceChildren(card.root);
    title.textContent = name;
    status.textContent = "";
  }

  function guess(option) {
    kept.guesses[number] = option;
    keep();
    update();
    card.showTask();
  }

  /** Look at the page, and keep the address. */
  function look() {
    if (!root.isConnected) return clearInterval(timer);
    const named = placeOf(window.location.search, lesson);
    if (named && (named.card !== place.card || named.plan !== place.plan)) {
      place = named; // the browser's Back
      return take();
    }
    writeHere(); // as another page has an address of its own
    if (isHere()) {
      toOpen = toOpen.filter((text) => !press(text));
      const now = { ...snapshot(), toy: toyLost };
      if (now.key !== key) [key, since] = [now.key, performance.now()];
      watch.take(now, Math.round((performance.now() - since) / EVERY));
      if (watch.isToPrepare) prepare({ isEmpty: isEmpty(now) });
    }
    if (watch.before) dock.dataset.ready = number; // for scripts: what happens from now on counts
    return update();
  }

  function update() {
    const told = lesson.cards[number];
    const now = isHere() && watch.isDone;
    if (now && !kept.done.includes(number)) {
      kept.done.push(number);
      keep();
      showDots();
    }
    const chosen = kept.guesses[number] ?? null;
    const opened = chosen !== null || shown || now;
    const compared = now ? watch.fill(told.compare) : "";
    const waiting = !watch.before && performance.now() - built > SOON;
    card.update({ guess: chosen, open: opened, here: isHere(), waiting, compared, explained: now || shown });
    if ((now || shown) && !status.textContent) {
      status.textContent = now ? `Done. ${compared}` : "The reason is shown.";
      card.showReason();
    }
    reveal.hidden = now || shown;
    marks.put(opened && !now && isHere() ? told.marks : []);
    hide(!opened && isHere() ? told.hides : []);
  }

  /** Put the dock where there is room. */
  function show() {
    const page = document.documentElement.dataset;
    open.setAttribute("aria-expanded", String(Boolean(place)));
    open.hidden = new URLSearchParams(window.location.search).get("embed") === "true";
    dock.hidden = !place;
    if (!place) return delete page.lesson;
    page.lesson = WIDE.matches ? "side" : "sheet";
    dock.classList.toggle("sheet", !WIDE.matches);
    dock.classList.toggle("folded", folded && !WIDE.matches);
    fold.hidden = WIDE.matches;
    fold.textContent = folded ? "▴" : "▾";
    fold.setAttribute("aria-label", folded ? "Unfold the lesson" : "Fold the lesson");
    fold.setAttribute("aria-expanded", String(!folded));
    back.disabled = step(lesson, place, -1) === undefined;
    next.textContent = step(lesson, place, 1) === undefined ? "Finish" : "Next";
    showDots();
    showLinks();
    return true;
  }

  function showDots() {
    const names = cardsOf(lesson, place.plan);
    if (dots.childElementCount !== names.length || dots.dataset.plan !== String(place.plan)) {
      dots.dataset.plan = String(place.plan);
      dots.replaceChildren(...names.map((card) => button(String(card), `lesson-${card}`, () => go({ ...place, card }))));
    }
    names.forEach((card, i) => {
      const done = kept.done.includes(card);
      const dot = dots.children[i];
      dot.classList.toggle("done", done);
      dot.setAttribute("aria-label", `Card ${card}: ${lesson.cards[card].title}${done ? ", done" : ""}`);
      if (card === place.card) dot.setAttribute("aria-current", "step");
      else dot.removeAttribute("aria-current");
    });
  }

  function showLinks() {
    const link = (text, address) => element("a", { href: new URL(address, document.baseURI).href }, text);
    const plans = Object.keys(lesson.plans).map((plan) => {
      const made = link(`${plan} min`, `?lesson=${lesson.plans[plan][0]}&plan=${plan}`);
      if (plan === place.plan) made.setAttribute("aria-current", "true");
      made.onclick = (event) => {
        event.preventDefault();
        go({ card: lesson.plans[plan][0], plan });
      };
      return made;
    });
    const pages = handouts.map(([text, path]) => {
      const made = link(text, path);
      made.target = "_blank";
      return made;
    });
    links.replaceChildren(...plans, ...pages);
  }

  place = placeOf(window.location.search, lesson) ?? place;
  take();
  return { update: () => {} };
}

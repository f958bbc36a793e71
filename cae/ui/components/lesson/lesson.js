// The lesson: a button on every page, and the card that it opens, docked beside the page or, on narrow windows, below it.

import { writeAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { button, createCard } from "./card.js";
import { createMarks, goTo, here, press, snapshot, undo } from "./page.js";
import { cardsOf, placeOf, step } from "./plan.js";
import { Watch } from "./rules.js";
import { createToy } from "./toy.js";

const EVERY = 350; // ms from one look at the page to the next
const WIDE = window.matchMedia("(min-width: 1100px)");
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

/** @param {object} constants what Python tells all components. */
export function createLesson(root, { lesson }) {
  const mark = createMarks();
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
  let pressed = false; // the card's part of its page was opened
  let toyLost = null;
  let key = "";
  let timer = 0;

  // What a hand did is seen at once, not only at the next look: the page itself has heard of it before.
  for (const name of ["keyup", "click"]) document.addEventListener(name, () => place && look());
  new ResizeObserver(() => document.documentElement.style.setProperty("--lesson-height", `${dock.offsetHeight}px`)).observe(dock);
  WIDE.addEventListener("change", show);

  function enter(where) {
    // Not on the way to another page: what it changes and the way there would overtake one another.
    if (number !== null && number !== where.card && isHere() && here() === lesson.cards[where.card].page) undo(lesson.cards[number].undo);
    place = where;
    focus = true;
    writeHere();
    take();
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
    enter({ ...place, card: to });
    if (!isHere()) goTo(lesson.cards[to].page);
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
      mark([]);
      number = null;
    }
    show();
    if (place && focus) title.focus({ preventScroll: true });
    focus = false;
  }

  function build() {
    if (number === place.card) return;
    mark([]);
    delete dock.dataset.ready;
    number = place.card;
    const { rule, title: name } = lesson.cards[number];
    [watch, shown, pressed, toyLost, key] = [new Watch(rule), false, false, null, ""];
    const toy = rule === "toy" ? createToy((error) => ((toyLost = error), look())) : null;
    card = createCard(lesson.cards[number], { toy, onGuess: guess, onGo: () => goTo(lesson.cards[number].page) });
    body.replaceChildren(card.root);
    title.textContent = name;
    status.textContent = "";
  }

  function guess(option) {
    kept.guesses[number] = option;
    keep();
    update();
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
      const part = lesson.cards[number].tab;
      pressed ||= !part || press(part);
      const now = { ...snapshot(), toy: toyLost };
      watch.take(now, now.key === key); // not amid a stroke
      key = now.key;
    }
    if (watch.before) dock.dataset.ready = number; // for scripts: what happens from now on counts
    return update();
  }

  function update() {
    const { compare, marks } = lesson.cards[number];
    const now = isHere() && watch.isDone;
    if (now && !kept.done.includes(number)) {
      kept.done.push(number);
      keep();
      showDots();
    }
    const chosen = kept.guesses[number] ?? null;
    const opened = chosen !== null || shown || now;
    const compared = now ? watch.fill(compare) : "";
    card.update({ guess: chosen, open: opened, here: isHere(), compared, explained: now || shown });
    if ((now || shown) && !status.textContent) {
      status.textContent = now ? `Done. ${compared}` : "The reason is shown.";
      card.showReason();
    }
    reveal.hidden = now || shown;
    mark(opened && !now && isHere() ? marks : []);
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
      dots.replaceChildren(...names.map((card) => button(String(card), `lesson-${card}`, () => {
        enter({ ...place, card });
        if (!isHere()) goTo(lesson.cards[card].page);
      })));
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
        enter({ card: lesson.plans[plan][0], plan });
        if (!isHere()) goTo(lesson.cards[number].page);
      };
      return made;
    });
    const pages = [["Worksheet", "worksheet"], ["Teachers", "teachers"]].map(([text, path]) => {
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

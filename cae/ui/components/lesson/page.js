// What the lesson sees of the page, and the little that it does there. The pages know nothing of it: it reads what they keep
// for scripts and for screen readers, and presses what a visitor could press.

import { bytes, floats } from "../shared/numbers.js";

/** The page itself, and what components keep in shadow roots of their own. @returns {(Document | ShadowRoot)[]} */
const roots = () => [document, ...[...document.querySelectorAll("div")].map((each) => each.shadowRoot).filter(Boolean)];

/** All elements that a selector finds anywhere. */
const findAll = (selector, among = roots()) => among.flatMap((root) => [...root.querySelectorAll(selector)]);

/** The first of them. */
function find(selector, among = roots()) {
  for (const root of among) {
    const found = root.querySelector(selector);
    if (found) return found;
  }
  return null;
}

const named = (name) => `[data-testid="${name}"]`;

/** All that the rules need, and `key`, which is another one as soon as the picture or its code is. */
export function snapshot() {
  const among = roots();
  const of = (name) => find(named(name), among);
  const text = (name) => of(name)?.dataset.pixels || null;
  const picture = (pixels) => pixels && bytes(pixels);
  const caption = (name) => of(name)?.querySelector(".caption")?.textContent ?? "";
  const codeText = of("latent")?.dataset.values || null;
  const [original, reconstruction, denoised] = ["original", "reconstruction", "denoised"].map(text);
  const slider = (selector) => numberOf(find(selector, among));
  const main = document.querySelector(named("stMain"))?.textContent ?? "";
  return {
    key: [original, reconstruction, codeText].join(),
    original: picture(original),
    reconstruction: picture(reconstruction),
    denoised: picture(denoised),
    latent: codeText && floats(codeText),
    largest: Number(of("cell-range")?.max ?? 0),
    edited: caption("latent").startsWith("edited"),
    example: new URLSearchParams(window.location.search).has("x"),
    noise: caption("original").match(/noise: off by ([\d.]+ %)/)?.[1] ?? null,
    epoch: slider(named("epoch")),
    shown: of("reconstruction")?.dataset.epoch ?? null,
    way: slider(named("way")),
    quality: slider('input[type="range"][aria-label="Quality"]'),
    answered: numberIn(main, /Quality (\d+):/),
    grey: slider('input[type="range"][aria-label^="Your grey"]'),
    lowest: main.includes("Lower is impossible"),
    bytes: [...document.querySelectorAll(named("stMetricValue"))].map((each) => each.textContent.trim()).find((value) => /byte/.test(value)) ?? null,
  };
}

function numberOf(slider) {
  const value = slider?.getAttribute("aria-valuenow") ?? slider?.value;
  return value === undefined || value === null || value === "" ? null : Number(value);
}

function numberIn(text, pattern) {
  const found = text.match(pattern);
  return found && Number(found[1]);
}

/** The path of the page that is shown, below the app's; "" is Play. */
export const here = () => window.location.pathname.slice(new URL("./", document.baseURI).pathname.length).replace(/\/$|^index\.html$/, "");

/** What belongs to one page alone, and must not be taken to another. */
const OF_A_PAGE = ["at", "off", "part", "tab", "show", "set", "train"];

/** Lead to a page of the app, as its link in the navigation does, which keeps what the visitor has done. */
export function goTo(path) {
  const target = new URL(path || "./", document.baseURI);
  const links = document.querySelectorAll(`${named("stTopNavLink")}, ${named("stSidebarNavLink")}`);
  const link = [...links].find(({ href }) => new URL(href).pathname === target.pathname);
  if (link) return link.click();
  target.search = window.location.search;
  for (const name of OF_A_PAGE) target.searchParams.delete(name);
  return window.location.assign(target);
}

/** Press the button of that text, if the page has one that is not pressed; whether it has it. */
export function press(text) {
  const button = findAll("button").find((each) => each.textContent.trim() === text);
  if (button && button.getAttribute("aria-pressed") !== "true" && button.getAttribute("aria-checked") !== "true") button.click();
  return Boolean(button);
}

/** Scroll so far that parts of the page can be seen: all of them, or as much as there is room for from the first on. */
function show(parts) {
  const moving = parts.filter((each) => getComputedStyle(each).position !== "sticky");
  const top = (each) => each.getBoundingClientRect().top;
  const [first, ...others] = moving.sort((a, b) => top(a) - top(b));
  others.at(-1)?.scrollIntoView({ block: "nearest" });
  first?.scrollIntoView({ block: first.offsetHeight < MOST_HEIGHT * window.innerHeight ? "nearest" : "start" });
}

const MOST_HEIGHT = 0.3; // of the window's: what is higher need not fit into what the lesson leaves of it
const MARK = {
  outline: "3px dashed var(--st-primary-color, #7c3aed)",
  outlineOffset: "3px",
  scrollMargin: "calc(var(--page-top, 3.75rem) + var(--results-height, 0px) + 0.4rem) 0 0.7rem", // what lies over the page
};

/** Outlines around parts of the page. */
export function createMarks() {
  let marked = [];
  /** Outline these parts, and no others any more. @param {string[]} names */
  function put(names) {
    const wanted = names.map((name) => find(named(name))).filter(Boolean).map((each) => each.closest(".panel") ?? each);
    if (wanted.length === marked.length && wanted.every((each, i) => each === marked[i])) return;
    for (const each of marked) Object.assign(each.style, Object.fromEntries(Object.keys(MARK).map((name) => [name, ""])));
    for (const each of wanted) Object.assign(each.style, MARK);
    show(wanted);
    marked = wanted;
  }
  return { put, show: () => show(marked) };
}

/** Parts of the page that are not to be seen; each call shows the last ones again. @returns {(beginnings: string[]) => void} */
export function createCurtain() {
  let hidden = [];
  return (beginnings) => {
    const wanted = beginnings.flatMap((name) => findAll(`[data-testid^="${name}"]`));
    for (const each of hidden) if (!wanted.includes(each)) each.style.visibility = "";
    for (const each of wanted) each.style.visibility = "hidden";
    hidden = wanted;
  };
}

/** Put back what a card asked to change: buttons are pressed, choices are those that they begin with. Whether there was any. */
export function undo(names) {
  let changed = false;
  for (const part of names.map((name) => find(named(name)))) {
    if (part?.tagName === "SELECT" && part.selectedIndex) {
      part.selectedIndex = 0;
      part.dispatchEvent(new Event("change", { bubbles: true }));
      changed = true;
    } else if (part?.type === "button" && part.getAttribute("aria-disabled") !== "true") {
      part.click();
      changed = true;
    }
  }
  return changed;
}

/** Play as its cards begin: without noise, the code as it is, the finished network, and a picture. */
export function prepare({ isEmpty }) {
  undo(["noise", "code-resetAll", "now"]);
  const example = isEmpty && find(".examples button");
  if (example?.offsetParent) example.click();
}

/** Wait until the server has taken back noise and edits, as the address tells; but not for ever. */
export async function settled() {
  const until = performance.now() + 3000;
  const changed = () => ["n", "z"].some((name) => new URLSearchParams(window.location.search).has(name));
  while (changed() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
}

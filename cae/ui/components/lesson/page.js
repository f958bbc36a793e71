// What the lesson sees of the page, and the little that it does there. The pages know nothing of it: it reads what they keep
// for scripts and for screen readers, and presses what a visitor could press.

import { bytes, floats } from "../shared/numbers.js";

/** The page itself, and what components keep in shadow roots of their own. @returns {(Document | ShadowRoot)[]} */
const roots = () => [document, ...[...document.querySelectorAll("div")].map((each) => each.shadowRoot).filter(Boolean)];

/** The first element that a selector finds anywhere. */
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
  const codeText = of("latent")?.dataset.values || null;
  const [original, reconstruction, denoised] = ["original", "reconstruction", "denoised"].map(text);
  const slider = (selector) => numberOf(find(selector, among));
  return {
    key: [original, reconstruction, codeText].join(),
    address: Object.fromEntries(new URLSearchParams(window.location.search)),
    original: picture(original),
    reconstruction: picture(reconstruction),
    denoised: picture(denoised),
    latent: codeText && floats(codeText),
    epoch: slider(named("epoch")),
    way: slider(named("way")),
    quality: slider('input[type="range"][aria-label="Quality"]'),
    grey: slider('input[type="range"][aria-label^="Your grey"]'),
    lowest: document.querySelector(named("stMain"))?.textContent.includes("Lower is impossible") ?? false,
    noise: of("original")?.closest(".panel").textContent.match(/noise: off by ([\d.]+ %)/)?.[1] ?? null,
    bytes: [...document.querySelectorAll(named("stMetricValue"))].map((each) => each.textContent.trim()).find((value) => /byte/.test(value)) ?? null,
  };
}

function numberOf(slider) {
  const value = slider?.getAttribute("aria-valuenow") ?? slider?.value;
  return value === undefined || value === null || value === "" ? null : Number(value);
}

/** The path of the page that is shown, below the app's; "" is Play. */
export const here = () => window.location.pathname.slice(new URL("./", document.baseURI).pathname.length).replace(/\/$/, "");

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
  const buttons = roots().flatMap((root) => [...root.querySelectorAll("button")]);
  const button = buttons.find((each) => each.textContent.trim() === text);
  if (button && button.getAttribute("aria-pressed") !== "true" && button.getAttribute("aria-checked") !== "true") button.click();
  return Boolean(button);
}

/** Outlines around parts of the page; each call takes the last ones away. @returns {(names: string[]) => void} */
export function createMarks() {
  let marked = [];
  return (names) => {
    const wanted = names.map((name) => find(named(name))).filter(Boolean).map((each) => each.closest(".panel") ?? each);
    if (wanted.length === marked.length && wanted.every((each, i) => each === marked[i])) return;
    for (const each of marked) each.style.outline = each.style.outlineOffset = "";
    for (const each of wanted) Object.assign(each.style, { outline: "3px dashed var(--st-primary-color, #7c3aed)", outlineOffset: "3px" });
    wanted[0]?.scrollIntoView({ block: "nearest" });
    marked = wanted;
  };
}

/** Put back what a card asked to change: buttons are pressed, choices are those that they begin with. */
export function undo(names) {
  for (const name of names) {
    const part = find(named(name));
    if (part?.type === "button" && part.getAttribute("aria-disabled") !== "true") part.click();
    else if (part?.tagName === "SELECT" && part.selectedIndex) {
      part.selectedIndex = 0;
      part.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

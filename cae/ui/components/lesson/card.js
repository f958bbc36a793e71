// One card: guess, do, compare, why.

import { element } from "../shared/dom.js";

/**
 * @param {object} card
 * @param {object} options
 * @param {Element | null} options.toy what step 0 has in place of a page.
 * @param {(option: number) => void} options.onGuess
 * @param {(page: string) => void} options.onGo the visitor wants to see a page.
 */
export function createCard(card, { toy, onGuess, onGo }) {
  const options = card.options.map((text, i) => button(text, `guess-${i + 1}`, () => onGuess(i)));
  const away = element("p", { class: "away" }, button(`Show the page: ${pageTitle(card.page)}`, "lesson-go", () => onGo(card.page)));
  const task = part("Do", card.do, "lesson-task");
  const waits = element("p", { class: "waits" }, "Wait until the page is ready for it …");
  const compare = part("Compare", "", "lesson-compare");
  const why = part("Why?", card.why, "lesson-why");
  if (card.more) {
    const [page, text] = card.more;
    why.append(button(`${pageTitle(page)}: ${text}`, "lesson-more", () => onGo(page)));
  }
  const root = element(
    "div",
    { class: "card" },
    part("Guess", card.predict, "lesson-predict"),
    element("div", { class: "options", role: "group", "aria-label": "Your guess" }, ...options),
    task,
    ...(toy ? [toy] : []),
    away,
    waits,
    compare,
    why,
  );
  const words = compare.lastChild;

  /**
   * @param {object} state
   * @param {number | null} state.guess the option.
   * @param {boolean} state.open whether the task is shown.
   * @param {boolean} state.here whether the card's page is shown.
   * @param {boolean} state.waiting whether that page is not yet as the card needs it.
   * @param {string} state.compared what to compare, with its figures; "" where there is nothing yet.
   * @param {boolean} state.explained whether the reason is shown.
   */
  function update({ guess, open, here, waiting, compared, explained }) {
    options.forEach((option, i) => option.setAttribute("aria-pressed", String(i === guess)));
    task.hidden = !open;
    if (toy) toy.hidden = !open;
    away.hidden = here || !open;
    waits.hidden = !waiting || !here || !open;
    compare.hidden = !compared;
    const guessed = guess === null ? "" : `You guessed: ${card.options[guess].toLowerCase()}. `;
    if (words.textContent !== guessed + compared) words.textContent = guessed + compared;
    why.hidden = !explained;
  }
  return {
    root,
    update,
    showTask: () => task.scrollIntoView({ block: "start" }),
    showReason: () => why.scrollIntoView({ block: "nearest" }),
  };
}

const pageTitle = (page) => (page ? page[0].toUpperCase() + page.slice(1) : "Play");

function part(title, text, name) {
  return element("p", { "data-testid": name, class: name }, element("b", {}, title), " ", element("span", {}, text));
}

export function button(text, name, onclick) {
  const made = element("button", { type: "button", "data-testid": name }, text);
  made.onclick = onclick;
  return made;
}

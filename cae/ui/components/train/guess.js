// The visitor's guess of how a training will end: buttons, and where it is kept until then.

import { element } from "../shared/dom.js";
import { GUESSES } from "./words.js";

const STORED = "cae-training-guess";

/** @param {() => void} changed */
export function createGuess(changed) {
  const buttons = GUESSES.map(({ text }, i) => {
    const button = element("button", { type: "button", class: "toggle", "aria-pressed": "false", "data-testid": `train-guess-${i}` }, text);
    button.onclick = () => {
      choose(chosen === i ? null : i);
      changed();
    };
    return button;
  });
  let chosen = null;
  let kept = stored(); // of the last training that was ordered

  function choose(guess) {
    chosen = guess;
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === guess)));
  }

  return {
    root: element("div", { class: "values", role: "group", "aria-label": "Your guess" }, ...buttons),
    /** Of the training that is prepared; null: none. */
    get chosen() {
      return chosen;
    },
    /** Of the training with that ticket; null: none. */
    of: (ticket) => (kept?.ticket === ticket ? kept.guess : null),
    /** Keep it for the training that has been ordered; the next one is guessed anew. */
    keep(ticket) {
      kept = { ticket, guess: chosen };
      choose(null);
      try {
        localStorage.setItem(STORED, JSON.stringify(kept));
      } catch {
        // it lasts as long as the page
      }
    },
  };
}

/** It outlives a reload, where the browser lets it. */
function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED));
    return kept?.guess in GUESSES ? kept : null;
  } catch {
    return null;
  }
}

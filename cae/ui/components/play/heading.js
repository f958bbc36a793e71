// The head of a panel: its title, its tools, and a button that explains it.

import { element } from "../shared/dom.js";
import { clamp } from "../shared/numbers.js";

const GAP = 8; // pixels between a panel and its explanation, and around both

/**
 * @param {string} name of the panel, of letters and hyphens.
 * @param {[string, string, string?]} help title and text of the explanation, and the lines of Keras that do it.
 */
export function heading(name, title, help, ...tools) {
  const button = element(
    "button",
    { type: "button", class: "help", "aria-label": `What is “${title}”?`, popovertarget: `help-${name}` },
    "?",
  );
  const popover = element(
    "div",
    { popover: "auto", id: `help-${name}`, class: "popover" },
    element("strong", {}, help[0]),
    element("p", {}, help[1]),
    ...(help[2] ? [element("p", { class: "keras" }, "In Keras, to be run as it is:"), element("pre", { tabindex: "0" }, element("code", {}, help[2]))] : []),
  );
  popover.addEventListener("toggle", ({ newState }) => newState === "open" && place(popover, button.closest(".panel") ?? button));
  return element("header", {}, element("h2", {}, title), ...tools, button, popover);
}

/** Put an explanation beside the panel that it explains: where there is room, or else where it covers least of it. */
function place(popover, panel) {
  const { width, height } = popover.getBoundingClientRect();
  const box = panel.getBoundingClientRect();
  const [right, bottom] = [document.documentElement.clientWidth - GAP, document.documentElement.clientHeight - GAP];
  let left = box.right + GAP;
  let top = box.top;
  if (left + width > right && box.left - GAP - width >= GAP) left = box.left - GAP - width;
  else if (left + width > right) {
    left = box.left;
    top = box.bottom + GAP + height > bottom && box.top > bottom - box.bottom ? box.top - GAP - height : box.bottom + GAP;
  }
  popover.style.left = `${clamp(left, GAP, Math.max(GAP, right - width))}px`;
  popover.style.top = `${clamp(top, GAP, Math.max(GAP, bottom - height))}px`;
}

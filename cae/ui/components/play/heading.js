// The head of a panel: its title, its tools, and a button that explains it.

import { element } from "../shared/dom.js";
import { openBeside } from "./popover.js";

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
  openBeside(popover, () => button.closest(".panel") ?? button);
  return element("header", {}, element("h2", {}, title), ...tools, button, popover);
}

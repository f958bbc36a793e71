// On a phone one large panel shows what the visitor chooses.

import { element } from "../shared/dom.js";

const TABS = { code: "Code", "error-map": "Error", denoised: "Denoised", curves: "Learning" };

/** The tabs; the name of the chosen one is in the root's `data-tab`. */
export function createTabs(root) {
  const tabs = element("div", { class: "tabs", role: "group", "aria-label": "The large panel" });
  for (const [name, title] of Object.entries(TABS)) {
    const tab = element("button", { type: "button", class: "tab" }, title);
    tab.onclick = () => {
      root.dataset.tab = name;
      for (const each of tabs.children) each.setAttribute("aria-pressed", String(each === tab));
    };
    tabs.append(tab);
  }
  tabs.firstChild.click();
  return tabs;
}

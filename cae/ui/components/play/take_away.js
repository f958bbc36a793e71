// What a visitor takes along: a link to what is on the page, and all pictures in one.

import { addressWith } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { save } from "./picture_panel.js";
import { openBeside } from "./popover.js";

const SIDE = 196; // pixels of each picture in the sheet: 28 and 7 go into it
const GAP = 14;
const TITLE = 24;

/**
 * @param {{title: string, canvas: HTMLCanvasElement}[]} pictures in their order.
 * @param {(text: string) => void} report is told what has been done.
 * @param {string} [teachers] the address of the page for teachers.
 */
export function takeAway(pictures, report, teachers) {
  const menu = element("div", { popover: "auto", id: "take-away", class: "popover" }, element("strong", {}, "Take it along"));
  const entry = (name, title, text, act) => {
    const button = element("button", { type: "button", class: "toggle", "data-testid": name }, title);
    button.onclick = () => {
      act();
      menu.hidePopover();
    };
    menu.append(element("p", {}, button, ` ${text}`));
  };
  const copy = async (text, said) => {
    try {
      await navigator.clipboard.writeText(text);
      report(said);
    } catch {
      report("The browser does not let pages copy: take the link from the address bar.");
    }
  };
  entry("copy-link", "Copy link", "to this picture, with model, noise and edits", () =>
    copy(window.location.href, "The link is copied: it carries the picture."),
  );
  entry("copy-embed", "Copy frame", "for a slide or a course page", () =>
    copy(
      `<iframe src="${addressWith({ embed: "true", show: "pen,code,again" })}" width="800" height="450"></iframe>`,
      "The frame's code is copied.",
    ),
  );
  entry("projector", "Show on a wall", "large and light, in a new window", () =>
    window.open(addressWith({ view: "projector", embed: "true", embed_options: "light_theme" }), "_blank", "noopener"),
  );
  entry("save-all", "Save pictures", "all of them in one PNG", () => sheet(pictures).toBlob((blob) => save(blob, "49-numbers.png")));
  if (teachers) entry("teachers", "For teachers", "plans, a worksheet, and how to run a class", () => window.open(teachers, "_blank", "noopener"));
  entry("print", "Print", "one page with the panels whole", () => setTimeout(() => window.print()));
  const open = element("button", { type: "button", class: "toggle", popovertarget: "take-away", "data-testid": "link" }, "Link");
  openBeside(menu, () => open);
  return element("div", { class: "take-away" }, ...(window.self === window.top ? [] : [openInFull()]), open, menu);
}

/** In a frame of another page a browser may forbid uploads, and there is little room: the way out of it. */
function openInFull() {
  const open = element("a", { class: "toggle", target: "_blank", rel: "noopener", "data-testid": "open-in-full" }, "Open in full");
  open.title = "In a new window, where uploads work, too";
  open.onpointerdown = open.onfocus = () => {
    open.href = addressWith({ embed: null, embed_options: null, show: null, view: null });
  };
  open.onfocus();
  return open;
}

/** All pictures side by side, each under its title. */
function sheet(pictures) {
  const canvas = element("canvas", { width: pictures.length * (SIDE + GAP) + GAP, height: SIDE + TITLE + 2 * GAP });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#111";
  context.font = "600 16px sans-serif";
  context.imageSmoothingEnabled = false;
  pictures.forEach(({ title, canvas: picture }, i) => {
    const x = GAP + i * (SIDE + GAP);
    context.fillText(title, x, GAP + 12);
    context.drawImage(picture, x, GAP + TITLE, SIDE, SIDE);
  });
  return canvas;
}

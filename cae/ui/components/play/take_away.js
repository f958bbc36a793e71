// What a visitor takes along: a link to what is on the page, and all pictures in one.

import { element } from "../shared/dom.js";
import { save } from "./picture_panel.js";

const SIDE = 196; // pixels of each picture in the sheet: 28 and 7 go into it
const GAP = 14;
const TITLE = 24;

/**
 * @param {{title: string, canvas: HTMLCanvasElement}[]} pictures in their order.
 * @param {(text: string) => void} report is told what has been done.
 */
export function takeAway(pictures, report) {
  const link = element("button", { type: "button", class: "toggle", "data-testid": "copy-link" }, "Copy link");
  link.title = "A link to this very picture, with model, noise and edits";
  link.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      report("The link is copied: it carries the picture.");
    } catch {
      report("The browser does not let pages copy: take the link from the address bar.");
    }
  };
  const all = element("button", { type: "button", class: "toggle", "data-testid": "save-all" }, "Save all");
  all.title = "All pictures in one PNG";
  all.onclick = () => sheet(pictures).toBlob((blob) => save(blob, "49-numbers.png"));
  return element("div", { class: "take-away" }, ...(window.self === window.top ? [] : [openInFull()]), link, all);
}

/** In a frame of another page a browser may forbid uploads, and there is little room: the way out of it. */
function openInFull() {
  const open = element("a", { class: "toggle", target: "_blank", rel: "noopener", "data-testid": "open-in-full" }, "Open in full");
  open.title = "In a new window, where uploads work, too";
  open.onpointerdown = open.onfocus = () => {
    const url = new URL(window.location.href);
    for (const name of ["embed", "embed_options", "show", "view"]) url.searchParams.delete(name);
    open.href = url.href;
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

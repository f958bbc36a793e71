// Pictures in groups. Built anew whenever they change: they are few, and nothing in them is typed into or dragged.

import { element } from "../shared/dom.js";

/** Put into `host` the groups of pictures, as `picture_grid` in Python describes them. */
export function showGrid(host, { groups, captionsLeft, width, smooth, hideAfter, scale }) {
  const grid = element("div", { class: "groups" }, ...groups.map((each) => group(each, captionsLeft)));
  grid.style.setProperty("--group", width ? `${width}px` : "100%");
  if (smooth) grid.classList.add("smooth");
  if (hideAfter) grid.classList.add(`first-${hideAfter}`);
  host.replaceChildren(grid);
  if (scale) {
    const bar = element("i");
    bar.style.background = `linear-gradient(90deg, ${scale.colours})`;
    host.append(element("p", { class: "scale" }, scale.low, bar, scale.high));
  }
}

function group({ title, columns, rows }, captionsLeft) {
  const box = element("section", { class: captionsLeft ? "group beside" : "group" });
  const count = Math.max(columns.length, ...rows.map((row) => row.pictures.length));
  box.style.setProperty("--columns", count);
  box.style.setProperty("--label", `${Math.max(...rows.map((row) => row.caption.length)) + 1}ch`);
  if (title) box.append(element("p", { class: "title" }, title));
  if (columns.length) {
    const labels = columns.map(({ label, colour }) => {
      const heading = element("span", {}, label);
      if (colour) heading.style.setProperty("--stage", colour);
      return heading;
    });
    box.append(element("div", { class: "headings" }, ...labels));
  }
  for (const row of rows) {
    const images = row.pictures.map(({ src, alt }) => element("img", { src, alt, title: alt }));
    const pictures = element("div", { class: "pictures" }, ...images);
    const caption = row.caption ? [element("figcaption", {}, row.caption)] : [];
    box.append(element("figure", {}, ...(captionsLeft ? [...caption, pictures] : [pictures, ...caption])));
  }
  return box;
}

// Builds the pictures anew whenever they change: they are few, and nothing in them is typed into or dragged.

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function picture({ src, alt }) {
  const image = element("img");
  Object.assign(image, { src, alt, title: alt });
  return image;
}

function group({ title, columns, rows }, captionsLeft) {
  const box = element("section", captionsLeft ? "group beside" : "group");
  const count = Math.max(columns.length, ...rows.map((row) => row.pictures.length));
  box.style.setProperty("--columns", count);
  box.style.setProperty("--label", `${Math.max(...rows.map((row) => row.caption.length)) + 1}ch`);
  if (title) box.append(element("p", "title", title));
  if (columns.length) {
    const labels = columns.map(({ label, colour }) => {
      const heading = element("span", "", label);
      if (colour) heading.style.setProperty("--stage", colour);
      return heading;
    });
    box.append(element("div", "headings", ...labels));
  }
  for (const row of rows) {
    const pictures = element("div", "pictures", ...row.pictures.map(picture));
    const caption = row.caption ? [element("figcaption", "", row.caption)] : [];
    box.append(element("figure", "", ...(captionsLeft ? [...caption, pictures] : [pictures, ...caption])));
  }
  return box;
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".grid");
  const groups = element("div", "groups", ...data.groups.map((each) => group(each, data.captionsLeft)));
  groups.style.setProperty("--group", data.width ? `${data.width}px` : "100%");
  if (data.smooth) groups.classList.add("smooth");
  if (data.hideAfter) groups.classList.add(`first-${data.hideAfter}`);
  host.replaceChildren(groups);
  if (data.scale) {
    const bar = element("i");
    bar.style.background = `linear-gradient(90deg, ${data.scale.colours})`;
    host.append(element("p", "scale", data.scale.low, bar, data.scale.high));
  }
}

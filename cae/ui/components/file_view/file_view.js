// Bytes and legend light up together: whichever the pointer is on.

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function count(number, unit) {
  return `${number.toLocaleString("en-US")} ${unit}${number === 1 ? "" : "s"}`;
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".file");
  const hex = element("div", "hex");
  hex.setAttribute("role", "group");
  hex.setAttribute("aria-label", `The file's ${count(data.total, "byte")} in hexadecimal`);
  const legend = element("dl", "legend");

  data.parts.forEach((part, index) => {
    const cells = part.bytes.map((byte) => element("span", `byte ${part.kind}`, byte));
    if (part.more) cells.push(element("span", "byte more", `… ${count(part.more, "more byte")}`));
    cells[0]?.classList.add("first");
    cells.at(-1)?.classList.add("last");
    hex.append(...cells);
    const row = element(
      "div", "part",
      element("dt", "", part.name),
      element("dd", "meaning", part.meaning),
      element("dd", "size", count(part.size, "byte")),
    );
    legend.append(row);
    for (const node of [...cells, row]) {
      node.dataset.part = index;
      node.style.setProperty("--colour", part.colour);
    }
    for (const cell of cells) cell.title = `${part.name}: ${part.meaning}`;
  });

  host.onpointerover = ({ target }) => {
    const chosen = target.closest("[data-part]")?.dataset.part;
    for (const node of host.querySelectorAll("[data-part]")) node.classList.toggle("lit", node.dataset.part === chosen);
  };
  host.onpointerleave = () => host.querySelectorAll(".lit").forEach((node) => node.classList.remove("lit"));
  host.replaceChildren(hex, legend);
}

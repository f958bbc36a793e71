// The bytes of a file beside what they mean. Both light up together: whichever the pointer is on.

import { element } from "../shared/dom.js";
import { count } from "../shared/numbers.js";

/** Put into `host` the parts of a file, as `file_view` in Python describes them. */
export function showFile(host, { parts, total }) {
  const hex = element("div", {
    class: "hex",
    role: "group",
    "aria-label": `The file's ${count(total, "byte")} in hexadecimal`,
  });
  const legend = element("dl", { class: "legend" });

  parts.forEach((part, index) => {
    const cells = part.bytes.map((byte) => element("span", { class: `byte ${part.kind}` }, byte));
    if (part.more) cells.push(element("span", { class: "byte more" }, `… ${count(part.more, "more byte")}`));
    cells[0]?.classList.add("first");
    cells.at(-1)?.classList.add("last");
    hex.append(...cells);
    const row = element(
      "div",
      { class: "part" },
      element("dt", {}, part.name),
      element("dd", { class: "meaning" }, part.meaning),
      element("dd", { class: "size" }, count(part.size, "byte")),
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

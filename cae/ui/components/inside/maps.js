// All feature maps of a layer, of which one is chosen.

import { element } from "../shared/dom.js";
import { clamp } from "../shared/numbers.js";
import { paintMap, rangeText } from "./pictures.js";

/** Pixels that a map is wide, by the number of maps; and up to how many the range stands below each. */
const WIDTHS = [[1, 240], [2, 150], [4, 130], [8, 104], [16, 84], [32, 60], [64, 44], [Infinity, 30]];
const CAPTIONED = 16;

/** @param {(channel: number) => void} onChoose */
export function createMaps({ colours, onChoose }) {
  const root = element("div", { class: "maps", role: "listbox", "aria-label": "Feature maps" });
  let options = [];

  function rebuild({ height, width, channels }) {
    options = Array.from({ length: channels }, (_, channel) => {
      const option = element("div", { role: "option", "data-testid": `map-${channel + 1}` }, element("canvas", { width, height }));
      if (channels <= CAPTIONED) option.append(element("span"));
      option.onclick = () => choose(channel);
      option.onkeydown = (event) => key(event, channel);
      return option;
    });
    root.style.setProperty("--tile", `${WIDTHS.find(([most]) => channels <= most)[1]}px`);
    root.replaceChildren(...options);
  }

  function choose(channel) {
    options[channel].focus();
    onChoose(channel);
  }

  function key(event, channel) {
    const columns = options.filter((option) => option.offsetTop === options[0].offsetTop).length;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const to = channel + by;
    if (Number.isFinite(by) && !options[to]) return;
    choose(clamp(to, 0, options.length - 1));
  }

  return {
    root,
    /** Show the maps of a layer. @param {Set<number>} off the silenced ones. */
    show(output, ranges, off) {
      if (options.length !== output.channels || options[0].firstChild.width !== output.width) rebuild(output);
      options.forEach((option, channel) => {
        paintMap(option.firstChild, output, channel, ranges[channel], colours);
        const text = off.has(channel) ? "silenced" : rangeText(ranges[channel]);
        option.title = `Channel ${channel + 1}: ${text}`;
        option.setAttribute("aria-label", option.title);
        option.classList.toggle("off", off.has(channel));
        if (options.length <= CAPTIONED) option.lastChild.textContent = text.replace(" everywhere", "");
      });
    },
    mark(chosen) {
      options.forEach((option, channel) => {
        option.setAttribute("aria-selected", String(channel === chosen));
        option.tabIndex = channel === chosen ? 0 : -1;
      });
    },
  };
}

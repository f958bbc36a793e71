// What each channel of the layer before adds to a sum, as bars; a slider over them chooses one.

import { element } from "../shared/dom.js";
import { clamp, decimals } from "../shared/numbers.js";

const LEAP = 8; // channels, by Page up and down
const WIDEST = 28; // pixels of a bar

/** @param {(channel: number) => void} onChoose */
export function createBars({ onChoose }) {
  const plot = element("div", {
    class: "bars", role: "slider", tabindex: "0", "aria-label": "Channel of the layer before", "aria-valuemin": "1", "data-testid": "bars",
  });
  let [count, chosen] = [1, 0];

  const go = (channel) => {
    const to = clamp(channel, 0, count - 1);
    if (to !== chosen) onChoose(to);
  };
  const follow = (event) => {
    const box = plot.getBoundingClientRect();
    go(Math.floor(((event.clientX - box.left) / box.width) * count));
  };
  plot.onpointerdown = (event) => {
    plot.setPointerCapture(event.pointerId);
    follow(event);
  };
  plot.onpointermove = (event) => plot.hasPointerCapture(event.pointerId) && follow(event);
  plot.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: LEAP, PageDown: -LEAP, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    go(chosen + by);
  };

  return {
    plot,
    /** Show the sums of the channels, one of them chosen. @param {number[]} partial */
    show(partial, channel) {
      [count, chosen] = [partial.length, channel];
      plot.hidden = count === 1;
      plot.style.maxWidth = `${count * WIDEST}px`;
      const largest = Math.max(...partial.map(Math.abs)) || 1;
      const bars = partial.map((sum, i) => {
        const height = Math.abs(sum) / largest;
        return `<rect class="${sum < 0 ? "less" : "more"}" x="${i + 0.1}" width="0.8" y="${1 - (sum > 0 ? height : 0)}" height="${height}"/>`;
      });
      const here = `<rect class="here" x="${chosen}" width="1" y="0" height="2"/>`;
      plot.innerHTML = `<svg viewBox="0 0 ${count} 2" preserveAspectRatio="none" aria-hidden="true">${here}${bars.join("")}<path d="M0 1H${count}"/></svg>`;
      plot.setAttribute("aria-valuemax", String(count));
      plot.setAttribute("aria-valuenow", String(chosen + 1));
      plot.setAttribute("aria-valuetext", `channel ${chosen + 1} of ${count} adds ${decimals(partial[chosen], 4)}`);
    },
  };
}

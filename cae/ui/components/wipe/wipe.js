// Two pictures in one frame. The line between them follows mouse, finger and pen; the keyboard moves the range input
// that lies over the frame.

import { clamp } from "../shared/numbers.js";

const QUIET = 450; // ms without a change until Python is told that nothing changes any more
const TALLEST = 420; // px, and of photographs:
const TALLEST_SMOOTH = 640;

/** Make the elements in `root` a wipe. */
export function createWipe(root) {
  const frame = root.querySelector(".frame");
  const range = root.querySelector("input");
  const [before, after] = root.querySelectorAll("img");
  const [left, right] = frame.querySelectorAll(".label");
  let timer;

  /**
   * Show the pictures that `wipe` in Python describes.
   *
   * @param {(asked: string) => void} rested is told once nothing has changed for a moment.
   * @returns {() => void} to be called when the wipe goes.
   */
  function update(data, rested) {
    show(before, data.before);
    if (data.after) show(after, data.after);
    root.classList.toggle("alone", !data.after);
    root.classList.toggle("smooth", data.smooth);
    range.disabled = !data.after;
    frame.style.aspectRatio = `${data.width} / ${data.height}`;
    frame.style.maxWidth = `${((data.smooth ? TALLEST_SMOOTH : TALLEST) * data.width) / data.height}px`;
    frame.style.setProperty("--stage", data.colour);
    place();
    clearTimeout(timer);
    if (data.ask) timer = setTimeout(() => rested(data.ask), QUIET);
    return () => clearTimeout(timer);
  }

  function place() {
    const at = +range.value;
    frame.style.setProperty("--at", `${at}%`);
    range.setAttribute("aria-valuetext", `${at} % before, ${100 - at} % after`);
    left.style.opacity = at < 18 ? 0 : 1;
    right.style.opacity = at > 84 ? 0 : 1;
  }

  function follow(event) {
    const box = frame.getBoundingClientRect();
    range.value = Math.round(100 * clamp((event.clientX - box.left) / box.width, 0, 1));
    place();
  }

  range.oninput = place;
  frame.onpointerdown = (event) => {
    if (event.button || range.disabled) return;
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    range.focus({ preventScroll: true, focusVisible: false });
    follow(event);
  };
  frame.onpointermove = (event) => {
    if (frame.hasPointerCapture(event.pointerId)) follow(event);
  };
  return { update };
}

function show(image, { src, alt }) {
  if (image.getAttribute("src") !== src) image.src = src;
  image.alt = alt;
}

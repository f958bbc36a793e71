// Where what pops up opens: beside its object, not over it.

import { clamp } from "../shared/numbers.js";

const GAP = 8; // pixels between both, and around them

/** Have a popover open beside an element: where there is room, or else where it covers least of it. */
export function openBeside(popover, elementOf) {
  popover.addEventListener("toggle", ({ newState }) => newState === "open" && place(popover, elementOf()));
}

function place(popover, element) {
  const { width, height } = popover.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  const [right, bottom] = [document.documentElement.clientWidth - GAP, document.documentElement.clientHeight - GAP];
  let left = box.right + GAP;
  let top = box.top;
  if (left + width > right && box.left - GAP - width >= GAP) left = box.left - GAP - width;
  else if (left + width > right) {
    left = box.left;
    top = box.bottom + GAP + height > bottom && box.top > bottom - box.bottom ? box.top - GAP - height : box.bottom + GAP;
  }
  popover.style.left = `${clamp(left, GAP, Math.max(GAP, right - width))}px`;
  popover.style.top = `${clamp(top, GAP, Math.max(GAP, bottom - height))}px`;
}

// The line follows mouse, finger and pen; the keyboard moves the range input that lies over the frame.

const QUIET = 450; // ms without a change until Python is told that nothing changes any more
const TALLEST = 420; // px, and of photographs:
const TALLEST_SMOOTH = 640;
const waiting = new WeakMap(); // parentElement → timer

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".wipe");
  const frame = root.querySelector(".frame");
  const range = root.querySelector("input");
  const [before, after] = root.querySelectorAll("img");

  show(before, data.before);
  if (data.after) show(after, data.after);
  root.classList.toggle("alone", !data.after);
  root.classList.toggle("smooth", data.smooth);
  range.disabled = !data.after;
  frame.style.aspectRatio = `${data.width} / ${data.height}`;
  frame.style.maxWidth = `${((data.smooth ? TALLEST_SMOOTH : TALLEST) * data.width) / data.height}px`;
  frame.style.setProperty("--stage", data.colour);

  function move(share) {
    range.value = Math.round(100 * Math.min(Math.max(share, 0), 1));
    place();
  }
  function place() {
    const at = +range.value;
    frame.style.setProperty("--at", `${at}%`);
    range.setAttribute("aria-valuetext", `${at} % before, ${100 - at} % after`);
    frame.querySelector(".left").style.opacity = at < 18 ? 0 : 1;
    frame.querySelector(".right").style.opacity = at > 84 ? 0 : 1;
  }
  place();
  range.oninput = place;

  const follow = (event) => {
    const box = frame.getBoundingClientRect();
    move((event.clientX - box.left) / box.width);
  };
  frame.onpointerdown = (event) => {
    if (event.button || !data.after) return;
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    range.focus({ preventScroll: true, focusVisible: false });
    follow(event);
  };
  frame.onpointermove = (event) => {
    if (frame.hasPointerCapture(event.pointerId)) follow(event);
  };

  clearTimeout(waiting.get(parentElement));
  if (data.ask) waiting.set(parentElement, setTimeout(() => setStateValue("rested", data.ask), QUIET));
  return () => clearTimeout(waiting.get(parentElement));
}

function show(image, { src, alt }) {
  if (image.getAttribute("src") !== src) image.src = src;
  image.alt = alt;
}

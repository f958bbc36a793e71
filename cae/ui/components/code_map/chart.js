// The chart of a map: the codes with their marks, where no code is near, what is pointed at, and the visitor's own.

import { element } from "../shared/dom.js";
import { clamp } from "../shared/numbers.js";
import { FAR } from "./layout.js";
import { drawMark } from "./marks.js";

const GROUND = { near: "#1b1f2a", far: "#0b0d12", hatch: "#262c3b", text: "#ffffff", halo: "#0b0d12" };
const HATCH = 9; // pixels between two lines
const FONT = "600 14px system-ui, sans-serif";
const ARROWS = { ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowDown: [0, 1], ArrowLeft: [-1, 0] };
const [STEP, LEAP] = [0.01, 0.05];

/**
 * @param {{onMove: (place: number[], byKey: boolean) => void, onTake: () => void, onHome: () => void}} on what happens
 *   when another place is pointed at, when its code is to be taken to Play, and when the way back is wanted.
 */
export function createChart({ onMove, onTake, onHome }) {
  const [ground, overlay] = [0, 1].map(() => element("canvas", { "aria-hidden": "true" }));
  const frame = element("div", { class: "frame", role: "application", tabindex: "0", "aria-roledescription": "map", "data-testid": "code-map" }, ground, overlay);
  let shown = null; // {map, layout, own: place | null, friends: indices}
  let pointed = null; // {place, near: indices}
  let side = 0;
  let touched = false;

  const follow = (event) => {
    const box = frame.getBoundingClientRect();
    const inside = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    onMove(inside.map((value) => clamp(value, 0, 1)), false);
  };
  frame.onpointerdown = (event) => {
    touched = event.pointerType !== "mouse";
    follow(event);
  };
  frame.onpointermove = follow;
  frame.onclick = () => touched || onTake(); // whoever has no mouse looks first, and takes by the button
  frame.onkeydown = (event) => {
    if (event.key === "Enter") onTake();
    else if (event.key === "Home") onHome();
    else if (event.key in ARROWS && pointed) {
      const step = event.shiftKey ? LEAP : STEP;
      onMove(ARROWS[event.key].map((way, axis) => clamp(pointed.place[axis] + way * step, 0, 1)), true);
    } else return;
    event.preventDefault();
  };

  new ResizeObserver(() => {
    const ratio = window.devicePixelRatio || 1;
    side = frame.clientWidth;
    for (const canvas of [ground, overlay]) {
      Object.assign(canvas, { width: side * ratio, height: side * ratio });
      canvas.getContext("2d").scale(ratio, ratio);
    }
    drawGround();
    drawOverlay();
  }).observe(frame);

  const at = (place) => place.map((value) => value * side);

  function drawGround() {
    if (!shown || !side) return;
    const context = ground.getContext("2d");
    const { map, layout } = shown;
    context.fillStyle = GROUND.far;
    context.fillRect(0, 0, side, side);
    context.strokeStyle = GROUND.hatch;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let start = -side; start < side; start += HATCH) {
      context.moveTo(start, side);
      context.lineTo(start + side, 0);
    }
    context.stroke();
    context.fillStyle = GROUND.near;
    for (const [x, y] of layout.points.map(at)) {
      context.beginPath();
      context.arc(x, y, FAR * side, 0, 2 * Math.PI);
      context.fill();
    }
    const radius = clamp(side / 190, 2, 3.5);
    layout.points.forEach((point, i) => drawMark(context, map.labels[i], ...at(point), radius));
    drawNames(context, map, layout);
  }

  /** The classes' names at their centres, moved down where one would cover another. */
  function drawNames(context, map, layout) {
    context.font = FONT;
    const names = map.centres(layout).flatMap((centre, label) => {
      if (!centre) return [];
      const half = context.measureText(map.classes[label]).width / 2 + 3;
      const [x, y] = at(centre);
      return [{ text: map.classes[label], x: clamp(x, half, side - half), y, half }];
    });
    names.sort((a, b) => a.y - b.y);
    names.forEach((name, i) => {
      for (const other of names.slice(0, i)) {
        if (Math.abs(name.x - other.x) < name.half + other.half && name.y < other.y + 18) name.y = other.y + 18;
      }
    });
    for (const { text, x, y } of names) write(context, text, x, y);
  }

  function write(context, text, x, y) {
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 5;
    context.strokeStyle = GROUND.halo;
    context.strokeText(text, x, y);
    context.fillStyle = GROUND.text;
    context.fillText(text, x, y);
  }

  function drawOverlay() {
    const context = overlay.getContext("2d");
    context.clearRect(0, 0, side, side);
    if (!shown || !side) return;
    const { layout, own, friends } = shown;
    context.strokeStyle = GROUND.text;
    if (own) {
      star(context, at(own), friends.map((index) => at(layout.points[index])), [2, 3]);
      ring(context, at(own), 8, 3);
      write(context, "Yours", at(own)[0], at(own)[1] + (own[1] < 0.9 ? 20 : -20));
    }
    context.strokeStyle = GROUND.text;
    if (pointed) {
      star(context, at(pointed.place), pointed.near.map((index) => at(layout.points[index])), []);
      const [x, y] = at(pointed.place);
      context.lineWidth = 2;
      context.beginPath();
      for (const [dx, dy] of Object.values(ARROWS)) {
        context.moveTo(x + 4 * dx, y + 4 * dy);
        context.lineTo(x + 12 * dx, y + 12 * dy);
      }
      context.stroke();
    }
  }

  /** Lines from a place to others, and rings around those. */
  function star(context, [x, y], others, dash) {
    context.setLineDash(dash);
    context.lineWidth = 1;
    context.beginPath();
    for (const other of others) {
      context.moveTo(x, y);
      context.lineTo(...other);
    }
    context.stroke();
    context.setLineDash([]);
    for (const other of others) ring(context, other, 5, 1);
  }

  function ring(context, [x, y], radius, width) {
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }

  return {
    frame,
    /** Draw a layout of the map, and the place of the visitor's own code with its neighbours, if there is one. */
    show(map, layout, own, friends) {
      shown = { map, layout, own, friends };
      drawGround();
      drawOverlay();
    },
    /** Mark the place that is pointed at, and the codes that its code is mixed from. */
    point(place, near) {
      pointed = { place, near };
      drawOverlay();
    },
  };
}

// The drawing pad: it takes ink from mouse, finger, pen and keyboard, shows it, and says what is on it.

import { clamp } from "../shared/numbers.js";
import { Drawing } from "./drawing.js";
import { inkStrokes } from "./ink.js";

const SEND_EVERY = 80; // ms between updates while the pen moves
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Make the empty element `root` a pad.
 *
 * @param {{pictureSide: number, drawing: object, pad: string}} constants the side of the picture that the network sees, the
 *   limits of a drawing, and the pad's elements.
 * @param {(strokes: object[]) => boolean} follow is given the strokes while the pen moves; where it says that it follows,
 *   Python is told only when the pen goes up.
 */
export function createPad(root, { pictureSide, drawing: limits, pad }, follow = () => false) {
  root.innerHTML = pad;
  const find = (id) => root.querySelector(`[data-testid="${id}"]`);
  const canvas = find("drawing-pad");
  const [brushInput, eraserButton, undoButton, clearButton] =
    ["pad-brush", "pad-eraser", "pad-undo", "pad-clear"].map(find);
  const ring = root.querySelector(".ring");
  const status = root.querySelector("[role=status]");
  const fullNotice = root.querySelector(".full");
  const finished = document.createElement("canvas"); // the ink of all strokes before the one being drawn
  const observer = new ResizeObserver(() => paint(true));

  const step = 1 / pictureSide; // of the keyboard's cursor
  const fineStep = step / 4;

  let drawing = new Drawing([], limits);
  let version; // of the strokes taken over from Python last
  let gesture = null; // between pen down and pen up: { pointerId }, undefined for the keyboard; its stroke is the last
  let brush; // what Python asked for last
  let width; // of the brush now
  let erasing = false;
  let cursor = { x: 0.5, y: 0.5 }; // of the keyboard
  let send = () => {};
  let unsent = false;
  let sentAt = -Infinity;
  let sendTimer, ringTimer;
  let frame = 0;
  let calls = 0;

  root.style.setProperty("--side", pictureSide);

  // ---- Python

  /**
   * Take over from Python what has changed.
   *
   * @param {{strokes: object[], version: number, brush: number}} data
   * @param {(drawing: {strokes: object[], version: number, time: number}) => void} newSend
   * @returns {() => void} to be called when the pad goes.
   */
  function update(data, newSend) {
    const call = ++calls;
    send = newSend;
    if (data.brush !== brush) {
      brush = data.brush;
      width = clamp(brush, +brushInput.min, +brushInput.max);
      brushInput.value = width;
      describeBrush();
    }
    if (data.version !== version) takeOver(data);
    observer.observe(canvas);
    window.addEventListener("resize", onResize); // also a change of zoom
    paint(true);
    if (unsent) report();
    return () => {
      if (call !== calls) return; // a newer call owns the pad
      observer.disconnect();
      window.removeEventListener("resize", onResize);
      clearTimeout(sendTimer);
      sendTimer = undefined;
    };
  }

  function takeOver(data) {
    if (gesture) return keepOwn(data);
    if (version === undefined) drawing = new Drawing(data.strokes, limits);
    else if (drawing.replace(data.strokes)) say(drawing.isEmpty ? "Cleared." : "Drawing loaded.");
    version = data.version;
    unsent = false;
    clearTimeout(sendTimer);
    sendTimer = undefined;
    refresh();
  }

  /** While the pen is down, what is on the pad stays, and Python hears of it: no answer comes between a hand and its stroke. */
  function keepOwn(data) {
    version = data.version;
    unsent = true;
  }

  // Tell Python: at once when the pen goes up, before that every SEND_EVERY ms. Not when it goes down: a short stroke
  // would then wait until the answer to its first dot has passed.
  function report(now = false) {
    unsent = true;
    if (!now && gesture && follow(drawing.rounded())) return;
    const interval = Math.max(SEND_EVERY, drawing.pointCount / 20); // a huge drawing is sent less often
    const wait = now ? 0 : sentAt + interval - performance.now();
    if (wait > 0) {
      sendTimer ??= setTimeout(() => report(true), wait);
      return;
    }
    clearTimeout(sendTimer);
    sendTimer = undefined;
    unsent = false;
    sentAt = performance.now();
    send({ strokes: drawing.rounded(), version, time: Date.now() });
  }

  // ---- Drawing

  function penDown(x, y, erase, pointerId) {
    penUp();
    if (!drawing.begin(x, y, width, erase)) {
      showFull();
      return;
    }
    gesture = { pointerId };
    refresh(false);
    sentAt = performance.now();
    report();
  }

  function penTo(x, y) {
    if (!drawing.extend(x, y)) showFull();
  }

  function penUp() {
    if (!gesture) return;
    gesture = null;
    drawing.finish();
    refresh();
    report(true);
  }

  function showFull() {
    if (!fullNotice.hidden) return;
    fullNotice.hidden = false;
    say("The pad is full: undo or clear.");
  }

  function undo() {
    penUp();
    if (drawing.undo()) changed("Undone.");
  }

  function clear() {
    penUp();
    if (drawing.clear()) changed("Cleared.");
  }

  function changed(message) {
    refresh();
    say(message);
    report(true);
  }

  function setErasing(on) {
    erasing = on;
    root.classList.toggle("erasing", on);
    eraserButton.setAttribute("aria-pressed", String(on));
    say(on ? "Eraser." : "Pen.");
  }

  // ---- Painting

  // Brings the whole pad up to date; without `all`, only the stroke being drawn has changed.
  function refresh(all = true) {
    root.classList.toggle("inked", !drawing.isEmpty);
    undoButton.setAttribute("aria-disabled", String(!drawing.canUndo));
    clearButton.setAttribute("aria-disabled", String(drawing.isEmpty));
    if (all) fullNotice.hidden = true;
    paint(all);
  }

  function paint(all = false) {
    const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    if (!side) return;
    if (canvas.width !== side || canvas.height !== side) {
      canvas.width = canvas.height = finished.width = finished.height = side;
      all = true;
    }
    const { strokes } = drawing;
    const done = strokes.length - (gesture ? 1 : 0);
    if (all) inkStrokes(finished, strokes.slice(0, done), true);
    const context = canvas.getContext("2d");
    context.drawImage(finished, 0, 0);
    inkStrokes(canvas, strokes.slice(done));
  }

  function paintSoon() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  }

  function showRing(x, y, { keyboard = false } = {}) {
    const side = canvas.clientWidth;
    const diameter = width * side;
    ring.style.width = ring.style.height = `${diameter}px`;
    ring.style.transform = `translate(${x * side - diameter / 2}px, ${y * side - diameter / 2}px)`;
    ring.className = "ring shown" + (keyboard ? " keyboard" : "") + (keyboard && gesture ? " down" : "");
  }

  function hideRing() {
    ring.className = "ring";
  }

  function say(message) {
    status.textContent = status.textContent === message ? `${message}\u00a0` : message; // so that it is read out again
  }

  function describeBrush() {
    const filled = (width - brushInput.min) / (brushInput.max - brushInput.min);
    brushInput.style.setProperty("--filled", `calc(9px + ${filled} * (100% - 18px))`); // up to the middle of the thumb
    brushInput.setAttribute("aria-valuetext", `${(100 * width).toFixed(1).replace(".0", "")} % of the pad`);
  }

  // ---- Pointers: mouse, finger, pen

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function moveRing(event) {
    if (event.pointerType === "touch") hideRing();
    else showRing(...place(event));
  }

  canvas.onpointerdown = (event) => {
    const eraserEnd = event.button === 5; // the other end of a pen
    if ((event.button !== 0 && !eraserEnd) || (gesture && gesture.pointerId !== undefined)) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    penDown(...place(event), erasing || eraserEnd, event.pointerId);
    moveRing(event);
  };
  canvas.onpointermove = (event) => {
    if (gesture?.pointerId === event.pointerId) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) penTo(...place(each));
      paintSoon();
      report();
    }
    if (!gesture || gesture.pointerId === event.pointerId) moveRing(event);
  };
  canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = (event) => {
    if (gesture && gesture.pointerId === event.pointerId) penUp();
  };
  canvas.onpointerleave = () => {
    if (gesture?.pointerId === undefined) hideRing();
  };
  canvas.oncontextmenu = (event) => {
    if (gesture) event.preventDefault();
  };

  // ---- Keyboard

  canvas.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const penIsDown = gesture && gesture.pointerId === undefined;
    if (event.key in ARROWS) {
      const [dx, dy] = ARROWS[event.key];
      const by = event.shiftKey ? fineStep : step;
      cursor = { x: clamp(cursor.x + dx * by, 0, 1), y: clamp(cursor.y + dy * by, 0, 1) };
      if (penIsDown) {
        penTo(cursor.x, cursor.y);
        paintSoon();
        report();
      }
    } else if (event.key === " " || event.key === "Enter") {
      if (penIsDown && !event.repeat) {
        penUp();
        say("Pen up.");
      } else if (!gesture && !event.repeat) {
        penDown(cursor.x, cursor.y, erasing);
        if (gesture) say(erasing ? "Eraser down." : "Pen down.");
      }
    } else if (event.key === "Escape" && penIsDown) {
      penUp();
      say("Pen up.");
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else if (event.key === "e" || event.key === "E") {
      if (penIsDown) penUp();
      setErasing(!erasing);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    showRing(cursor.x, cursor.y, { keyboard: true });
  };
  canvas.onfocus = () => {
    if (canvas.matches(":focus-visible")) showRing(cursor.x, cursor.y, { keyboard: true });
  };
  canvas.onblur = () => {
    if (gesture && gesture.pointerId === undefined) penUp();
    hideRing();
  };
  root.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      event.stopPropagation();
      undo();
    }
  };

  // ---- Tools

  brushInput.oninput = () => {
    width = +brushInput.value;
    describeBrush();
    showRing(0.5, 0.5);
    clearTimeout(ringTimer);
    ringTimer = setTimeout(hideRing, 900);
  };
  eraserButton.onclick = () => setErasing(!erasing);
  undoButton.onclick = undo;
  clearButton.onclick = clear;

  function onResize() {
    paint(true);
  }

  /** Put strokes on the pad, as the visitor's own. */
  function load(strokes) {
    penUp();
    if (drawing.replace(strokes)) changed("Drawing loaded.");
  }

  return {
    update,
    load,
    get isDown() {
      return gesture !== null;
    },
  };
}

// The drawing pad. Strokes are kept in pad units: [0, 1] to the right and downwards, a little outside allowed, and
// widths as a fraction of the side.
// Streamlit calls the default export again on every change of data or theme, so a pad lives on in `pads`.

const SEND_EVERY = 80; // ms between updates while the pen moves
const MIN_DISTANCE = 0.004; // closer points are thinned out
const MAX_STROKES = 200;
const MAX_POINTS = 20000;
const MAX_HISTORY = 50;
const STEP = 1 / 28; // of the keyboard's cursor
const FINE_STEP = STEP / 4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const pads = new WeakMap(); // parentElement → pad

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".pad");
  let pad = pads.get(parentElement);
  if (pad?.root !== root) {
    pad = createPad(root);
    pads.set(parentElement, pad);
  }
  return pad.update(data, (drawing) => setStateValue("drawing", drawing));
}

function createPad(root) {
  const find = (id) => root.querySelector(`[data-testid="${id}"]`);
  const canvas = find("drawing-pad");
  const [brushInput, eraserButton, undoButton, clearButton] =
    ["pad-brush", "pad-eraser", "pad-undo", "pad-clear"].map(find);
  const ring = root.querySelector(".ring");
  const status = root.querySelector("[role=status]");
  const fullNotice = root.querySelector(".full");
  const finished = document.createElement("canvas"); // the ink of all strokes before the one being drawn
  const observer = new ResizeObserver(() => paint(true));

  let strokes = [];
  let version; // of the strokes taken over from Python last
  let history = []; // earlier lists of strokes, for undo
  let gesture = null; // between pen down and pen up: { pointerId }, undefined for the keyboard; its stroke is the last
  let brush; // what Python asked for last
  let width = 0.085;
  let erasing = false;
  let cursor = { x: 0.5, y: 0.5 }; // of the keyboard
  let send = () => {};
  let unsent = false;
  let sentAt = -Infinity;
  let sendTimer, ringTimer;
  let frame = 0;
  let calls = 0;

  // ---- Python

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
    const first = version === undefined;
    version = data.version;
    gesture = null;
    unsent = false;
    clearTimeout(sendTimer);
    sendTimer = undefined;
    const given = data.strokes.map(({ points, width, erase }) => ({ points, width, erase: Boolean(erase) }));
    if (!first && JSON.stringify(given) !== JSON.stringify(strokes)) {
      remember();
      say(given.length ? "Drawing loaded." : "Cleared.");
    }
    strokes = given;
    refresh();
  }

  // Tell Python: at once when the pen goes up, before that every SEND_EVERY ms. Not when it goes down: a short stroke
  // would then wait until the answer to its first dot has passed.
  function report(now = false) {
    unsent = true;
    const interval = Math.max(SEND_EVERY, countPoints() / 20); // a huge drawing is sent less often
    const wait = now ? 0 : sentAt + interval - performance.now();
    if (wait > 0) {
      sendTimer ??= setTimeout(() => report(true), wait);
      return;
    }
    clearTimeout(sendTimer);
    sendTimer = undefined;
    unsent = false;
    sentAt = performance.now();
    const rounded = strokes.map((stroke) => ({
      points: stroke.points.map(([x, y]) => [round(x), round(y)]),
      width: round(stroke.width),
      erase: stroke.erase,
    }));
    send({ strokes: rounded, version, time: Date.now() });
  }

  // ---- Drawing

  function penDown(x, y, erase, pointerId) {
    penUp();
    if (isFull(1)) return;
    remember();
    gesture = { pointerId };
    strokes.push({ points: [within(x, y)], width, erase });
    refresh(false);
    sentAt = performance.now();
    report();
  }

  function penTo(x, y) {
    const { points } = strokes.at(-1);
    const [lastX, lastY] = points.at(-1);
    const point = within(x, y);
    if (Math.hypot(point[0] - lastX, point[1] - lastY) >= MIN_DISTANCE && !isFull()) points.push(point);
  }

  function penUp() {
    if (!gesture) return;
    gesture = null;
    refresh();
    report(true);
  }

  function isFull(moreStrokes = 0) {
    const full = countPoints() >= MAX_POINTS || strokes.length + moreStrokes > MAX_STROKES;
    if (full && fullNotice.hidden) {
      fullNotice.hidden = false;
      say("The pad is full: undo or clear.");
    }
    return full;
  }

  function countPoints() {
    return strokes.reduce((sum, { points }) => sum + points.length, 0);
  }

  function remember() {
    history.push(strokes.slice());
    history = history.slice(-MAX_HISTORY);
  }

  function undo() {
    penUp();
    if (!history.length) return;
    strokes = history.pop();
    changed("Undone.");
  }

  function clear() {
    penUp();
    if (!strokes.length) return;
    remember();
    strokes = [];
    changed("Cleared.");
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
    root.classList.toggle("inked", strokes.length > 0);
    undoButton.setAttribute("aria-disabled", String(!history.length));
    clearButton.setAttribute("aria-disabled", String(!strokes.length));
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

  function follow(event) {
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
    follow(event);
  };
  canvas.onpointermove = (event) => {
    if (gesture?.pointerId === event.pointerId) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) penTo(...place(each));
      paintSoon();
      report();
    }
    if (!gesture || gesture.pointerId === event.pointerId) follow(event);
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
      const step = event.shiftKey ? FINE_STEP : STEP;
      cursor = { x: clamp(cursor.x + dx * step, 0, 1), y: clamp(cursor.y + dy * step, 0, 1) };
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

  return { root, update };
}

// Draws strokes as smooth lines: straight to the first midpoint, then quadratic curves from midpoint to midpoint.
// A single point becomes a disc.
function inkStrokes(canvas, strokes, blank = false) {
  const context = canvas.getContext("2d");
  const side = canvas.width;
  if (blank) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
  }
  context.lineCap = context.lineJoin = "round";
  for (const { points, width, erase } of strokes) {
    const scaled = points.map(([x, y]) => [x * side, y * side]);
    context.fillStyle = context.strokeStyle = erase ? "#000" : "#fff";
    context.lineWidth = width * side;
    context.beginPath();
    if (scaled.length === 1) {
      context.arc(...scaled[0], (width * side) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(...scaled[0]);
    for (let i = 1; i < scaled.length; i++) {
      const [x, y] = scaled[i - 1];
      const middle = [(x + scaled[i][0]) / 2, (y + scaled[i][1]) / 2];
      if (i === 1) context.lineTo(...middle);
      else context.quadraticCurveTo(x, y, ...middle);
    }
    context.lineTo(...scaled.at(-1));
    context.stroke();
  }
}

// A point as it is stored: the pen may leave the pad and come back.
function within(x, y) {
  return [clamp(x, -0.5, 1.5), clamp(y, -0.5, 1.5)];
}

function clamp(number, low, high) {
  return Math.min(Math.max(number, low), high);
}

function round(number) {
  return Math.round(number * 1000) / 1000;
}

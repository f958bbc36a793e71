// The visitor's picture and a few others, as the network of the moment gives them back.

import { figures, inWords } from "../play/figures.js";
import { element } from "../shared/dom.js";
import { bytes, decimals } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { eightBits, paint, unit } from "../shared/pictures.js";

/**
 * @param {object} constants what Python tells all components.
 * @param {import("../network/client.js").NetworkClient} client
 */
export function createPictures({ pictureSide, codeSide, stages, palettes }, client) {
  const palette = new Palette(palettes.latent);
  const own = {
    original: figure("Your picture", "original", pictureSide),
    code: figure("The code", "latent", codeSide, stages.latent),
    again: figure("Drawn again", "reconstruction", pictureSide, stages.decoder),
  };
  const others = element("div", { class: "others", role: "group", "aria-label": "Other pictures, each above what the network makes of it" });
  const words = element("p", { class: "quality" });
  const root = element("div", { class: "pictures" }, element("div", { class: "own" }, ...Object.values(own).map((each) => each.root)), words, others);
  let [pairs, shown, wanted, busy] = [[], null, null, false];

  /** Take other pictures: base64 of bytes. */
  function show(picture, examples) {
    const key = JSON.stringify([picture, examples]);
    if (key === shown) return false;
    shown = key;
    const originals = [picture, ...examples].map(bytes);
    own.original.grey(originals[0], "Your picture");
    pairs = originals.map((original, i) => {
      if (!i) return { original, again: own.again };
      const [from, to] = [bare(pictureSide), bare(pictureSide)];
      from.grey(original, `Picture ${i}`);
      return { original, from, again: to };
    });
    others.replaceChildren(...pairs.slice(1).map(({ from, again }) => element("div", {}, from.canvas, again.canvas)));
    clear();
    return true;
  }

  function clear() {
    wanted = null;
    words.textContent = "";
    own.code.blank("The code: not there yet");
    for (const { again } of pairs) again.blank("Drawn again: not there yet");
  }

  /** Have the network with the weights at that address draw all pictures; of several that wait, the newest counts. */
  async function draw(weights) {
    wanted = weights;
    if (busy) return;
    busy = true;
    try {
      while (wanted) {
        const model = { encoder: wanted, decoder: wanted };
        wanted = null;
        const taken = shown;
        for (const [i, { original, again }] of pairs.entries()) {
          const code = await client.encode(model, unit(original));
          const drawn = eightBits(await client.decode(model, code));
          if (taken !== shown) break;
          const quality = figures(original, drawn);
          again.grey(drawn, `${i ? `Picture ${i}, d` : "D"}rawn again: ${inWords(quality)} of full brightness`);
          if (i) continue;
          showCode(code);
          words.textContent = `Yours comes back typically ${inWords(quality)} of full brightness`;
        }
      }
    } catch {
      // the weights are gone: those of another training come next
    } finally {
      busy = false;
    }
  }

  /** The values of one channel, or of two or four in a square. */
  function showCode(code) {
    const channels = code.length / codeSide ** 2;
    const across = channels > 1 ? 2 : 1;
    const side = across * codeSide;
    const [low, high] = [Math.min(...code), Math.max(...code)];
    own.code.paint(side, (i) => {
      const [row, column] = [Math.floor(i / side), i % side];
      const channel = across * Math.floor(row / codeSide) + Math.floor(column / codeSide);
      if (channel >= channels) return [0, 0, 0];
      const value = code[((row % codeSide) * codeSide + (column % codeSide)) * channels + channel];
      return palette.colour(Palette.index(value, low, high > low ? high : low + 1));
    }, `The code: ${code.length} numbers between ${decimals(low, 2)} and ${decimals(high, 2)}`);
    own.code.title.textContent = `${code.length} numbers`;
  }

  return { root, show, draw, clear };
}

function bare(side) {
  const canvas = element("canvas", { width: side, height: side, role: "img" });
  const painted = (size, colour, label) => {
    canvas.width = canvas.height = size;
    paint(canvas, size, colour);
    canvas.setAttribute("aria-label", label);
  };
  return {
    canvas,
    paint: painted,
    grey: (pixels, label) => painted(side, (i) => [pixels[i], pixels[i], pixels[i]], label),
    blank: (label) => painted(side, () => [0, 0, 0], label),
  };
}

function figure(title, name, side, stage = "currentcolor") {
  const made = bare(side);
  made.canvas.setAttribute("data-testid", name);
  const caption = element("figcaption", {}, title);
  const root = element("figure", {}, caption, made.canvas);
  root.style.setProperty("--stage", stage);
  return { ...made, title: caption, root };
}

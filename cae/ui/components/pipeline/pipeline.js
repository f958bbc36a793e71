// The row of panels. The server sends pixels and figures; drawing, hovering, explanations and the download happen here.

const HELP = {
  original: ["Original", "What the network sees: 28 × 28 = 784 grey values between 0 (black) and 1 (white)."],
  noisy: ["With noise", "The original with noise added: this is what the network sees now. All figures compare with the original, without noise."],
  encoder: ["Encoder", "Ten layers squeeze the picture: convolutions look for patterns, pooling halves the size, and the number of channels falls from 128 to 1. 98,601 learned parameters."],
  latent: ["Latent: the code", "All that is kept of the picture: 7 × 7 = 49 numbers. Each stands for a 4 × 4 block of pixels and its surroundings. Brighter cells hold larger numbers; hover to read them."],
  decoder: ["Decoder", "Ten layers draw the picture again from the 49 numbers alone: upsampling doubles the size, convolutions fill in strokes and edges. 99,689 learned parameters."],
  reconstruction: ["Reconstruction", "What the decoder drew. MSE is the mean squared difference from the original over the range 0 to 1 (smaller is better), PSNR the same in decibels (larger is better), SSIM compares structure (1 is identical)."],
  denoised: ["Denoised", "A second instance of the same network, trained to turn reconstructions back into originals, has gone over the picture once more."],
  curves: ["Loss curves", "How the mean squared error fell while the network learned, epoch by epoch: an epoch is one pass over all 60,000 training images. Validation images were never trained on. The dashed line is what the publication behind this network reports."],
  "error-map": ["Error map", "Reconstruction minus original, pixel by pixel. Red: too bright. Blue: too dark. White: right."],
};
const PANELS = [
  ["original", "Original"], ["noisy", "With noise"], ["encoder", "Encoder"], ["latent", "Latent"], ["decoder", "Decoder"],
  ["reconstruction", "Reconstruction"], ["denoised", "Denoised"], ["error-map", "Error map"],
];
const STAGE = { encoder: "encoder", latent: "latent", decoder: "decoder", reconstruction: "decoder", denoised: "denoiser" };
const instances = new WeakMap();

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const number = (value, digits) => value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Layers as bars: height is the side of the feature map, width grows with the number of channels.
function funnel(layers, colour) {
  const widths = layers.map((layer) => 4 + 1.3 * Math.log2(layer.channels + 1));
  const total = widths.reduce((sum, width) => sum + width + 1.6, -1.6);
  let x = 0;
  const bars = layers.map((layer, index) => {
    const height = (layer.side / 28) * 84;
    const label = `${index + 1}. ${layer.name} → ${layer.side}×${layer.side}×${layer.channels}, ` +
      `${layer.parameters.toLocaleString("en")} parameters`;
    const bar = `<rect x="${x}" y="${(84 - height) / 2}" width="${widths[index]}" height="${height}" rx="1.2" fill="${colour}" data-label="${label}"><title>${label}</title></rect>`;
    x += widths[index] + 1.6;
    return bar;
  });
  return `<svg viewBox="0 0 ${total} 84" preserveAspectRatio="none" aria-hidden="true">${bars.join("")}</svg>`;
}

function heading(name, title, ...tools) {
  const help = element("button", { type: "button", class: "help", "aria-label": `What is “${title}”?`, popovertarget: `help-${name}` }, "?");
  const popover = element("div", { popover: "auto", id: `help-${name}`, class: "popover" },
    element("strong", {}, HELP[name][0]), element("p", {}, HELP[name][1]));
  return element("header", {}, element("h3", {}, title), ...tools, help, popover);
}

function saveButton(canvas) {
  const button = element("button", { type: "button", class: "save", "data-testid": "download", "aria-label": "Save the reconstruction as PNG", title: "Save as PNG" });
  button.innerHTML = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2v8M4.5 6.8 8 10.3l3.5-3.5M2.5 13.5h11" fill="none" stroke="currentColor" stroke-width="1.6"/></svg>';
  button.onclick = () => canvas.toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: "reconstruction.png" });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  return button;
}

function build(root, data) {
  const host = root.querySelector(".pipeline");
  const panels = {};
  const row = element("div", { class: "row" });
  for (const [name, title] of PANELS) {
    const isFunnel = name in FIXED.layers;
    const picture = isFunnel
      ? element("div", { class: "funnel", role: "img", "aria-label": funnelText(title, FIXED.layers[name]) })
      : element("canvas", { role: "img", width: name === "latent" ? 7 : 28, height: name === "latent" ? 7 : 28 });
    const frame = element("div", { class: "frame" }, picture);
    const caption = element("div", { class: "caption" });
    const panel = element("section", { class: isFunnel ? "panel narrow" : "panel", "aria-label": title },
      heading(name, title, ...(name === "reconstruction" ? [saveButton(picture)] : [])), frame, caption);
    if (STAGE[name]) panel.style.setProperty("--stage", FIXED.stages[STAGE[name]]);
    if (isFunnel) {
      picture.innerHTML = funnel(FIXED.layers[name], FIXED.stages[name]);
      const parameters = FIXED.layers[name].reduce((sum, layer) => sum + layer.parameters, 0);
      caption.innerHTML = `<span>10 layers</span><span>${parameters.toLocaleString("en")}</span><span>parameters</span>`;
    } else {
      panel.dataset.testid = name;
    }
    panels[name] = { panel, picture, caption, frame };
    row.append(panel);
  }
  const latent = panels.latent;
  latent.grid = element("div", { class: "cells", "aria-hidden": "true" });
  for (let i = 0; i < 49; i += 1) latent.grid.append(element("span"));
  latent.frame.append(latent.grid);
  const readout = element("p", { class: "readout" });
  const values = element("details", {}, element("summary", {}, "The 49 numbers as text"), element("table", { "aria-label": "Latent values, 7 rows of 7" }));
  const curves = lossCurves(data, (text) => { readout.textContent = text ?? instance.note; });
  row.append(curves.panel);
  const instance = { host, panels, curves, readout, values, note: "", data: null };
  host.replaceChildren(readout, row, values);
  return instance;
}

function funnelText(title, layers) {
  return `${title}: ${layers.map((layer) => `${layer.name} to ${layer.side}×${layer.side}×${layer.channels}`).join("; ")}`;
}

function paint(canvas, width, colourOf) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, width);
  for (let i = 0; i < width * width; i += 1) {
    const [r, g, b] = colourOf(i);
    image.data.set([r, g, b, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function qualityCaption(quality) {
  if (!quality) return "";
  const psnr = quality.psnr === null ? "∞" : number(quality.psnr, 1);
  return `<dl><dt>MSE</dt><dd>${number(quality.mse, 4)}</dd><dt>PSNR</dt><dd>${psnr} dB</dd><dt>SSIM</dt><dd>${number(quality.ssim, 3)}</dd></dl>`;
}

function qualityText(quality) {
  return quality ? `mean squared error ${number(quality.mse, 4)}, structural similarity ${number(quality.ssim, 3)}` : "not there yet";
}

const scale = (kind, low, high) =>
  `<div class="scale"><span>${low}</span><i class="${kind}"></i><span>${high}</span></div>`;

function update(instance, data) {
  const { panels } = instance;
  const pixels = Object.fromEntries(Object.entries(data.pixels).map(([name, text]) => [name, bytes(text)]));
  const latent = data.latent && new Float32Array(bytes(data.latent).buffer);
  const error = pixels.reconstruction && Float32Array.from(pixels.reconstruction, (value, i) => (value - pixels.original[i]) / 255);
  Object.assign(instance, { data, pixels, latent, error });

  panels.noisy.panel.hidden = !pixels.noisy;
  panels.noisy.panel.parentElement.classList.toggle("with-noise", Boolean(pixels.noisy));
  for (const name of ["original", "noisy", "reconstruction", "denoised"]) {
    const { panel, picture, caption } = panels[name];
    const values = pixels[name];
    panel.classList.toggle("waiting", !values);
    if (values) {
      paint(picture, 28, (i) => [values[i], values[i], values[i]]);
      panel.dataset.pixels = data.pixels[name];
    } else {
      delete panel.dataset.pixels;
    }
    if (name === "original") {
      picture.setAttribute("aria-label", "Original picture, 28 by 28 pixels");
      caption.innerHTML = "<span>28 × 28</span><span>784 numbers</span>";
    } else {
      picture.setAttribute("aria-label", `${HELP[name][0]}, 28 by 28 pixels: ${qualityText(data.quality[name])}`);
      const missing = name === "denoised" && !values && pixels.reconstruction;
      caption.innerHTML = missing ? "<span>This model has no denoiser yet.</span>" : qualityCaption(data.quality[name]);
    }
  }
  panels.latent.panel.classList.toggle("waiting", !latent);
  panels["error-map"].panel.classList.toggle("waiting", !error);
  if (latent) {
    const [low, high] = data.latentRange;
    const ramp = bytes(FIXED.colours.latent);
    const step = (value) => Math.round(clamp((value - low) / (high - low), 0, 1) * 255);
    paint(panels.latent.picture, 7, (i) => ramp.subarray(3 * step(latent[i]), 3 * step(latent[i]) + 3));
    panels.latent.panel.dataset.values = data.latent;
    Array.from(panels.latent.grid.children).forEach((cell, i) => {
      cell.textContent = number(latent[i], 1);
      cell.className = step(latent[i]) > 150 ? "dark" : "";
    });
    panels.latent.caption.innerHTML = `<span>7 × 7</span><span>49 numbers</span>${scale("viridis", number(low, 1), number(high, 1))}`;
    panels.latent.picture.setAttribute("aria-label", `Latent, 7 by 7 numbers between ${number(Math.min(...latent), 2)} and ${number(Math.max(...latent), 2)}; listed below under “The 49 numbers as text”`);
    if (instance.values.open) list(instance);
  } else {
    delete panels.latent.panel.dataset.values;
    panels.latent.caption.replaceChildren();
    panels.latent.picture.setAttribute("aria-label", "Latent: not there yet");
  }
  if (error) {
    const largest = Math.max(...error.map(Math.abs));
    const ramp = bytes(FIXED.colours.error);
    // Always −0.5 … 0.5, so that colours mean the same from picture to picture.
    paint(panels["error-map"].picture, 28, (i) => {
      const index = Math.round((clamp(error[i], -0.5, 0.5) + 0.5) * 255);
      return ramp.subarray(3 * index, 3 * index + 3);
    });
    panels["error-map"].caption.innerHTML = `<span>largest ${number(largest, 2)}</span>${scale("diverging", "−0.5", "0.5")}`;
    panels["error-map"].picture.setAttribute("aria-label", `Error map, reconstruction minus original; the largest absolute error is ${number(largest, 2)}`);
  } else {
    panels["error-map"].caption.replaceChildren();
    panels["error-map"].picture.setAttribute("aria-label", "Error map: not there yet");
  }
  instance.curves.update(data.curves);
  instance.note = data.note;
  instance.readout.textContent = data.note;
}

// The 49 numbers as a table, made only while it is open: laying it out takes time from the pen.
function list({ values, latent }) {
  const rows = [0, 1, 2, 3, 4, 5, 6].map((y) => latent.subarray(7 * y, 7 * y + 7));
  values.querySelector("table").innerHTML = rows
    .map((row) => `<tr>${Array.from(row, (value) => `<td>${number(value, 2)}</td>`).join("")}</tr>`).join("");
}

function hover(instance) {
  instance.values.ontoggle = () => { if (instance.values.open && instance.latent) list(instance); };
  for (const [name, { frame, picture }] of Object.entries(instance.panels)) {
    frame.onpointermove = (event) => {
      if (name in FIXED.layers) {
        instance.readout.textContent = event.target.dataset?.label ?? instance.note;
        return;
      }
      const box = picture.getBoundingClientRect();
      const side = picture.width;
      const x = clamp(Math.floor(((event.clientX - box.left) / box.width) * side), 0, side - 1);
      const y = clamp(Math.floor(((event.clientY - box.top) / box.height) * side), 0, side - 1);
      const values = name === "latent" ? instance.latent : name === "error-map" ? instance.error : instance.pixels[name];
      if (!values) return;
      const value = name in instance.pixels ? values[y * side + x] / 255 : values[y * side + x];
      instance.readout.textContent = `${HELP[name][0]}, row ${y + 1}, column ${x + 1}: ${number(value, name === "latent" ? 3 : 2)}`;
    };
    frame.onpointerleave = () => { instance.readout.textContent = instance.note; };
  }
}

export default function ({ data, parentElement }) {
  let instance = instances.get(parentElement);
  if (!instance || !parentElement.contains(instance.host)) {
    instance = build(parentElement, data);
    hover(instance);
    instances.set(parentElement, instance);
  }
  update(instance, data);
}

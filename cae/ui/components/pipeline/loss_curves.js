// Loss curves as one SVG: training and validation per epoch, linear or logarithmic, the published figure dashed.

const CHART = { width: 420, height: 218, left: 44, right: 8, top: 22, bottom: 26 };

function ticks(low, high, logarithmic) {
  if (logarithmic) {
    const all = [];
    for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1) {
      for (const factor of [1, 2, 5]) all.push(factor * 10 ** decade);
    }
    return all.filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step).filter((value) => value >= low);
}

const plain = (value) => Number(value.toPrecision(3)).toString();

function lossCurves(data, report) {
  const panel = element("section", { class: "panel curves", "aria-label": "Loss curves", "data-testid": "loss-curves" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${CHART.width} ${CHART.height}`);
  svg.setAttribute("role", "img");
  const parts = element("button", { type: "button", class: "toggle" });
  const axis = element("button", { type: "button", class: "toggle", "aria-pressed": "true" }, "log axis");
  panel.append(heading("curves", "Loss", parts, axis), svg);
  panel.style.setProperty("--stage", "var(--st-border-color)");
  let [curves, shown, logarithmic, signature] = [data.curves, 0, true, ""];
  const { width, height, left, right, top, bottom } = CHART;

  function draw() {
    const curve = curves[shown];
    const epochs = curve.loss.length;
    const everything = [...curve.loss, ...curve.val_loss, ...(curve.published ? [curve.published] : [])];
    const high = Math.max(...everything) * (logarithmic ? 1.15 : 1.03);
    const low = logarithmic ? Math.min(...everything) / 1.25 : 0;
    const along = (value) => (logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    const x = (epoch) => left + ((epoch - 1) / Math.max(1, epochs - 1)) * (width - left - right);
    const y = (value) => height - bottom - along(value) * (height - top - bottom);
    const line = (values, colour) => epochs === 1
      ? `<circle cx="${x(1)}" cy="${y(values[0])}" r="3.5" fill="${colour}"/>`
      : `<polyline class="line" stroke="${colour}" points="${values.map((v, i) => `${x(i + 1)},${y(v)}`).join(" ")}"/>`;
    const colours = shown === 0 ? [FIXED.stages.encoder, FIXED.stages.decoder] : [FIXED.stages.latent, FIXED.stages.denoiser];
    const every = Math.max(1, Math.ceil(epochs / 10));
    const rules = ticks(low, high, logarithmic).map((value) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"/><text x="${left - 5}" y="${y(value) + 4}" text-anchor="end">${plain(value)}</text>`);
    const labels = curve.loss.map((_, i) => i + 1).filter((epoch) => epoch === 1 || epoch === epochs || (epoch % every === 0 && epochs - epoch >= every))
      .map((epoch) => `<text x="${x(epoch)}" y="${height - bottom + 15}" text-anchor="middle">${epoch}</text>`);
    const published = curve.published
      ? `<line class="published" x1="${left}" x2="${width - right}" y1="${y(curve.published)}" y2="${y(curve.published)}"/><text x="${width - right}" y="${y(curve.published) - 5}" text-anchor="end" class="label">thesis ${plain(curve.published)}</text>`
      : "";
    const key = (at, colour, text, value) => `<rect x="${at}" y="4" width="14" height="4" rx="2" fill="${colour}"/><text x="${at + 19}" y="10">${text} ${plain(value)}</text>`;
    svg.innerHTML = rules.join("") + labels.join("") + line(curve.loss, colours[0]) + line(curve.val_loss, colours[1]) + published +
      key(left, colours[0], "training", curve.loss.at(-1)) + key(left + 130, colours[1], "validation", curve.val_loss.at(-1)) +
      `<text x="${width - right}" y="10" text-anchor="end">epochs →</text><line class="marker" y1="${top}" y2="${height - bottom}" visibility="hidden"/>`;
    svg.setAttribute("aria-label", `Loss of the ${curve.name} over ${epochs} epochs: training from ${plain(curve.loss[0])} to ${plain(curve.loss.at(-1))}, ` +
      `validation from ${plain(curve.val_loss[0])} to ${plain(curve.val_loss.at(-1))}` + (curve.published ? `; the thesis reports ${plain(curve.published)}` : ""));
    parts.textContent = curve.name;
    parts.hidden = curves.length < 2;
    parts.setAttribute("aria-label", `Shown: ${curve.name}. Show the other training`);
    axis.setAttribute("aria-pressed", String(logarithmic));

    svg.onpointermove = (event) => {
      const box = svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * width;
      const epoch = Math.min(epochs, Math.max(1, Math.round(((at - left) / (width - left - right)) * (epochs - 1)) + 1));
      const marker = svg.querySelector(".marker");
      for (const name of ["x1", "x2"]) marker.setAttribute(name, x(epoch));
      marker.setAttribute("visibility", "visible");
      report(`${curve.name}, epoch ${epoch}: training loss ${curve.loss[epoch - 1].toFixed(5)}, validation loss ${curve.val_loss[epoch - 1].toFixed(5)}`);
    };
    svg.onpointerleave = () => {
      svg.querySelector(".marker").setAttribute("visibility", "hidden");
      report(null);
    };
  }

  axis.onclick = () => { logarithmic = !logarithmic; draw(); };
  parts.onclick = () => { shown = (shown + 1) % curves.length; draw(); };
  return {
    panel,
    update(next) {
      if (JSON.stringify(next) === signature) return;
      [curves, signature] = [next, JSON.stringify(next)];
      shown = Math.min(shown, curves.length - 1);
      draw();
    },
  };
}

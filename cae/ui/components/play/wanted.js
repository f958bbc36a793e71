// What the address asks for beside the picture: `view=projector`, larger and with thicker lines; `show=code,denoised`, those
// panels alone.

/** The names by which the address calls the panels, and their classes. */
const NAMES = {
  pen: "pen", input: "original", encoder: "encoder", code: "latent", decoder: "decoder", again: "reconstruction",
  denoised: "denoised", learning: "curves", error: "error-map", cell: "cell",
};

export function hideUnwanted(root, search = window.location.search) {
  const parameters = new URLSearchParams(search);
  root.classList.toggle("projector", parameters.get("view") === "projector");
  const wanted = (parameters.get("show") ?? "").split(",").map((name) => NAMES[name.trim()]).filter(Boolean);
  if (!wanted.length) return;
  root.classList.add("some");
  for (const panel of root.querySelectorAll(".panel")) {
    panel.classList.toggle("unwanted", !wanted.some((name) => panel.classList.contains(name)));
  }
}

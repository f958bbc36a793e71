// Noise, as `cae.imaging.noise` has it, always the same for the same picture, so that it does not flicker.

/** Random numbers in [0, 1) from a seed (Mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A picture with noise.
 *
 * @param {Uint8Array} picture
 * @param {"gaussian" | "salt_and_pepper"} kind
 * @param {number} strength standard deviation over [0, 1], or share of the pixels.
 */
export function withNoise(picture, kind, strength) {
  const next = random(1);
  if (kind === "salt_and_pepper") {
    return picture.map((value) => {
      const chance = next();
      return chance < strength ? (chance < strength / 2 ? 255 : 0) : value;
    });
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Uint8Array.from(picture, (value) => Math.round(Math.min(Math.max(value + 255 * strength * normal(), 0), 255)));
}

// Numbers: into their range, out of base64, and as visitors read them.

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The bytes that base64 stands for, as a Uint8Array. */
export const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** The little-endian float32 numbers that base64 stands for. */
export function floats(text) {
  const view = new DataView(bytes(text).buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** With so many decimals; with a true minus sign, but for what is rounded to zero. */
export const decimals = (value, digits) => value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");

/** With three significant figures at most. */
export const significant = (value) => Number(value.toPrecision(3)).toString();

/** A whole number with commas: 98,601. */
export const whole = (value) => value.toLocaleString("en-US");

/** "1 byte", "2,016 bytes". */
export const count = (value, unit) => `${whole(value)} ${unit}${value === 1 ? "" : "s"}`;

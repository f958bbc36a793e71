// What is opened and what is silenced, as the address carries it: `at=LAYER.CHANNEL.ROW.COLUMN` and `off=LAYER.CHANNEL,LAYER`,
// counted from 1; a layer without a channel is silenced as a whole.

/**
 * @typedef {{layer: number, channel: number, row: number, column: number}} Place counted from 0.
 * @typedef {Map<number, Set<number>>} Off silenced channels by layer.
 */

/** The place that the address names, or null. @param {{side: number, channels: number}[]} layers @returns {Place | null} */
export function placeOf(text, layers) {
  if (!/^\d+(\.\d+){3}$/.test(text ?? "")) return null;
  const [layer, channel, row, column] = text.split(".").map((number) => number - 1);
  const size = layers[layer];
  const within = size && [channel, row, column].every((number, i) => number >= 0 && number < (i ? size.side : size.channels));
  return within ? { layer, channel, row, column } : null;
}

/** @param {Place} place */
export const placeText = ({ layer, channel, row, column }) => [layer, channel, row, column].map((number) => number + 1).join(".");

/** What the address silences; what is not there is left out. @returns {Off} */
export function offOf(text, layers) {
  const off = new Map();
  for (const part of (text ?? "").split(",")) {
    if (!/^\d+(\.\d+)?$/.test(part)) continue;
    const [layer, channel] = part.split(".").map((number) => number - 1);
    const channels = layers[layer]?.channels ?? 0;
    const found = channel === undefined ? [...Array(channels).keys()] : [channel].filter((one) => one >= 0 && one < channels);
    if (found.length) off.set(layer, new Set([...(off.get(layer) ?? []), ...found]));
  }
  return off;
}

/** @param {Off} off @returns {string | null} null: nothing is silenced. */
export function offText(off, layers) {
  const parts = [...off].flatMap(([layer, channels]) =>
    channels.size === layers[layer].channels ? `${layer + 1}` : [...channels].map((channel) => `${layer + 1}.${channel + 1}`),
  );
  return parts.join(",") || null;
}

/** Silence a channel of a layer, or all of it (null), or let it speak again where it is silent. @param {Off} off */
export function toggle(off, layer, channel, channels) {
  const before = off.get(layer) ?? new Set();
  const all = [...Array(channels).keys()];
  const next = new Set(channel === null && before.size < channels ? all : channel === null ? [] : before);
  if (channel !== null && !next.delete(channel)) next.add(channel);
  off.delete(layer);
  if (next.size) off.set(layer, next);
}

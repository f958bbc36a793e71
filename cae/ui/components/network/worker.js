// The network in a thread of its own: answers the requests of client.js in the order in which their weights are there.

import { Network } from "./network.js";
import { OPERATIONS } from "./operations.js";
import { readSafetensors } from "./safetensors.js";

/** Weight files kept ready. One with an encoder and a decoder takes about 5 MB. */
const KEPT = 16;
/** Networks by the address of their weights, the one used last at the end. @type {Map<string, Promise<Network>>} */
const networks = new Map();

self.onmessage = async ({ data: { id, operation, model, values, height, width, silenced } }) => {
  try {
    const { parts, compute } = OPERATIONS[operation];
    const loaded = await Promise.all(parts.map(async (part) => [part, await network(model[part], part)]));
    const result = compute(Object.fromEntries(loaded), values, height, width, silenced);
    const arrays = Array.isArray(result) ? result.map((output) => output.values) : [result];
    self.postMessage({ id, result }, arrays.map((array) => array.buffer));
  } catch (error) {
    self.postMessage({ id, error: error.message });
  }
};

/** The network with the weights at an address, fetched when first needed. */
function network(url, part) {
  if (!url) throw new Error(`This model has no ${part}.`);
  const found = networks.get(url) ?? load(url);
  networks.delete(url);
  networks.set(url, found);
  if (networks.size > KEPT) networks.delete(networks.keys().next().value);
  return found;
}

async function load(url) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}.`);
    return new Network(readSafetensors(await response.arrayBuffer()));
  } catch (error) {
    networks.delete(url); // the next request tries again
    throw new Error(`The weights ${url} cannot be read: ${error.message}`);
  }
}

// A network from a file of weights, without a worker and without a server.

import { readFileSync } from "node:fs";
import { Network } from "../../cae/ui/components/network/network.js";
import { readSafetensors } from "../../cae/ui/components/network/safetensors.js";

/** @param {string | URL} path of a safetensors file. */
export function readNetwork(path) {
  const { buffer, byteOffset, length } = readFileSync(path);
  return new Network(readSafetensors(buffer.slice(byteOffset, byteOffset + length)));
}

// Answers what tests/browser_network.py asks: JSON of [operation, {part: path of weights}, values, height, width, silenced], one
// after the other, from the file that the command line names; the answers go to standard output.

import { readFileSync } from "node:fs";
import { OPERATIONS } from "../../cae/ui/components/network/operations.js";
import { Network } from "../../cae/ui/components/network/network.js";
import { readSafetensors } from "../../cae/ui/components/network/safetensors.js";

function network(path) {
  const content = readFileSync(path);
  return new Network(readSafetensors(content.buffer.slice(content.byteOffset, content.byteOffset + content.length)));
}

const answers = JSON.parse(readFileSync(process.argv[2])).map(([operation, model, values, height, width, silenced]) => {
  const parts = Object.fromEntries(Object.entries(model).map(([part, path]) => [part, network(path)]));
  const answer = OPERATIONS[operation].compute(parts, Float32Array.from(values), height, width, silenced);
  const plain = ({ values: numbers, ...output }) => ({ ...output, values: [...numbers] });
  return Array.isArray(answer) ? answer.map(plain) : [...answer];
});
process.stdout.write(JSON.stringify(answers));

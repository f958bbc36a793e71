// Answers what tests/browser_network.py asks: JSON of [operation, {part: path of weights}, values, height, width, silenced], one
// after the other, from the file that the command line names; the answers go to standard output.

import { readFileSync } from "node:fs";
import { OPERATIONS } from "../../cae/ui/components/network/operations.js";
import { readNetwork } from "./read_network.js";

const answers = JSON.parse(readFileSync(process.argv[2])).map(([operation, model, values, height, width, silenced]) => {
  const parts = Object.fromEntries(Object.entries(model).map(([part, path]) => [part, readNetwork(path)]));
  const answer = OPERATIONS[operation].compute(parts, Float32Array.from(values), height, width, silenced);
  const plain = ({ values: numbers, ...output }) => ({ ...output, values: [...numbers] });
  return Array.isArray(answer) ? answer.map(plain) : [...answer];
});
process.stdout.write(JSON.stringify(answers));

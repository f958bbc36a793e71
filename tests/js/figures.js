// Answers what tests/ui/components/test_figures.py asks: JSON of [original, other] pictures, as lists of bytes, from standard input.

import { readFileSync } from "node:fs";
import { figures } from "../../cae/ui/components/play/figures.js";

const pairs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(pairs.map(([original, other]) => figures(original, other))));

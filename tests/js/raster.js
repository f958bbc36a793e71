// Answers what tests/ui/components/test_raster.py asks on standard input: JSON of {strokes, fit} → the ink, and what is seen.

import { readFileSync } from "node:fs";
import { rasterise, seen } from "../../cae/ui/components/drawing_pad/raster.js";

const answers = JSON.parse(readFileSync(0)).map(({ strokes, fit }) => {
  const ink = rasterise(strokes);
  const found = seen(ink, fit);
  return { ink: [...ink], seen: found && { ...found, image: [...found.image] } };
});
process.stdout.write(JSON.stringify(answers));

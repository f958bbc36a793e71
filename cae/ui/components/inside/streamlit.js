import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createInside } from "./inside.js";

const inside = lasting(".inside", (root) => {
  let [built, of] = [null, ""];
  /** Networks of other widths have a page of their own. */
  function update(data) {
    const layers = JSON.stringify(data.layers ?? constants.layers);
    if (layers !== of) {
      of = layers;
      root.replaceChildren();
      built = createInside(root, { ...constants, layers: JSON.parse(layers) });
    }
    built.update(data);
  }
  return { update };
});

export default ({ data, parentElement }) => inside(parentElement).update(data);

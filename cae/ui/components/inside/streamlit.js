import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createInside } from "./inside.js";

const inside = lasting(".inside", (root) => createInside(root, constants));

export default ({ data, parentElement }) => inside(parentElement).update(data);

import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createPad } from "./pad.js";

const pad = lasting(".pad", (root) => createPad(root, constants));

export default ({ data, parentElement, setStateValue }) =>
  pad(parentElement).update(data, (drawing) => setStateValue("drawing", drawing));

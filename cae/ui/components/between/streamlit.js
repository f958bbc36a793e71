import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createBetween } from "./between.js";

const between = lasting(".between", (root) => createBetween(root, constants));

export default ({ data, parentElement }) => between(parentElement).update(data);

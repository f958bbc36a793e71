import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createCodeMap } from "./map.js";

const map = lasting(".code-map", (root) => createCodeMap(root, constants));

export default ({ data, parentElement, setTriggerValue }) => map(parentElement).update(data, (code) => setTriggerValue("taken", code));

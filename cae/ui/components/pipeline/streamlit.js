import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createPipeline } from "./pipeline.js";

const pipeline = lasting(".pipeline", (root) => createPipeline(root, constants));

export default ({ data, parentElement }) => pipeline(parentElement).update(data);

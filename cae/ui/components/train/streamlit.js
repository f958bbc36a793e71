import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createTrain } from "./train.js";

const train = lasting(".train", (root) => createTrain(root, constants));

export default ({ data, parentElement }) => train(parentElement).update(data);

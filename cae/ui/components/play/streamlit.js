import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createPlay } from "./play.js";

const play = lasting(".play", (root) => createPlay(root, { ...constants, teachers: "teachers" }));

export default ({ data, parentElement, setStateValue }) => play(parentElement).update(data, setStateValue);

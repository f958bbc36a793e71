import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createLesson } from "./lesson.js";

const lesson = lasting(".lesson", (root) => createLesson(root, constants));

export default ({ parentElement }) => lesson(parentElement).update();

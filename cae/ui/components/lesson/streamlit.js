import constants from "../constants.js";
import { lasting } from "../shared/dom.js";
import { createLesson } from "./lesson.js";

const handouts = [["Worksheet", "worksheet"], ["Teachers", "teachers"]];
const lesson = lasting(".lesson", (root) => createLesson(root, { ...constants, handouts }));

export default ({ parentElement }) => lesson(parentElement).update();

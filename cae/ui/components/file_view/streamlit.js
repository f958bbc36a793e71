import { showFile } from "./file_view.js";

export default ({ data, parentElement }) => showFile(parentElement.querySelector(".file"), data);

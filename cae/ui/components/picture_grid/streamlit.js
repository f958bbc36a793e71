import { showGrid } from "./picture_grid.js";

export default ({ data, parentElement }) => showGrid(parentElement.querySelector(".grid"), data);

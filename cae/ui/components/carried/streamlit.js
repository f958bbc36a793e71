import constants from "../constants.js";
import { writeAddress } from "../shared/address.js";
import { bytes } from "../shared/numbers.js";
import { paint } from "../shared/pictures.js";

export default ({ data, parentElement }) => {
  const canvas = parentElement.querySelector("canvas");
  canvas.hidden = !data.pixels;
  canvas.setAttribute("aria-label", "Your picture, as on Play");
  if (data.pixels) {
    const values = bytes(data.pixels);
    paint(canvas, constants.pictureSide, (i) => [values[i], values[i], values[i]]);
  }
  writeAddress(data.address);
};

import { lasting } from "../shared/dom.js";
import { createWipe } from "./wipe.js";

const wipe = lasting(".wipe", createWipe);

export default ({ data, parentElement, setStateValue }) =>
  wipe(parentElement).update(data, (asked) => setStateValue("rested", asked));

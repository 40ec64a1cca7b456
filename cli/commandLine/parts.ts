/** What the options of commands are made of. It takes long to load, and is loaded for commands that are called. */
export { z } from "zod";
export { addFlags, optional, optionsIn, preset } from "./flag.js";
export { anew, common, looking, recorded } from "./options.js";
export { oneOf, seconds, text, toggle } from "./sorts.js";

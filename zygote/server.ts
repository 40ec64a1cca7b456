/** What becomes a zygote or makes one, for programs that are sent to hosts. */
export { native } from "./native.js";
export { useUpRandomCaches } from "./repair.js";
export { startZygoteProgram } from "./separate.js";
export { serveAsSeparateZygote } from "./serveSeparately.js";
export { startZygote } from "./start.js";

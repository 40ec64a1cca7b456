/** What a separate zygote runs: loads the modules it is given, then serves. */
import { serveAsSeparateZygote } from "./serveSeparately.js";

const [spares, ...modules] = process.argv.slice(2);
for (const module of modules) await import(module);
await serveAsSeparateZygote(Number(spares));

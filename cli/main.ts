#!/usr/bin/env node
import { commandLine } from "./commandLine.js";

// Whoever read what we print is gone: there is nobody to tell, and what we are doing goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

await commandLine().parseAsync();
// Connections that were given up may keep a socket open for a while.
process.exit();

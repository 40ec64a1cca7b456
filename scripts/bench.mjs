// Builds what is missing, then runs the benches.
await import("./setup.mjs");
await import("../dist/bench/main.js");

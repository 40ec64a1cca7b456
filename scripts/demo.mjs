// Installs and builds what is missing, then runs the demonstration.
await import("./setup.mjs");
await import("../dist/demo/main.js");

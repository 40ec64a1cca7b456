// Installs and builds what is missing, then runs the specs.
await import("./setup.mjs");
await import("../dist/spec/runner/main.js");

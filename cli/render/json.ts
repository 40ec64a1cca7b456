import { Buffer } from "node:buffer";
import type { DeploymentEvent } from "../../engine/index.js";
import { errorAsData } from "./error.js";
import type { Renderer } from "./renderer.js";

/** The version of what is printed: raised when something a program relies on changes. */
export const jsonVersion = 1;

/** One line that is one JSON value. Nothing in it could act on a terminal. */
export function jsonLine(value: unknown): string {
  return `${escaped(JSON.stringify(value, replaceValue) ?? "null")}\n`;
}

/** A value as JSON on several lines, for people. Nothing in it could act on a terminal either. */
export function jsonLines(value: unknown): string {
  const text = JSON.stringify(value, replaceValue, 2) ?? "null";
  // Every newline is JSON's own: those of strings are escaped.
  return `${text.split("\n").map(escaped).join("\n")}\n`;
}

function escaped(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits);
}

/** Errors and bytes, which JSON has no words for. `this` is what the value is in. */
function replaceValue(this: unknown, key: string, value: unknown): unknown {
  if (value instanceof Error) return errorAsData(value);
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array) return { base64: Buffer.from(original).toString("base64") };
  if (typeof value === "bigint") return String(value);
  return value;
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** Every event as a line of JSON, for programs. */
export function jsonRenderer(write: (text: string) => void, verbosity: number): Renderer {
  const tell = (event: object) => write(jsonLine({ v: jsonVersion, ...event }));
  return {
    listener: (event: DeploymentEvent) => {
      // Every command is told at level 3: it is printed only when that was asked for.
      if (event.type !== "inform" || event.level <= verbosity) tell(event);
    },
    crashed: (host, error) => tell({ type: "error", host, error }),
    note: (text) => tell({ type: "note", text }),
    end: ({ results, durationMs, exitCode, stopped, run }) => {
      const hosts = results.map(({ host, report, error }) => ({
        host,
        changed: report?.changed,
        counts: report?.counts,
        leftRunning: report?.leftRunning,
        error: report?.error ?? (error || undefined),
      }));
      // JSON leaves out members that are undefined.
      tell({ type: "summary", exitCode, durationMs, stopped, run, hosts });
    },
    close: () => {},
  };
}

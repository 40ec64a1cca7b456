import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { openSsh, type SshOptions } from "../../../../connections/ssh/openSsh.js";
import { type ErrorClass, isError } from "../../../../engine/base/errors.js";
import { leakCheck } from "./leaks.js";

/** To be called before the first leak check of a file. */
export async function settleIn(): Promise<void> {
  // It may keep descriptors once it is loaded.
  await import("ssh2");
  // As on a person's machine without an agent.
  delete process.env.SSH_AUTH_SOCK;
}

/** Runs `echo` there; the answer is the transport's description. */
export async function greet(options: SshOptions, reports: string[] = []): Promise<string> {
  const checkLeaks = leakCheck();
  try {
    const report = (level: number, line: string) => reports.push(`${level} ${line}`);
    const transport = await openSsh(options, { report });
    try {
      const stream = await transport.open("echo hello");
      stream.stdin.end();
      assert.equal(await text(stream.stdout), "hello\n");
      return transport.description;
    } finally {
      await transport.close();
    }
  } finally {
    await checkLeaks();
  }
}

/** Tries to connect; the answer is the error. */
export async function failure<E extends ErrorClass>(
  errorClass: E,
  options: SshOptions,
  signal?: AbortSignal,
): Promise<E["prototype"]> {
  const checkLeaks = leakCheck();
  try {
    const transport = await openSsh(options, { signal });
    await transport.close();
  } catch (error) {
    assert.ok(isError(error, errorClass), String((error as Error).stack));
    await checkLeaks();
    return error;
  }
  return assert.fail(`it connected to ${options.host}`);
}

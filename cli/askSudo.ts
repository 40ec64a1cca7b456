import { type DataSource, registerDataSource, Secret, UsageError } from "../engine/index.js";
import { exitCode } from "./exitCode.js";
import type { ReadyHost } from "./preflight.js";

/** The beginning of the names that passwords of accounts have. */
const passwordOfUser = "--user-passwd--";

/**
 * Passwords of accounts that the hosts' hops ask for are what the person types now, once for all of them.
 * What a property asks for is none of them, also where it is a password.
 *
 * @throws UsageError when there is no terminal to ask at.
 */
export async function askSudo(hosts: readonly Pick<ReadyHost, "hopsData">[]): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError("-K asks for a password, and this is no terminal", {
      hint: "leave it out, and register a source of data with the password in the consfig",
    });
  }
  const names = hosts
    .flatMap((host) => host.hopsData)
    .filter(([one]) => one.startsWith(passwordOfUser));
  registerDataSource(typed(await readPassword("sudo password: "), new Set(names.map(nameOf))));
}

function nameOf(idens: readonly [string, string]): string {
  return JSON.stringify(idens);
}

function typed(password: Secret, names: ReadonlySet<string>): DataSource {
  return {
    description: "the password typed for -K",
    // The password was asked for on the command line: it counts as newer than that of any source.
    version: async (iden1, iden2) =>
      names.has(nameOf([iden1, iden2])) ? String(Number.MAX_SAFE_INTEGER) : undefined,
    read: async () => Buffer.from(password.reveal()),
  };
}

/** What is typed up to the end of the line; nothing of it is shown. */
async function readPassword(prompt: string): Promise<Secret> {
  const { stdin, stderr } = process;
  // Raw mode begins before the question is seen: nothing that is typed from then on is shown.
  stdin.setRawMode(true);
  stderr.write(prompt);
  stdin.setEncoding("utf8");
  try {
    return new Secret(await typedLine(stdin));
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function typedLine(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const end = () => {
      stdin.removeListener("data", onData);
      resolve(typed.join(""));
    };
    const onData = (text: string) => {
      for (const key of text) {
        if (key === "\r" || key === "\n" || key === "\x04") return end();
        // In raw mode the terminal makes no signals of keys.
        if (key === "\x03") return interrupted(stdin);
        if (key === "\x7f" || key === "\b") typed.pop();
        else if (key === "\x15") typed = [];
        else typed.push(key);
      }
    };
    stdin.on("data", onData);
  });
}

function interrupted(stdin: NodeJS.ReadStream): never {
  stdin.setRawMode(false);
  process.stderr.write("\n");
  process.exit(exitCode.interrupted);
}

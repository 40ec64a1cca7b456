import { type DataSource, registerDataSource, Secret, UsageError } from "../engine/index.js";
import { exitCode } from "./exitCode.js";

/**
 * Passwords of accounts on hosts are what the person types now, once for all of them.
 *
 * @throws UsageError when there is no terminal to ask at.
 */
export async function askSudo(): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError("-K asks for a password, and this is no terminal", {
      hint: "leave it out, and register a source of data with the password in the consfig",
    });
  }
  registerDataSource(typed(await readPassword("sudo password: ")));
}

function typed(password: Secret): DataSource {
  return {
    description: "the password typed for -K",
    // The password was asked for on the command line: it counts as newer than that of any source.
    version: async (iden1) => (iden1.startsWith("--user-passwd--") ? "999999999" : undefined),
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

import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import tty from "node:tty";
import { Cancelled, Secret } from "../../engine/index.js";

/** The question is put on a terminal. What is typed up to the end of the line; it is not shown. */
export type Ask = (question: string) => Promise<Secret>;

/**
 * The terminal that this process was started from, or undefined if there is none. It is asked for by
 * name, since stdin and stderr may be something else.
 */
export function theTerminal(): Ask | undefined {
  try {
    closeSync(openSync("/dev/tty", "r+"));
    return ask;
  } catch {
    return undefined;
  }
}

const ask: Ask = async (question) => {
  const fd = openSync("/dev/tty", "r+");
  const input = new tty.ReadStream(fd);
  input.setEncoding("utf8");
  try {
    // Raw mode begins before the question is seen: nothing that is typed from then on is shown.
    input.setRawMode(true);
    writeSync(fd, question);
    return new Secret(await typedLine(input));
  } finally {
    input.setRawMode(false);
    writeSync(fd, "\n");
    // Not just paused: it would take the next key from others who read, a pinentry for one.
    input.destroy();
    closeIfOpen(fd);
  }
};

/** The stream has opened the terminal anew and closed that, unless it could not find its name. */
function closeIfOpen(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // closed with the stream
  }
}

function typedLine(input: tty.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (settle: () => void) => {
      input.removeListener("data", onData);
      input.removeListener("end", onEnd);
      settle();
    };
    const onData = (text: string) => {
      for (const key of text) {
        if (key === "\r" || key === "\n" || key === "\x04")
          return end(() => resolve(typed.join("")));
        if (key === "\x03") return end(() => void interrupted().then(reject));
        if (key === "\x7f" || key === "\b") typed.pop();
        else if (key === "\x15") typed = [];
        else typed.push(key);
      }
    };
    const onEnd = () => end(() => reject(new Cancelled("the terminal is gone")));
    input.on("data", onData);
    input.on("end", onEnd);
    // It stays: an error may come once more while the stream is being closed.
    input.on("error", onEnd);
  });
}

/** In raw mode the terminal makes no signal of Ctrl-C: we do, so that all the rest ends too. */
async function interrupted(): Promise<Cancelled> {
  process.kill(process.pid, "SIGINT");
  // Where somebody heeds the signal, what is under way is being cancelled by the time the question ends.
  await once(process, "SIGINT");
  return new Cancelled("interrupted at a question");
}

import { spawnSync } from "node:child_process";
import type { ServerChannel } from "ssh2";
import { greeting } from "../../engine/shell/program.js";

/** What a command printed, a character for each byte, and how it ended. */
interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** The nonce, and the programs of the dispatcher, the executor and the keeper: a line each. */
const preamble = 4;
const pid = 4711;

/**
 * Answers a session's protocol (engine/shell/program.ts) without any process: what a command prints
 * has been asked of a real `sh` once, and is the same on every host but for the host's own name. It
 * knows commands that look, as there are no others where nothing is to be done.
 */
export class Answerer {
  readonly #model: string;
  readonly #answers = new Map<string, Answer>();

  /** The model is a host on which all is as it should be. Other names are as long as its name. */
  constructor(model: string) {
    this.#model = model;
  }

  /** The session on that host is served until its end. */
  serve(channel: ServerChannel, host: string): void {
    let count = 0;
    let nonce = "";
    let rest = "";
    channel.write(`${greeting}\n`);
    channel.on("data", (bytes: Buffer) => {
      const lines = (rest + bytes.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (++count === 1) nonce = line;
        if (count === preamble) channel.write(`${nonce}:H:${pid}\n`);
        if (count > preamble) this.#take(line, channel, nonce, host);
      }
    });
    channel.on("end", () => {
      channel.write(`${nonce}:Z\n`);
      channel.exit(0);
      channel.end();
    });
  }

  #take(line: string, channel: ServerChannel, nonce: string, host: string): void {
    const [, letter, number, word = ""] = /^([A-Z]) (\d+) ?(.*)$/.exec(line) ?? [];
    // The dispatcher is told which process the executor is.
    if (letter === "X") return;
    if (letter !== "Q") throw new Error(`this is not simulated: ${line}`);
    const { stdout, stderr, code } = this.#answer(word.replaceAll(host, this.#model));
    const started = `${nonce}:S:${number}\n`;
    const send = (stream: { write(bytes: Buffer): unknown }, text: string) =>
      stream.write(Buffer.from(text.replaceAll(this.#model, host), "latin1"));
    send(channel, `${started}${nonce}:P:${number}:${pid}\n${stdout}${nonce}:E:${number}:${code}\n`);
    send(channel.stderr, `${started}${stderr}${nonce}:E:${number}\n`);
  }

  #answer(word: string): Answer {
    const known = this.#answers.get(word);
    if (known) return known;
    // As the executor does it.
    const program = `_n=$(printf "\\n."); _n=\${_n%.}; eval "_c=$1"; eval "$_c"`;
    const { stdout, stderr, status } = spawnSync("sh", ["-c", program, "sh", word], {
      encoding: "latin1",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const answer = { stdout, stderr, code: status };
    this.#answers.set(word, answer);
    return answer;
  }
}

/**
 * What an executable does. Its first part runs once, when it is made: modules have been loaded, the
 * prerequest is evaluated, and all that is then in memory is kept. Every process of the executable
 * begins there, and goes on with the second part.
 */
import { writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import v8 from "node:v8";
import type { z } from "zod";
import { sealDefinitions } from "../../core/definitions/index.js";
import { ownHome } from "../../core/index.js";
import {
  decodePayload,
  describeError,
  encodeFrame,
  evaluateForm,
  FrameReader,
  formMessage,
  inPhases,
  type ReplyMessage,
  requestMessage,
  requiredFlags,
  setZygoteMaker,
  type Zygote,
} from "../../zygote/client.js";
import {
  serveAsSeparateZygote,
  startZygoteProgram,
  useUpRandomCaches,
} from "../../zygote/server.js";
import { dataDirectory, keepDataIn } from "../remote/index.js";
import { refuseToStartItself, startedByItself } from "./noNode.js";
import { nodeOf } from "./runtime.js";
import { type EncodedTask, runBody, scriptBody, scriptFor } from "./script.js";

/** The variable by which an executable is told to be something else than its task. */
const roleVariable = "CONSFIGURATOR_EXECUTABLE";
/** The descriptor at which whoever starts an executable asks for a form, if its task is that. */
const requestFd = 3;

type Asked = z.infer<typeof formMessage>;

/** Called by the executable's script, with its task and the script's own body. */
export function begin({ prerequest, request }: EncodedTask, body: string): void {
  sealDefinitions("the executable has loaded its modules");
  runBody(body);
  // A zygote may be a plain Node, which takes flags, with the same script.
  if (!v8.startupSnapshot.isBuildingSnapshot()) return void serveAsSeparateZygote(1);
  v8.startupSnapshot.setDeserializeMainFunction(() => goOn(request));
  void becomeReady(prerequest);
}

let isReady = false;

/** A snapshot is made when nothing is left to do: what is open would make it wait for ever. */
async function becomeReady(prerequest: string | null): Promise<void> {
  if (prerequest) await evaluateForm(decoded(prerequest));
  for (let turns = 0; turns < 2; turns++) await turn();
  const open = process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate");
  if (open.length > 0) {
    writeSync(2, `something is left open: ${open.join(", ")}\n`);
    process.exit(1);
  }
  isReady = true;
}

/**
 * Called as late as can be: what decodes it goes on knowing where in memory the last message was, which
 * with Node 26 is another place each time, and so would be the snapshot.
 */
function decoded(frame: string): Asked {
  return formMessage.parse(decodePayload(Buffer.from(frame, "base64").subarray(4)));
}

function goOn(request: string | null): void {
  // Modules that drew when they were loaded have left more than they took.
  useUpRandomCaches();
  const role = process.env[roleVariable];
  // Programs that the executable starts must not take the role for theirs.
  delete process.env[roleVariable];
  if (!isReady) throw new Error("the prerequest waits for what nothing can settle any more");
  if (role === "zygote") return void serveAsSeparateZygote(1);
  const mistaken = startedByItself();
  if (mistaken) {
    console.error(`${mistaken.code}  ${mistaken.message}; ${mistaken.hint}`);
    process.exit(1);
  }
  refuseToStartItself(roleVariable);
  // Node would open a debugger. (What else keeps memory private takes the addon, which most never load.)
  process.on("SIGUSR1", () => {});
  keepDataIn(dataDirectory(ownHome()));
  // The zygote is made when it is asked for: most executables never fork.
  setZygoteMaker(makeZygote);
  if (request) return void fulfil(decoded(request));
  serveOne();
}

/** An executable of a Node before 24.6 cannot be started with the flags that forking needs. */
async function makeZygote(): Promise<Zygote> {
  const hasFlags = requiredFlags.every((flag) => process.execArgv.includes(flag));
  if (hasFlags) return startZygoteProgram([process.execPath], { [roleVariable]: "zygote" });
  const { use } = await nodeOf(process.execPath);
  return use(async (node) => {
    const script = `${node}.js`;
    await writeFile(script, scriptFor(await scriptBody(), { prerequest: null, request: null }));
    return startZygoteProgram([node, ...requiredFlags, script], {});
  });
}

/** A promise that nothing can settle any more ends the process, too. */
async function fulfil(request: Asked): Promise<void> {
  try {
    await evaluateForm(request);
  } catch (error) {
    console.error(error);
    process.exitCode = Number(process.exitCode) || 1;
  }
}

/** One request from whoever started this process, and the reply. */
function serveOne(): void {
  const take = inPhases(requestMessage, [{ endsWith: ["request"] }], {
    request: ({ form }) => void answer(form),
  });
  const reader = new FrameReader();
  const socket = new net.Socket({ fd: requestFd, readable: true, writable: true });
  socket.on("error", () => process.exit(1));
  socket.on("data", (bytes) => {
    try {
      for (const frame of reader.push(bytes)) take(frame);
    } catch (error) {
      // What is under way is nobody's any more.
      socket.end(encodeFrame(failed(error)), () => process.exit());
    }
  });

  async function answer(form: Asked): Promise<void> {
    let reply: Buffer;
    try {
      const value = await evaluateForm(form);
      reply = encodeFrame({ kind: "returned", ...(value !== undefined && { value }) });
    } catch (error) {
      reply = encodeFrame(failed(error));
    }
    socket.end(reply);
  }
}

function failed(error: unknown): ReplyMessage {
  console.error(error);
  process.exitCode = Number(process.exitCode) || 1;
  return { kind: "threw", error: describeError(error) };
}

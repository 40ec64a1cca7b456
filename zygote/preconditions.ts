/** What must hold of a process that is to be forked; each fails under its own name. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import inspector from "node:inspector";
import { setImmediate as turn } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { ZygoteRefused } from "./errors.js";

/** What Node must have been started with: else V8 has threads whose work a child would wait for. */
export const requiredFlags = ["--single-threaded", "--v8-pool-size=1"] as const;

/** V8's one worker and its timer thread, Node's signal thread, and the main one. */
const ownThreads = 4;
/** Node 20 reads ES modules on libuv's pool: its threads may exist, but must be at rest. */
const poolThreads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

/** Of Node's own threads one has an event loop: V8's timers. A worker's thread would be another. */
const timerThreads = 1;
/** The number of futex(2). */
const futex: Partial<Record<string, string>> = { x64: "202", arm64: "98" };

const patienceMs = 500;

/** Something that must hold before a fork. */
export interface Precondition {
  readonly name: string;
  /** What is wrong, or undefined. */
  readonly check: () => string | undefined;
  readonly hint: string;
}

/** All preconditions, in the order in which they are checked. */
export const preconditions: readonly Precondition[] = [
  {
    name: "platform",
    check: () => (process.platform === "linux" ? undefined : `this is ${process.platform}`),
    hint: "use the pool of exec'ed processes",
  },
  {
    name: "flags",
    check: () => {
      const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)];
      const missing = requiredFlags.filter((flag) => !given.includes(flag));
      return missing.length > 0 ? `node was started without ${missing.join(" ")}` : undefined;
    },
    hint: `start node with ${requiredFlags.join(" ")}, or use a separate zygote`,
  },
  {
    name: "mainThread",
    check: () => (isMainThread ? undefined : "this is a worker thread"),
    hint: "make the zygote in the main thread, before any worker",
  },
  {
    name: "inspector",
    check: () => (inspector.url() ? "the inspector is open" : undefined),
    hint: "start node without --inspect",
  },
  {
    name: "ipcChannel",
    check: () => (process.channel ? "this process has an IPC channel" : undefined),
    hint: "start it with spawn, not with child_process.fork",
  },
  {
    name: "nothingPending",
    check: () => {
      const pending = [...pendingWork(), ...unreferenced()];
      return pending.length > 0 ? `pending: ${pending.join(", ")}` : undefined;
    },
    hint: "make the zygote before anything is begun: timers, sockets, files, processes",
  },
  {
    name: "ioUring",
    // In a child the kernel thread of io_uring works on with the parent's credentials. (The ring that
    // newer versions of libuv always have serves epoll alone; uv_loop_fork makes it anew.)
    check: () => (process.env.UV_USE_IO_URING === "1" ? "libuv uses io_uring" : undefined),
    hint: "start node with UV_USE_IO_URING=0 in its environment",
  },
  {
    name: "threads",
    check: () => {
      const threads = otherThreads();
      if (!threads) return "they cannot be counted without /proc";
      if (threads.length + 1 > ownThreads + poolThreads) return `${threads.length + 1} threads run`;
      // A thread at work holds locks, which nobody would release in the child.
      const busy = threads.filter((thread) => !isAtRest(thread));
      return busy.length <= timerThreads ? undefined : `${busy.length} threads are at work`;
    },
    hint: "load what starts threads, such as piscina or ssh2, after the zygote was made",
  },
];

/**
 * Settles once all hold: Node itself may still be at work, e.g. closing the file of the last module.
 *
 * @throws ZygoteRefused naming the one that does not
 */
export async function whenReady(): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    // A waiting microtask is no resource that could be seen. After this turn those of now are over.
    await turn();
    const refused = failing();
    if (refused.length === 0) return;
    const lasting = refused.find((one) => !isTransient(one));
    if (lasting) throw lasting;
    if (performance.now() > deadline) throw refused[0];
  }
}

function failing(): readonly ZygoteRefused[] {
  return preconditions.flatMap(({ name, check, hint }) => {
    const what = check();
    return what === undefined ? [] : [new ZygoteRefused(name, what, hint)];
  });
}

function isTransient(refused: ZygoteRefused): boolean {
  return refused.condition === "nothingPending" || refused.condition === "threads";
}

/** The standard streams' handles are idle unless something is written, which is listed by itself. */
function pendingWork(): readonly string[] {
  const idle = ["TTYWrap", "PipeWrap"];
  const { _getActiveHandles } = process as unknown as {
    _getActiveHandles: () => readonly { fd?: unknown; constructor?: { name?: string } }[];
  };
  const handles = _getActiveHandles
    .call(process)
    .filter((handle) => handle.fd !== 1 && handle.fd !== 2)
    .map((handle) => handle.constructor?.name ?? "a handle");
  const requests = process.getActiveResourcesInfo().filter((kind) => !idle.includes(kind));
  return [...new Set([...handles, ...requests])];
}

/**
 * The other threads of this process; undefined where there is no /proc, whose pid namespace may not
 * be ours.
 */
function otherThreads(): readonly string[] | undefined {
  try {
    const main = readlinkSync("/proc/self");
    return readdirSync("/proc/self/task").filter((one) => one !== main);
  } catch {
    return undefined;
  }
}

/**
 * Handles that listen or watch without keeping the process going. In a child their descriptors are closed:
 * libuv would abort over such a handle, or take another descriptor of the same number for its own.
 */
function unreferenced(): readonly string[] {
  const watching = ["tcp", "pipe", "udp", "tty", "poll", "fs_event"];
  const { libuv } = process.report.getReport() as {
    libuv: readonly { type: string; is_active: boolean; is_referenced: boolean }[];
  };
  return libuv
    .filter((one) => watching.includes(one.type) && one.is_active && !one.is_referenced)
    .map(({ type }) => `a ${type} handle that was unreferenced`);
}

/** Whether a thread waits for work and for nothing else, as V8's and libuv's do: on a futex. */
function isAtRest(thread: string): boolean {
  try {
    const [call] = readFileSync(`/proc/self/task/${thread}/syscall`, "latin1").split(" ");
    return call === futex[process.arch];
  } catch {
    return true; // ended meanwhile
  }
}

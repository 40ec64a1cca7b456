import { defined } from "../../core/index.js";
import { JournalDamaged } from "../base/index.js";
import { HostFold } from "./hostFold.js";
import { journalPath } from "./place.js";
import { isAlive } from "./process.js";
import type { JournalRecord, RecordOf } from "./records.js";
import type { ItemWords, Run } from "./run.js";

/** So many places of damage are told, at most. */
const mostDamage = 100;

/** Makes a run of the records of its journal. */
export class RunFold {
  readonly #run: string;
  readonly #hosts = new Map<string, HostFold>();
  readonly #notes: string[] = [];
  readonly #damage: string[] = [];
  #items = new Map<number, ItemWords>();
  #begin: RecordOf<"begin"> | undefined;
  /** The process that is at the run: the one that began or resumed it last. */
  #owner: RecordOf<"begin"> | RecordOf<"resumed"> | undefined;
  #end: RecordOf<"end"> | undefined;
  #lastAt = "";

  constructor(run: string) {
    this.#run = run;
  }

  damaged(line: number, what = "is no record"): void {
    if (this.#damage.length < mostDamage) this.#damage.push(`line ${line} ${what}`);
  }

  record(record: JournalRecord, line: number): undefined {
    if ("at" in record && record.type !== "item") this.#lastAt = record.at ?? this.#lastAt;
    switch (record.type) {
      case "begin":
        if (this.#begin) this.damaged(line, "begins another run");
        this.#begin ??= record;
        this.#owner ??= record;
        return;
      case "hosts":
        for (const header of record.hosts) {
          const host = this.#hosts.get(header.host);
          if (host) host.header(header);
          else this.#hosts.set(header.host, new HostFold(header));
        }
        return;
      case "item": {
        const { id, desc, at } = record;
        this.#items.set(record.n, { id, desc, ...defined({ at }) });
        return;
      }
      case "resumed":
        this.#owner = record;
        this.#end = undefined;
        // A process that resumes a run numbers the items' words anew.
        this.#items = new Map();
        return;
      case "end":
        this.#end = record;
        return;
      case "note":
        this.#notes.push(record.text);
        return;
      case "claimed":
      case "left":
        return;
      default: {
        const host = this.#hosts.get(record.host);
        if (!host) this.damaged(line, "is about a host that is not of the run");
        else if (!host.record(record, this.#items)) this.damaged(line, "is about unknown items");
      }
    }
  }

  /** @throws JournalDamaged when the run has not even begun */
  result(): Run {
    const [begin, owner, end] = [this.#begin, this.#owner, this.#end];
    if (!begin || !owner) {
      const file = journalPath(this.#run);
      throw new JournalDamaged(`the journal of the run ${this.#run} begins with no whole record`, {
        file,
        hint: "nothing was done in that run; remove the file",
      });
    }
    return {
      id: this.#run,
      consfig: begin.consfig,
      command: begin.command,
      begunAt: new Date(begin.at),
      lastAt: new Date(this.#lastAt),
      ...defined({
        endedAt: end && new Date(end.at),
        exitCode: end?.exitCode,
        stopped: end?.stopped,
      }),
      state: end ? "ended" : isAlive(owner.process) ? "running" : "interrupted",
      hosts: new Map([...this.#hosts].map(([name, host]) => [name, host.result()])),
      notes: this.#notes,
      damage: this.#damage,
    };
  }
}

import { defined } from "../../core/index.js";
import { Cancelled, type ConsfigError, isError, printable } from "../../engine/base/index.js";
import type { DeploymentEvent, Ending } from "../../engine/index.js";
import { errorInBrief, errorLines } from "./error.js";
import { ItemTree, type Node } from "./itemTree.js";
import type { Paint } from "./paint.js";
import { duration, itemInWords, several } from "./words.js";

/** How much of what happens is told, and how. */
export interface LogOptions {
  /** -1: failures only; 1: what is unchanged too; 2: what is inside others too; 3: commands too. */
  readonly verbosity: number;
  readonly paint: Paint;
  /** The width of the column with hosts' names. */
  readonly nameWidth: number;
}

/**
 * So many items that were not reached are listed one by one; of more only the number is told,
 * without -v.
 */
const few = 5;

/** The lines that tell of one host's deployment, event by event. */
export class HostLog {
  readonly #host: string;
  readonly #options: LogOptions;
  readonly #items = new ItemTree();
  /** Items that were not reached, one after the other and for one reason: they are told together. */
  #notReached: Node[] = [];
  #chain: string | undefined;
  /** What is being done while no property is being applied, such as connecting. */
  #phase: string | undefined;
  readonly #told = new Set<ConsfigError>();

  constructor(host: string, options: LogOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** The lines to be shown after this event. */
  after(event: DeploymentEvent): readonly string[] {
    switch (event.type) {
      case "connecting":
        this.#chain = event.chain;
        this.#phase = "connecting";
        return this.#info(1, `connecting over ${event.chain}`);
      case "retrying":
        this.#phase = "to be connected to again";
        return this.#retry(event);
      case "connected":
        this.#phase = undefined;
        return this.#info(1, `connected in ${duration(event.durationMs)}`);
      case "inform":
        return this.#info(event.level, event.text);
      case "started":
        this.#items.started(event.item);
        return [];
      case "ended": {
        const node = this.#items.ended(event.item, event.ending, event.durationMs);
        return node ? this.#atTop(node) : [];
      }
      case "finished":
        return [...this.#flush(), ...this.error(event.report.error)];
    }
  }

  /** What is being done right now, and what that is inside of. */
  get current(): string | undefined {
    const running = this.#items.running.filter((item) => !item.silent);
    return running.length === 0 ? this.#phase : running.map(({ desc }) => desc).join(" › ");
  }

  /** The lines for an error, unless it has been told already. */
  error(error: unknown): readonly string[] {
    if (error === undefined || this.#told.has(error as ConsfigError)) return [];
    this.#told.add(error as ConsfigError);
    const { paint, verbosity } = this.#options;
    // With -q it is enough that the summary tells of it.
    if (isError(error, Cancelled) && verbosity < 0) return [];
    if (isError(error, Cancelled)) return [this.#line(paint.bad("cancelled"), "")];
    const chain = defined({ chain: this.#chain });
    return errorLines(error, { host: this.#host, verbosity, paint, ...chain });
  }

  #retry({ attempt, afterMs, error }: DeploymentEvent & { type: "retrying" }): readonly string[] {
    const { paint, verbosity } = this.#options;
    if (verbosity < 0) return [];
    const { code, text } = errorInBrief(error);
    const when = `attempt ${attempt} in ${duration(afterMs)}`;
    return [this.#line(paint.warn("retrying   "), `${when}: ${code}  ${text}`)];
  }

  #atTop(node: Node): readonly string[] {
    if (!isNeeded(node.ending)) return [...this.#flush(), ...this.#nodes([node], "")];
    const together = reasonOf(this.#notReached[0]) === reasonOf(node);
    const flushed = together ? [] : this.#flush();
    this.#notReached.push(node);
    return flushed;
  }

  #flush(): readonly string[] {
    const nodes = this.#notReached;
    this.#notReached = [];
    return this.#nodes(nodes, "");
  }

  #nodes(nodes: readonly Node[], indent: string): readonly string[] {
    const { verbosity } = this.#options;
    const missed = nodes.filter((node) => isNeeded(node.ending));
    const together = missed.length > few && verbosity === 0;
    const lines = nodes.flatMap((node) =>
      this.#shows(node) && !(together && missed.includes(node)) ? this.#node(node, indent) : [],
    );
    if (!together) return lines;
    const text = `${several(missed.length, "item")}: ${reasonOf(missed[0])}`;
    return [...lines, this.#line(this.#word("notReached"), indent + printable(text))];
  }

  #node(node: Node, indent: string): readonly string[] {
    const { item, ending, durationMs, children } = node;
    const { paint, verbosity } = this.#options;
    const slow =
      verbosity > 0 && durationMs >= 1000 ? paint.faint(`  ${duration(durationMs)}`) : "";
    const why = "reason" in ending ? paint.faint(`  ${printable(ending.reason)}`) : "";
    const text = `${indent}${itemInWords(item, paint)}${slow}${why}`;
    const opens = verbosity >= 2 || !["unchanged", "notReached"].includes(ending.outcome);
    const error = ending.outcome === "failed" ? ending.error : undefined;
    // An error is told where it arose: at the innermost item that has it.
    const arose = error && !children.some((child) => hasError(child, error));
    return [
      this.#line(this.#word(ending.outcome), text),
      ...(opens ? this.#nodes(children, `${indent}  `) : []),
      ...(arose ? this.error(error) : []),
    ];
  }

  #shows({ item, ending }: Node): boolean {
    const { verbosity } = this.#options;
    if (ending.outcome === "failed" || ending.outcome === "interrupted") return true;
    if (item.silent || verbosity < 0) return false;
    if (ending.outcome === "notReached") return verbosity >= (ending.needed ? 0 : 2);
    return ending.outcome === "changed" || verbosity >= 1;
  }

  #word(outcome: Ending["outcome"]): string {
    const { bad, warn, faint } = this.#options.paint;
    const text = (outcome === "notReached" ? "not reached" : outcome).padEnd(11);
    if (outcome === "unchanged") return faint(text);
    return outcome === "changed" ? warn(text) : bad(text);
  }

  #info(level: number, text: string): readonly string[] {
    const { verbosity, paint } = this.#options;
    if (verbosity < level) return [];
    return [this.#line(paint.faint("info       "), paint.faint(printable(text)))];
  }

  #line(word: string, text: string): string {
    const { paint, nameWidth } = this.#options;
    return `${paint.strong(this.#host.padEnd(nameWidth))}  ${word}  ${text}`.trimEnd();
  }
}

function isNeeded(ending: Ending): boolean {
  return ending.outcome === "notReached" && ending.needed;
}

function reasonOf(node: Node | undefined): string | undefined {
  return node?.ending.outcome === "notReached" ? node.ending.reason : undefined;
}

function hasError(node: Node, error: ConsfigError): boolean {
  if (node.ending.outcome === "failed" && node.ending.error === error) return true;
  return node.children.some((child) => hasError(child, error));
}

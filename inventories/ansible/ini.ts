import { expandHostPattern } from "./hostPattern.js";
import type { Inventory } from "./inventory.js";
import { literalOrText } from "./literal.js";
import { refusing } from "./refusal.js";
import { shellWords } from "./words.js";

/** A group that is named before it is declared, and how. */
interface Pending {
  readonly line: number;
  readonly what: string;
}

/**
 * The inventory has what the INI file says. Errors do not repeat what may be a password.
 *
 * @throws InvalidInventory, which names the line
 */
export function readIni(text: string, file: string, inventory: Inventory): void {
  let section = { group: "ungrouped", sort: "hosts" };
  const declared = new Set(inventory.groups.keys());
  const pending = new Map<string, Pending>();
  text.split(/\r\n|\r|\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === "" || /^[;#]/.test(line)) return;
    refusing(`${file}:${index + 1}`, () => {
      const [, group, sort = "hosts"] = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(line) ?? [];
      if (group === undefined) return readLine(line, index + 1);
      if (!["hosts", "children", "vars"].includes(sort)) {
        throw new SyntaxError(`a section is [group], [group:children] or [group:vars]: ${line}`);
      }
      section = { group, sort };
      inventory.group(group);
      if (sort !== "vars") declared.add(group);
      else pending.set(group, pending.get(group) ?? { line: index + 1, what: line });
    });
  });
  for (const [group, { line, what }] of pending) {
    refusing(`${file}:${line}`, () => {
      if (!declared.has(group)) throw new SyntaxError(`there is no group ${group}: ${what}`);
    });
  }

  function readLine(line: string, number: number): void {
    if (/^\[.*\]$/.test(line)) throw new SyntaxError(`no name of a section: ${line}`);
    const { group, sort } = section;
    if (sort === "hosts") readHosts(line, group, inventory);
    else if (sort === "vars") {
      const [name, value] = assignment(line);
      inventory.setGroupVar(group, name.trim(), literalOrText(value.trim()));
    } else {
      const child = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line)?.[1];
      if (child === undefined) throw new SyntaxError(`expected the name of a group: ${line}`);
      if (!declared.has(child)) pending.set(child, { line: number, what: `[${group}:children]` });
      inventory.addChild(group, child);
    }
  }
}

/** A host or a range of hosts, and variables of theirs. */
function readHosts(line: string, group: string, inventory: Inventory): void {
  const words = shellWords(line);
  if (!words) throw new SyntaxError("a quotation does not end");
  const [pattern, ...rest] = words;
  if (pattern === undefined) return;
  const { names, port } = expandHostPattern(pattern);
  if (port === undefined && pattern.endsWith(":")) throw new SyntaxError(`no port: ${pattern}`);
  const vars = rest.map(assignment).map(([name, value]) => [name, literalOrText(value)] as const);
  for (const name of names) {
    inventory.addHost(name, group, port);
    inventory.setHostVars(name, vars);
  }
}

function assignment(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf("=");
  if (equals < 0) throw new SyntaxError("expected name=value");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

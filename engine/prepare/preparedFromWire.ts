import type { Wire } from "../../core/index.js";
import { InvalidArgument, toWire } from "../base/index.js";
import {
  checkedArgs,
  combinatorOf,
  type HostattrsWire,
  type Prepared,
  type PreparedApp,
  type PreparedCombination,
  type PreparedHost,
  propertyOf,
} from "../model/index.js";
import { assertNesting } from "./nesting.js";

/**
 * The host, if the value that came from another process is a prepared host whose every id is known
 * here and whose every argument satisfies its schema.
 *
 * @throws InvalidArgument, UnknownDefinition
 */
export function preparedFromWire(value: unknown): PreparedHost {
  const host = asRecord(value, "a prepared host");
  const { name, hostattrs, propspec } = host;
  if (typeof name !== "string") throw new InvalidArgument("a prepared host has no name");
  return {
    name,
    hostattrs: hostattrsFromWire(hostattrs),
    propspec: nodeFromWire(propspec, 0),
  };
}

function nodeFromWire(value: unknown, depth: number): Prepared {
  assertNesting(depth);
  const node = asRecord(value, "a prepared propspec");
  const { path, args, at, property, combinator } = node;
  if (typeof path !== "string" || !Array.isArray(args)) {
    throw new InvalidArgument("a prepared propspec lacks its path or arguments");
  }
  const place = { path, ...(typeof at === "string" ? { at } : {}) };
  if (typeof property === "string") {
    const definition = propertyOf(property);
    const app: PreparedApp = {
      ...place,
      property,
      args: checkedArgs(property, definition.args, args),
    };
    if (node.expansion === undefined) return app;
    return { ...app, expansion: combinationFromWire(node.expansion, depth) };
  }
  if (typeof combinator !== "string") {
    throw new InvalidArgument("a prepared propspec is neither a property nor a combination");
  }
  return combinationFromWire(value, depth);
}

function combinationFromWire(value: unknown, depth: number): PreparedCombination {
  const { path, args, at, combinator, props, host } = asRecord(value, "a combination");
  if (typeof combinator !== "string" || typeof path !== "string") {
    throw new InvalidArgument("a combination lacks its combinator or path");
  }
  if (!Array.isArray(props) || !Array.isArray(args)) {
    throw new InvalidArgument("a combination lacks its properties or options");
  }
  return {
    path,
    combinator,
    args: checkedArgs(combinator, combinatorOf(combinator).args, args),
    props: props.map((prop) => nodeFromWire(prop, depth + 1)),
    ...(typeof at === "string" ? { at } : {}),
    ...(host === undefined ? {} : { host: preparedFromWire(host) }),
  };
}

function hostattrsFromWire(value: unknown): HostattrsWire {
  const { attrs, parent } = asRecord(value, "hostattrs");
  const lists = Object.entries(asRecord(attrs, "hostattrs")).map(([key, values]) => {
    if (!Array.isArray(values)) throw new InvalidArgument(`the hostattr ${key} is no list`);
    return [key, toWire(values, key) as readonly Wire[]] as const;
  });
  return {
    attrs: Object.fromEntries(lists),
    ...(parent === undefined ? {} : { parent: hostattrsFromWire(parent) }),
  };
}

function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new InvalidArgument(`${what} is ${value === null ? "null" : typeof value}`);
}

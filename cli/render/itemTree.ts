import type { Ending, Item } from "../../engine/index.js";

/** An item of a host's report that has ended, with the items inside it. */
export interface Node {
  readonly item: Item;
  readonly ending: Ending;
  readonly durationMs: number;
  readonly children: readonly Node[];
}

/** Puts the items of one host together as they end: what is inside an item ends before it. */
export class ItemTree {
  readonly #open: { readonly item: Item; readonly children: Node[] }[] = [];

  /** The item has started. */
  started(item: Item): void {
    this.#open.push({ item, children: [] });
  }

  /** The item has ended. With what was inside it, if it is not itself inside another. */
  ended(item: Item, ending: Ending, durationMs: number): Node | undefined {
    const index = this.#open.findLastIndex(
      (one) => one.item.path === item.path && one.item.depth === item.depth,
    );
    const [opened] = index < 0 ? [] : this.#open.splice(index, 1);
    const node: Node = { item, ending, durationMs, children: opened?.children ?? [] };
    const parent = this.#around(item);
    if (!parent) return node;
    parent.children.push(node);
    return undefined;
  }

  /** The items that have started and not ended, the innermost last. */
  get running(): readonly Item[] {
    return this.#open.map(({ item }) => item);
  }

  #around({ path, depth }: Item) {
    return this.#open.findLast(
      ({ item }) =>
        item.depth === depth - 1 &&
        /^[./]/.test(path.slice(item.path.length)) &&
        path.startsWith(item.path),
    );
  }
}

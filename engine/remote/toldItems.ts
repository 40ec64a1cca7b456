import { combinatorOf, type Prepared } from "../model/index.js";
import { describe } from "../prepare/index.js";
import { type ApplicationEvent, type Item, type ItemPlace, itemOf } from "../report/index.js";

/** What there is to tell of one item of an order, and what has been told. */
interface Possible {
  readonly item: Item;
  /** The item that it is inside of. */
  readonly around: Possible | undefined;
  /** How often it may still begin, or be left out. */
  timesLeft: number;
  isUnderWay: boolean;
  hasEnded: boolean;
  /** How many of the items inside of it are under way. */
  inside: number;
}

type Refuse = (what: string) => never;

/**
 * The items of an order, and which of them have been told.
 *
 * Whoever carries out the order can only say how far it is: which items there are, and in which order
 * they can begin and end, is known here. So it cannot invent any, and none is told more often than it
 * can happen.
 */
export class ToldItems {
  readonly #propspec: Prepared;
  readonly #within: string;
  readonly #refuse: Refuse;
  readonly #items = new Map<string, Possible>();

  /** `refuse` throws, with what is not believed. */
  constructor(propspec: Prepared, place: ItemPlace, refuse: Refuse) {
    this.#propspec = propspec;
    this.#within = place.within;
    this.#refuse = refuse;
    this.#add(propspec, place, undefined, 1);
  }

  get count(): number {
    return this.#items.size;
  }

  /** The event, about an item of this side, once it is noted. */
  take(event: ApplicationEvent): ApplicationEvent {
    if (event.type === "inform") return event;
    const { item, ...rest } = event;
    const possible = this.#items.get(item.path);
    if (!possible) return this.#refuse("tells of an item that there is not");
    if (event.type === "started") {
      this.#begins(possible);
      return { ...event, item: asTold(possible.item, item) };
    }
    const isLeftOut = event.ending.outcome === "notReached";
    this.#ends(possible, isLeftOut);
    // Where several are left out at once, they are so at the place of the one that is the reason.
    const depth = isLeftOut ? Math.min(item.depth, possible.item.depth) : possible.item.depth;
    return { ...event, ...rest, item: { ...asTold(possible.item, item), depth } };
  }

  hasEnded(path: string): boolean {
    return this.#items.get(path)?.hasEnded ?? false;
  }

  /** Whether all that surely comes to its turn has been told, to its end, if the propspec was applied. */
  get areComplete(): boolean {
    const isAnyUnderWay = [...this.#items.values()].some(({ isUnderWay }) => isUnderWay);
    return !isAnyUnderWay && this.#isTold(this.#propspec, this.#within);
  }

  #add(node: Prepared, place: ItemPlace, around: Possible | undefined, times: number): void {
    let [inner, inside] = [place, around];
    if (describe(node) !== undefined) {
      const item = itemOf(node, place);
      const told = { isUnderWay: false, hasEnded: false, inside: 0 };
      inside = { item, around, timesLeft: times, ...told };
      this.#items.set(item.path, inside);
      inner = { ...place, depth: place.depth + 1 };
    }
    const add = (part: Prepared, at: ItemPlace, often: number) =>
      this.#add(part, at, inside, times * often);
    if ("property" in node) {
      if (node.expansion) add(node.expansion, inner, 1);
    } else if (node.host) {
      add(node.host.propspec, { ...inner, within: `${place.within}${node.path}/` }, 1);
    } else {
      const { repeats = 1 } = combinatorOf(node.combinator);
      for (const part of node.props) add(part, inner, repeats);
    }
  }

  #begins(possible: Possible): void {
    const { around } = possible;
    if (around && !around.isUnderWay) this.#refuse("begins an item outside of what it is part of");
    if (possible.isUnderWay || possible.timesLeft === 0) this.#refuse("begins an item once more");
    possible.timesLeft--;
    possible.isUnderWay = true;
    if (around) around.inside++;
  }

  #ends(possible: Possible, isLeftOut: boolean): void {
    if (possible.inside > 0) this.#refuse("ends an item before its parts");
    if (possible.isUnderWay) {
      possible.isUnderWay = false;
      if (possible.around) possible.around.inside--;
    } else if (isLeftOut && possible.timesLeft > 0) {
      possible.timesLeft--;
    } else {
      this.#refuse("ends an item that is not under way");
    }
    possible.hasEnded = true;
  }

  #isTold(node: Prepared, within: string): boolean {
    const isItem = describe(node) !== undefined;
    if (isItem && this.hasEnded(within + node.path)) return true;
    if ("property" in node) return false;
    if (node.host) return this.#isTold(node.host.propspec, `${within}${node.path}/`);
    const { props } = node;
    // Of a combination that is left out as a whole all parts are told.
    const surely = isItem ? props.length : combinatorOf(node.combinator).looksAt?.(props.length);
    return props.slice(0, surely ?? 0).every((part) => this.#isTold(part, within));
  }
}

/** What only whoever applies the item knows is taken from there. */
function asTold(own: Item, { silent, unapplied }: Item): Item {
  return { ...own, silent, ...(unapplied && { unapplied }) };
}

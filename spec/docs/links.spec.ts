/** Every link from one page to another leads to a page and, where it says so, to a heading of it. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { isThere, textOf } from "./page.js";

const docs = readdirSync(new URL("../../../docs/", import.meta.url));
const pages = [
  "README.md",
  "zygote/FORK.md",
  ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

/** What the headings of a page are called in links; one that comes again gets a number. */
function anchorsOf(page: string): ReadonlySet<string> {
  const prose = textOf(page).replaceAll(/^```[\s\S]*?^```/gm, "");
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose.matchAll(/^#+ (.*)$/gm)) {
    const plain = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, "");
    const anchor = plain.replaceAll(" ", "-");
    let number = 0;
    while (anchors.has(number === 0 ? anchor : `${anchor}-${number}`)) number++;
    anchors.add(number === 0 ? anchor : `${anchor}-${number}`);
  }
  return anchors;
}

for (const page of pages) {
  test(page, () => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const broken = links.filter((target) => {
      const [file = "", anchor] = target.split("#");
      const place = file === "" ? page : path.join(path.dirname(page), file);
      if (!isThere(place)) return true;
      return anchor !== undefined && !anchorsOf(place).has(anchor);
    });
    assert.deepEqual(broken, []);
  });
}

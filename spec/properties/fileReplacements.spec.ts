import { AbortedChange, InvalidArgument } from "../../engine/index.js";
import { containsBlock, regexReplacedLines } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.regexReplacedLines", [
  {
    name: "the first match in each line, with what was matched",
    given: { a: "Port 22 22\n#Port 22\n" },
    props: (root) => regexReplacedLines(`${root}/a`, "^(#?Port) 22\\b", "$1 2222"),
    outcome: "changed",
    becomes: { a: "Port 2222 22\n#Port 2222\n" },
  },
  {
    name: "every match",
    given: { a: "a.b.c\r\n" },
    props: (root) => regexReplacedLines(`${root}/a`, "\\.", "$$", { every: true }),
    outcome: "changed",
    becomes: { a: "a$b$c\r\n" },
  },
  {
    name: "what it is replaced by is there",
    given: { a: "x y\n" },
    props: (root) => regexReplacedLines(`${root}/a`, "x z", "x y"),
    outcome: "unchanged",
  },
  {
    name: "a pattern that matches what it is replaced by",
    given: { a: "x\n" },
    props: (root) => regexReplacedLines(`${root}/a`, "x", "x y"),
    outcome: { fails: AbortedChange, says: /each run/ },
  },
  {
    name: "a second match that would be next",
    given: { a: "x x\n" },
    props: (root) => regexReplacedLines(`${root}/a`, "x", "y"),
    outcome: { fails: AbortedChange, says: /every/ },
  },
  {
    name: "a replacement with a newline",
    props: () => regexReplacedLines("/a", "x", "y\nz"),
    outcome: { fails: InvalidArgument, says: /newline/ },
  },
]);

runCases("file.containsBlock", [
  {
    name: "a file that is missing",
    props: (root) => containsBlock(`${root}/a`, "ours", ["one", "two"]),
    outcome: "changed",
    becomes: { a: "# BEGIN ours\none\ntwo\n# END ours\n" },
    unapplied: { a: "" },
  },
  {
    name: "a block with other lines",
    given: { a: "x\n; BEGIN ours\r\none\r\n; END ours\ny\n" },
    props: (root) => containsBlock(`${root}/a`, "ours", ["one", "two"], { comment: ";" }),
    outcome: "changed",
    becomes: { a: "x\n; BEGIN ours\r\none\r\ntwo\r\n; END ours\ny\n" },
    unapplied: { a: "x\ny\n" },
  },
  {
    name: "the block as it is to be",
    given: { a: "x\n# BEGIN ours\none\n# END ours\n" },
    props: (root) => containsBlock(`${root}/a`, "ours", ["one"]),
    outcome: "unchanged",
    unapplied: { a: "x\n" },
  },
  {
    name: "a line that is a marker",
    props: () => containsBlock("/a", "ours", ["# END ours"]),
    outcome: { fails: InvalidArgument, says: /marker/ },
  },
]);

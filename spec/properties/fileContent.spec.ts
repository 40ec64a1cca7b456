import { FileFailed } from "../../engine/index.js";
import { hasContent } from "../../properties/file.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.hasContent", [
  {
    name: "a new file",
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: "changed",
    then: { a: "text\n" },
  },
  {
    name: "a directory is there",
    given: { "a/b": "" },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: { fails: FileFailed },
  },
]);

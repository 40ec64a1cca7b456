/** XML, read by a strict parser. */
import { SaxesParser } from "saxes";

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** The root element. @throws Error when it is not well-formed */
export function parseXml(xml: string): Element {
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element: Element = {
      name,
      attributes: attributes as Record<string, string>,
      children: [],
      text: "",
    };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  const [only] = root.children;
  if (!only) throw new Error("there is no element");
  return only;
}

/** The element and all that are inside of it. */
export function allOf(element: Element): readonly Element[] {
  return [element, ...element.children.flatMap(allOf)];
}

export function named(element: Element, name: string): readonly Element[] {
  return allOf(element).filter((one) => one.name === name);
}

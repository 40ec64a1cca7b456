/** A source of packages as apt's files have it. */
export interface Stanza {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components?: readonly string[];
  readonly types?: readonly string[];
  readonly architectures?: readonly string[];
  readonly signedBy?: string;
  readonly trusted?: boolean;
}

/** The source as a stanza of a file in `sources.list.d`. */
export function stanza(source: Stanza): string {
  const fields: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["Types", source.types ?? ["deb"]],
    ["URIs", source.uris],
    ["Suites", source.suites],
    ["Components", source.components],
    ["Architectures", source.architectures],
    ["Signed-By", source.signedBy === undefined ? undefined : [source.signedBy]],
    ["Trusted", source.trusted ? ["yes"] : undefined],
  ];
  return fields.map(([name, words]) => (words ? `${name}: ${words.join(" ")}\n` : "")).join("");
}

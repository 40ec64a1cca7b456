/**
 * Bytes as text that loses none of them: in a line that is no UTF-8, each byte above 127 becomes a lone
 * surrogate that stands for it. Both ways take one pass and one buffer, whatever the bytes are.
 */

const escapes = 0xdc00;
const newline = 0x0a;

/** The bytes as text. Where lines are UTF-8 that is what they say. */
export function escapedText(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let end = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const stop = found < 0 ? bytes.length : found + 1;
    const decoded = decodeLine(bytes, start, stop, units, end);
    end = decoded ?? escapeLine(bytes, start, stop, units, end);
    start = stop;
  }
  return Buffer.from(units.buffer, 0, 2 * end).toString("utf16le");
}

/** The bytes of a text that {@link escapedText} has made. */
export function unescapedBytes(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafe(3 * text.length);
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      bytes[end++] = unit;
    } else if (unit > escapes + 0x7f && unit <= escapes + 0xff) {
      bytes[end++] = unit - escapes;
    } else {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      end += bytes.write(character, end);
      at += character.length - 1;
    }
  }
  return bytes.subarray(0, end);
}

function escapeLine(
  bytes: Uint8Array,
  start: number,
  stop: number,
  units: Uint16Array,
  at: number,
): number {
  for (let i = start; i < stop; i++) {
    const byte = bytes[i] ?? 0;
    units[at + i - start] = byte < 0x80 ? byte : escapes + byte;
  }
  return at + stop - start;
}

/** Where the units of the line end; undefined if it is no UTF-8. */
function decodeLine(
  bytes: Uint8Array,
  start: number,
  stop: number,
  units: Uint16Array,
  at: number,
): number | undefined {
  let end = at;
  for (let i = start; i < stop; ) {
    const first = bytes[i] ?? 0;
    const length = lengthOf(first);
    if (length === 0 || i + length > stop) return undefined;
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let more = 1; more < length; more++) {
      const byte = bytes[i + more] ?? 0;
      if (byte >> 6 !== 0b10) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < (least[length] ?? 0) || isSurrogate || point > 0x10ffff) return undefined;
    if (point <= 0xffff) {
      units[end++] = point;
    } else {
      units[end++] = 0xd7c0 + (point >> 10);
      units[end++] = 0xdc00 + (point & 0x3ff);
    }
    i += length;
  }
  return end;
}

/** The least character that is written with so many bytes. */
const least = [0, 0, 0x80, 0x800, 0x10000];

/** How many bytes a character takes, by its first one; 0 if no character begins so. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc0) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf8 ? 4 : 0;
}

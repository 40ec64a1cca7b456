/**
 * A Node with a blob in it, as a single executable application is: Node finds the blob in a note of
 * its program header table (an ELF segment of type PT_NOTE), and looks for it where a marker in the
 * program's own text says that there is one.
 *
 * The table has no room. So a new one, with two more entries, and the note lie behind everything else
 * in the file, in a segment of their own; only the file's header is changed, which now leads there.
 * What there was before stays where it was: `pristine` is the Node again.
 */
import { AbortedChange } from "../base/index.js";

const noteName = "NODE_SEA_BLOB\0";
const marker = Buffer.from("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:");
const [off, on] = [0x30, 0x31];

/** Offsets in the header of the file. */
const tableOffset = 32;
const entrySize = 54;
const entryCount = 56;

/** In an entry of the table: offset, address, physical address, size in the file and in memory. */
const [atOffset, atAddress, atPhysical, atFileSize, atMemorySize, atAlign] = [
  8, 16, 24, 32, 40, 48,
];
const segment = { load: 1, note: 4, table: 6 } as const;
const readable = 4;
/** The largest page there is on the machines that Node is made for. */
const page = 0x10000;

/** The program with the blob in it. @throws AbortedChange if no blob can be put in */
export function withBlob(node: Buffer, blob: Uint8Array): Buffer {
  const at = markerIn(node);
  const entries = entriesOf(node);
  const loaded = entries.filter((entry) => entry.readUInt32LE(0) === segment.load);
  const [first] = loaded;
  if (!first) throw unfit("it has nothing that is loaded");
  // Old kernels take it for granted that the table's address follows from the first segment's.
  const distance = number(first, atAddress) - number(first, atOffset);
  const ends = loaded.map((entry) => number(entry, atAddress) + number(entry, atMemorySize));
  const start = upTo(Math.max(node.length, Math.max(...ends) - distance), page);
  const note = noteOf(blob);
  const tableSize = (entries.length + 2) * (entries[0]?.length ?? 0);
  const noteStart = upTo(start + tableSize, 16);
  const place = (from: number, size: number): Place => ({ from, size, distance });
  const table = entries.map((entry) =>
    entry.readUInt32LE(0) === segment.table ? placed(entry, place(start, tableSize)) : entry,
  );
  const whole = place(start, noteStart + note.length - start);
  const last = table.findLastIndex((entry) => entry.readUInt32LE(0) === segment.load);
  // Segments that are loaded are in the order of their addresses.
  table.splice(last + 1, 0, entry(segment.load, whole, page));
  table.push(entry(segment.note, place(noteStart, note.length), 4));
  const result = Buffer.alloc(noteStart + note.length);
  node.copy(result);
  result[at] = on;
  result.writeBigUInt64LE(BigInt(start), tableOffset);
  result.writeUInt16LE(table.length, entryCount);
  Buffer.concat(table).copy(result, start);
  note.copy(result, noteStart);
  return result;
}

/** What must be known to make a program pristine again. */
export interface ProgramShape {
  readonly length: number;
  readonly table: number;
  readonly count: number;
}

/** The shape of a program that has no blob. @throws AbortedChange */
export function pristineOf(node: Buffer): ProgramShape {
  const table = Number(header(node).readBigUInt64LE(tableOffset));
  return { length: node.length, table, count: node.readUInt16LE(entryCount) };
}

/** The program as it was without its blob. */
export function pristine(program: Buffer, { length, table, count }: ProgramShape): Buffer {
  const node = Buffer.from(program.subarray(0, length));
  node.writeBigUInt64LE(BigInt(table), tableOffset);
  node.writeUInt16LE(count, entryCount);
  const at = node.indexOf(marker) + marker.length;
  node[at] = off;
  return node;
}

function header(node: Buffer): Buffer {
  const isElf64 = node.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
  if (!isElf64) throw unfit("it is no ELF program of 64 bits");
  return node;
}

function markerIn(node: Buffer): number {
  const at = header(node).indexOf(marker);
  const isOnly = at >= 0 && node.indexOf(marker, at + 1) < 0;
  if (isOnly && node[at + marker.length] === off) return at + marker.length;
  throw unfit("it has no place for an application");
}

function unfit(why: string): AbortedChange {
  return new AbortedChange(`this machine's Node cannot be made an executable of: ${why}`, {
    hint: 'a Node of nodejs.org can: node({ from: ["upload"] }), if yours is one',
  });
}

function entriesOf(node: Buffer): readonly Buffer[] {
  const start = Number(node.readBigUInt64LE(tableOffset));
  const size = node.readUInt16LE(entrySize);
  return Array.from({ length: node.readUInt16LE(entryCount) }, (_, index) =>
    Buffer.from(node.subarray(start + index * size, start + (index + 1) * size)),
  );
}

interface Place {
  readonly from: number;
  readonly size: number;
  /** The distance from a place in the file to its address. */
  readonly distance: number;
}

function placed(entry: Buffer, { from, size, distance }: Place): Buffer {
  for (const at of [atAddress, atPhysical]) entry.writeBigUInt64LE(BigInt(from + distance), at);
  for (const at of [atFileSize, atMemorySize]) entry.writeBigUInt64LE(BigInt(size), at);
  entry.writeBigUInt64LE(BigInt(from), atOffset);
  return entry;
}

function entry(type: number, place: Place, align: number): Buffer {
  const made = Buffer.alloc(56);
  made.writeUInt32LE(type, 0);
  made.writeUInt32LE(readable, 4);
  made.writeBigUInt64LE(BigInt(align), atAlign);
  return placed(made, place);
}

/** An ELF note: lengths of name and content, the type, name and content, each filled up to four bytes. */
function noteOf(blob: Uint8Array): Buffer {
  const contentAt = 12 + upTo(noteName.length, 4);
  const note = Buffer.alloc(contentAt + upTo(blob.length, 4));
  note.writeUInt32LE(noteName.length, 0);
  note.writeUInt32LE(blob.length, 4);
  note.write(noteName, 12);
  note.set(blob, contentAt);
  return note;
}

function number(entry: Buffer, at: number): number {
  return Number(entry.readBigUInt64LE(at));
}

function upTo(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

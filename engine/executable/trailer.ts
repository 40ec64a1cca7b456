import type { ProgramShape } from "./elf.js";

const magic = Buffer.from("consfig\0");
/** The magic, three numbers, two hashes. */
export const trailerBytes = 8 + 3 * 8 + 2 * 32;

/** What follows everything else in an executable. */
export interface Trailer {
  /** How it becomes a Node again. */
  readonly pristine: ProgramShape;
  /** The hash of what it was made of. */
  readonly madeOf: Buffer;
  /** The hash of all before the trailer: whether it is whole. */
  readonly content: Buffer;
}

/** The bytes of a trailer. */
export function trailerFor({ pristine, madeOf, content }: Trailer): Buffer {
  const bytes = Buffer.alloc(trailerBytes);
  magic.copy(bytes);
  for (const [index, number] of [pristine.length, pristine.table, pristine.count].entries()) {
    bytes.writeBigUInt64LE(BigInt(number), 8 + index * 8);
  }
  madeOf.copy(bytes, 32);
  content.copy(bytes, 64);
  return bytes;
}

/** The trailer of a program, or undefined if it is none of our executables. */
export function trailerOf(program: Buffer): Trailer | undefined {
  const bytes = program.subarray(-trailerBytes);
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const number = (index: number) => Number(bytes.readBigUInt64LE(8 + index * 8));
  return {
    pristine: { length: number(0), table: number(1), count: number(2) },
    madeOf: bytes.subarray(32, 64),
    content: bytes.subarray(64, 96),
  };
}

/** Of fixed length, so that what one host answers has the length of what another does. */
export function nameOf(number: number): string {
  return `host-${String(number).padStart(5, "0")}`;
}

/** A loopback address of its own for each. */
export function addressOf(number: number): string {
  return `127.1.${number >> 8}.${number & 255}`;
}

/** The name of the host that has the address. */
export function nameOfAddress(address: string): string {
  const [, , high = 0, low = 0] = address
    .replace(/^::ffff:/, "")
    .split(".")
    .map(Number);
  return nameOf(high * 256 + low);
}

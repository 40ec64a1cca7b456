/** One seed decides what the generators of all specs make: `npm test -- --seed N`. */
import fc from "fast-check";
import { numbers } from "../runner/order.js";

export const seed = Number(process.env.CONFSIG_SEED ?? 1);

fc.configureGlobal({ seed });
export default fc;

/** Whole numbers from 0 on and below what is asked for, drawn by the seed. */
export function draws(): (below: number) => number {
  const draw = numbers(seed);
  return (below) => Math.floor(draw() * below);
}

/** Generators whose seed is the run's. Whoever needs fast-check takes it from here. */
import fc from "fast-check";
import { seed } from "./seed.js";

fc.configureGlobal({ seed });
export default fc;

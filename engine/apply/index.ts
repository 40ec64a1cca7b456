/**
 * A prepared propspec being applied over one connection, and what properties see of the host meanwhile.
 *
 * It may import `connect`, `report`, `files`, `prepare` and what is below them; it knows no other process.
 */
export { Application } from "./application.js";
export type { ApplyRequest, Endpoint, Start } from "./endpoint.js";
export { HostWriter } from "./hostWriter.js";
export { type ApplyTerms, applyTerms, type Earlier, partOf } from "./terms.js";

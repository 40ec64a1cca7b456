/**
 * A prepared propspec being applied over one connection: checks that are begun ahead of their turn, properties
 * applied one after the other, and what they see of the host meanwhile (`hostReader.ts`, `hostWriter.ts`).
 *
 * This room may import `connect`, `report`, `files`, `prepare` and what is below them. It knows no other process.
 */
export { Application } from "./application.js";
export type { ApplyRequest, Endpoint, Start } from "./endpoint.js";
export { HostWriter } from "./hostWriter.js";
export { type ApplyTerms, applyTerms, type Earlier, partOf } from "./terms.js";

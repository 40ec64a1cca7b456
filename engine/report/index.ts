/**
 * What happens, told to listeners: events, items, what is counted, and errors as plain data. Secrets are
 * hidden here, in all that is told (`knownSecrets.ts`).
 *
 * This room may import `prepare` and what is below that. It knows neither connections nor who listens.
 */
export {
  type ApplicationEvent,
  type Ending,
  type Item,
  numberedError,
} from "./applicationEvent.js";
export { errorToWire, shortList, text } from "./errorCodec.js";
export { ErrorDecoder, ErrorEncoder } from "./eventCodec.js";
export {
  type Counts,
  type DeploymentEvent,
  type DeploymentReport,
  type Failure,
  type Listener,
  noCounts,
  withOne,
} from "./events.js";
export { type ItemPlace, itemOf, leaveOut } from "./item.js";
export { hideAllIn, KnownSecrets } from "./knownSecrets.js";
export { Reporter } from "./reporter.js";

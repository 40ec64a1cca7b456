/** What a deployment cost in messages. */
export interface Traffic {
  readonly commands: number;
  /** Times this side had nothing more to send and waited for an answer. */
  readonly roundTrips: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

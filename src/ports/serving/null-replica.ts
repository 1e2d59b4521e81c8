/** A server on this machine that answers every request of a service's protocol at once and computes nothing. */
export interface NullReplica {
  readonly endpoint: string;
  close(): Promise<void>;
}

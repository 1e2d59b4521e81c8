export interface NewEvent {
  readonly service: string;
  readonly environment: string;
  /** Dotted, subject first: `release.created`, `replica.admitted`, `routing.changed`, `lease.acquired`. */
  readonly kind: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly by: string;
  readonly atMs: number;
  /** JSON-safe. For a decision: its inputs and its reason, enough to replay it. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface StoredEvent extends NewEvent {
  readonly seq: number;
}

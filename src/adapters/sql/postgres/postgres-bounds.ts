/** Nothing waits for ever, neither here nor in the server. */
export interface PostgresBounds {
  readonly connectTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** After this the server ends a transaction whose process does not go on: it must not lock out all the others. */
  readonly idleInTransactionTimeoutMs: number;
}

export const defaultBounds: PostgresBounds = {
  connectTimeoutMs: 5_000,
  lockTimeoutMs: 5_000,
  statementTimeoutMs: 10_000,
  idleInTransactionTimeoutMs: 5_000,
};

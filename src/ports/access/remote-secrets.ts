/** A store of secrets on another machine. The state folder says which secret lies where; its grants hold as for all others. */
export interface RemoteSecrets {
  /**
   * Returns the keys and values at a place, as the state folder names it: `vault://MOUNT/PATH`. Calls shortly after each other may share
   * one answer. Bounded in time.
   * @throws PlimsollError `secret-store-unset` (input), `secret-store-unreachable` (unavailable), `secret-store-refused` (unauthorized),
   *   `secret-place-missing` (not-found). None holds a value or a token.
   */
  read(place: string): Promise<Readonly<Record<string, string>>>;
}

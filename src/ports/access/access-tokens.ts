import type { AccessToken, TokenFile } from '../../core/access/access-token.ts';

/** The tokens that a control plane takes beside those of its start, as digests in a file. */
export interface AccessTokens {
  /** Where they are kept, for people. */
  readonly place: string;
  /** Empty where there is no file yet. */
  read(): Promise<TokenFile>;
  /** @throws PlimsollError `token-name-taken` (conflict), `too-many-tokens` (input). */
  add(token: AccessToken): Promise<void>;
  /** Removes every token of this name; returns how many there were. Lines that are not tokens stay. */
  revoke(name: string): Promise<number>;
}

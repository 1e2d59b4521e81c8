import type { Secrets } from './secrets.ts';

/** The secrets of one state folder on their way into another one; what they leave stays as it is. */
export interface SecretsToImport {
  /** @throws PlimsollError `secret-differs` (conflict) where both have one of a name that does not hold the same. */
  refuseOther(): Promise<void>;
  /** Values, and then who was granted them; what is there already is not written again. */
  copy(): Promise<void>;
  /** What lies there; a grant is written where it goes. */
  readonly granted: Pick<Secrets, 'list' | 'grant' | 'beginGrants'>;
}

import type { TokenClaims } from '../../../../core/access/providers/identity-provider.ts';

/** Whom a session of the page stands for that came from a provider. */
export interface SessionIdentity {
  /** Name in the identities file. */
  readonly provider: string;
  /** As `keepClaims` gives them. */
  readonly claims: TokenClaims;
}

const mark = '~';
/** With the rest of the cookie less than the 4,096 bytes that browsers keep. */
const lengthAtMost = 3_200;

/** The text that a session keeps; null where it is too long for a cookie. */
export function writeIdentity(identity: SessionIdentity): string | null {
  const text = Buffer.from(JSON.stringify(identity)).toString('base64url');
  return text.length <= lengthAtMost ? mark + text : null;
}

/** Null for the key id of a token. Sessions are signed: nobody else wrote the text. */
export function readIdentity(from: string): SessionIdentity | null {
  if (!from.startsWith(mark)) return null;
  return JSON.parse(Buffer.from(from.slice(mark.length), 'base64url').toString('utf8')) as SessionIdentity;
}

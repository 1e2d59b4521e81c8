import { createHash, timingSafeEqual } from 'node:crypto';
import { PlimsollError } from '../../core/units/errors.ts';

export type Role = 'viewer' | 'operator';

export interface Token {
  readonly name: string;
  readonly role: Role;
  readonly sha256: Buffer;
}

const tokensAtMost = 1_000;
const linePattern = /^(\S{1,100})\s+(viewer|operator)\s+([0-9a-f]{64})$/;

/**
 * Lines `NAME viewer|operator SHA256-OF-THE-TOKEN`; blank lines and lines that begin with # are left out. The file holds
 * digests, so that reading it gives nobody a token.
 */
export function parseTokenFile(text: string, file: string): readonly Token[] {
  const tokens = text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const match = linePattern.exec(trimmed);
    const [, name, role, sha256] = match ?? [];
    if (name === undefined || sha256 === undefined || (role !== 'viewer' && role !== 'operator')) {
      throw new PlimsollError({
        code: 'token-file-invalid',
        category: 'input',
        message: `${file}:${index + 1}: expected NAME viewer|operator SHA256`,
        next: 'write the digest of the token: printf %s "$TOKEN" | sha256sum',
      });
    }
    return [{ name, role, sha256: Buffer.from(sha256, 'hex') } satisfies Token];
  });
  if (tokens.length === 0 || tokens.length > tokensAtMost) {
    throw new PlimsollError({
      code: 'token-file-invalid',
      category: 'input',
      message: `${file} holds ${tokens.length} tokens; it needs at least one and at most ${tokensAtMost}`,
    });
  }
  return tokens;
}

/** Looks at every token whatever it finds, and compares digests of equal length: time tells nothing about a token. */
export function findToken(tokens: readonly Token[], secret: string): Token | null {
  const asked = createHash('sha256').update(secret).digest();
  let found: Token | null = null;
  for (const token of tokens) if (timingSafeEqual(token.sha256, asked)) found = token;
  return found;
}

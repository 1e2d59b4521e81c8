import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { formatTokenLine, makeToken, tokenDigestOf, type AccessToken } from '../../../core/access/access-token.ts';
import { keyIdOf } from '../../../core/access/server-proof.ts';
import { systemRandom } from '../../../adapters/system/random.ts';
import { Credentials } from './credentials.ts';
import { WatchedTokenFile } from './watched-token-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-tokens-'));
const file = path.join(folder, 'tokens');
const log = { warn: () => undefined, info: () => undefined };
let nowMs = 0;
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  nowMs += 10_000;
});

const tokenOf = (name: string, secret: string): AccessToken => ({
  ...{ name, role: 'release', sha256: tokenDigestOf(secret) },
  ...{ service: null, environment: null, expiresAtMs: null },
});
const write = (...tokens: readonly AccessToken[]): void =>
  writeFileSync(file, tokens.map((token) => `${formatTokenLine(token)}\n`).join(''));

it('a token that was added is taken at once, also right after another one was asked for', () => {
  const [first, second] = [makeToken(systemRandom), makeToken(systemRandom)];
  write(tokenOf('first', first));
  const watched = new WatchedTokenFile(file, log, () => nowMs);
  const credentials = new Credentials({ own: [], named: (isMissed) => watched.tokens(isMissed), nowMs: () => nowMs });
  expect(credentials.find(first)?.requester.name).toBe('first');
  expect(credentials.find(second)).toBeNull();
  write(tokenOf('first', first), tokenOf('second', second));
  expect(credentials.digestOf(keyIdOf(tokenDigestOf(second)))).toBe(tokenDigestOf(second));
  expect(credentials.find(second)?.requester.name).toBe('second');
});

it('a token that was revoked is taken for half a second at most', () => {
  const [first, second] = [makeToken(systemRandom), makeToken(systemRandom)];
  write(tokenOf('first', first), tokenOf('second', second));
  const watched = new WatchedTokenFile(file, log, () => nowMs);
  const credentials = new Credentials({ own: [], named: (isMissed) => watched.tokens(isMissed), nowMs: () => nowMs });
  expect(credentials.find(first)).not.toBeNull();
  write(tokenOf('second', second));
  nowMs += 500;
  expect(credentials.find(first)).toBeNull();
});

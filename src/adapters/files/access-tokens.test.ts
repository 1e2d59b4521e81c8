import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tokenDigestOf, type AccessToken } from '../../core/access/access-token.ts';
import { makeFileAccessTokens } from './access-tokens.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-tokens-'));
  file = path.join(folder, 'state', 'tokens');
});
afterEach(() => rm(folder, { recursive: true }));

const token = (name: string): AccessToken => ({
  ...{ name, role: 'release', sha256: tokenDigestOf(name) },
  ...{ service: null, environment: null, expiresAtMs: null },
});

describe('tokens in a file', () => {
  it('are none before the first is added, and are read back', async () => {
    const tokens = makeFileAccessTokens(file);
    expect(await tokens.read()).toEqual({ tokens: [], problems: [] });
    await tokens.add(token('ci'));
    expect((await tokens.read()).tokens).toEqual([token('ci')]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('have one name each', async () => {
    const tokens = makeFileAccessTokens(file);
    await tokens.add(token('ci'));
    await expect(tokens.add(token('ci'))).rejects.toMatchObject({ code: 'token-name-taken', category: 'conflict' });
  });

  it('are revoked by name; comments and lines that are no tokens stay', async () => {
    const tokens = makeFileAccessTokens(file);
    await tokens.add(token('ci'));
    await writeFile(file, `${await readFile(file, 'utf8')}# mine\nnot a token\n`);
    await tokens.add(token('ada'));
    expect(await tokens.revoke('ci')).toBe(1);
    expect(await tokens.revoke('ci')).toBe(0);
    expect(await readFile(file, 'utf8')).toMatch(/^# Tokens .*\n# mine\nnot a token\nada release [0-9a-f]{64}\n$/);
  });

  it('are all kept when many are added at once', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => makeFileAccessTokens(file).add(token(name))));
    const kept = (await makeFileAccessTokens(file).read()).tokens.map(({ name }) => name);
    expect([...kept].sort()).toEqual([...names].sort());
  });
});

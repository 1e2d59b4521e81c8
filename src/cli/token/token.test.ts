import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFileAccessTokens } from '../../adapters/files/access-tokens.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-token-'));
  file = path.join(folder, 'tokens');
});
afterEach(() => rm(folder, { recursive: true }));

const notes: string[] = [];
const token = (...args: readonly string[]) => {
  notes.length = 0;
  return runCommandLine(['token', ...args], { accessTokens: makeFileAccessTokens(file), notes, nowMs: 0 });
};

it('prints a new token once, alone on stdout, and keeps its digest', async () => {
  const { exit, out } = await token('add', 'ci', '--role', 'release', '--service', 'digits', '--environment', 'prod');
  expect(exit).toBe(0);
  expect(out).toMatch(/^plm_[0-9a-f]{64}\n$/);
  expect(notes.join('\n')).toContain('ci may release for digits in prod; expires 1970-04-01');
  expect(await readFile(file, 'utf8')).not.toContain(out.trim());
});

it('gives a role to a service account, and makes no token for it', async () => {
  const subject = 'system:serviceaccount:ci:deployer';
  const { exit, out } = await token('add', subject, '--role', 'release', '--service', 'digits', '--expires', 'never');
  expect([exit, out]).toEqual([0, expect.not.stringContaining('plm_')]);
  expect(await readFile(file, 'utf8')).toContain(`\n${subject} release service-account service=digits\n`);
  expect((await token('add', subject, '--role', 'view', '--expires', 'never')).exit).toBe(0);
  expect((await token('list')).out).toContain(`${subject}  release  digits`);
  expect((await token('revoke', subject)).exit).toBe(0);
  expect((await token('list')).out).toContain('no tokens in');
});

it('makes a token for an emergency, which does not expire and is listed as such', async () => {
  expect((await token('add', 'glass', '--role', 'operate', '--break-glass')).exit).toBe(0);
  expect(notes.join('\n')).toContain('seal it away from this machine');
  expect(await readFile(file, 'utf8')).toMatch(/^glass operate [0-9a-f]{64} break-glass$/m);
  expect((await token('list')).out).toContain(
    'glass  operate  every service  every environment  does not expire; break-glass',
  );
});

it('lists names, roles, scopes and expiry, and no digest', async () => {
  await token('add', 'ci', '--role', 'release', '--expires', '1970-01-02');
  const { out } = await token('list');
  expect(out).toContain('ci  release  every service  every environment  expires 1970-01-02 23:59 UTC');
  const { out: json } = await token('list', '--json');
  expect(JSON.parse(json)).toMatchObject({ tokens: [{ name: 'ci', expired: false }], problems: [] });
  expect(json).not.toMatch(/[0-9a-f]{64}/);
});

it('says which line of an edited file gives no token', async () => {
  await writeFile(file, 'ada boss\n');
  const { exit, out } = await token('list');
  expect([exit, out]).toEqual([3, expect.stringContaining(`${file}:1 gives no token`)]);
});

it('revokes by name, and names the nearest when there is none', async () => {
  await token('add', 'release-bot', '--role', 'release', '--expires', 'never');
  expect((await token('revoke', 'release-bit')).err).toContain('did you mean release-bot?');
  expect((await token('revoke', 'release-bot')).exit).toBe(0);
  expect((await token('list')).out).toContain('no tokens in');
});

it.each([
  [['add', 'ci'], '--role'],
  [['add', 'ci', '--role', 'releaze'], 'did you mean release?'],
  [['add', 'c i', '--role', 'release'], 'the name "c i"'],
  [['add', 'ci', '--role', 'release', '--expires', 'soon'], '--expires soon is no date'],
  [['add', 'ci', '--role', 'release', '--expires', '1969-01-01'], 'is over already'],
  [['add', 'ci', '--role', 'release', '--service', 'a b'], '--service a b is no name'],
  [['add', 'system:serviceaccount:ci', '--role', 'release'], 'is not system:serviceaccount:NAMESPACE:NAME'],
  [['add', 'system:node:a', '--role', 'release'], 'is not system:serviceaccount:NAMESPACE:NAME'],
  [['add', 'glass', '--role', 'release', '--break-glass'], '--break-glass is for a token with the role operate'],
  [['add', 'system:serviceaccount:ci:a', '--role', 'operate', '--break-glass'], 'and for no service account'],
  [['revoke', 'nobody'], 'no token with the name nobody'],
])('refuses %j', async (args, says) => {
  const { exit, err } = await token(...args);
  expect([exit, err]).toEqual([2, expect.stringContaining(says)]);
});

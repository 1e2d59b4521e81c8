import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readIdentities } from './read-identities.ts';
import { WatchedIdentities } from './watched-identities.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-identities-'));
const [file, keyFile] = [path.join(folder, 'identities.yaml'), path.join(folder, 'keys.json')];
let nowMs = 0;
const warned: string[] = [];
const log = { info: () => undefined, warn: (_facts: object, text: string) => void warned.push(text) };
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  warned.length = 0;
  rmSync(file, { force: true });
  rmSync(keyFile, { force: true });
});

const providers = (role: string, keys = 'keys: { file: keys.json }, '): string =>
  `providers: [{ name: acme, issuer: "https://a.com", audience: x, ${keys}rules: [{ when: { groups: a }, role: ${role} }] }]\n`;
const keySet = (kid: string): string => JSON.stringify({ keys: [{ kty: 'RSA', kid, n: 'AQAB', e: 'AQAB' }] });
const open = (): WatchedIdentities => new WatchedIdentities(file, readIdentities, log, () => nowMs);
const seen = (watched: WatchedIdentities): readonly unknown[] => {
  nowMs += 500;
  return watched
    .providers()
    .map(({ keys, rules }) => [rules[0]?.grant.role, keys.kind === 'set' ? keys.keys[0]?.['kid'] : keys.kind]);
};

describe('the file of identity providers', () => {
  it('is read again when it changes, and when a file of keys beside it does', () => {
    writeFileSync(file, providers('view'));
    writeFileSync(keyFile, keySet('one'));
    const watched = open();
    expect(seen(watched)).toEqual([['view', 'one']]);
    writeFileSync(file, providers('operate'));
    expect(seen(watched)).toEqual([['operate', 'one']]);
    writeFileSync(keyFile, keySet('other'));
    expect(seen(watched)).toEqual([['operate', 'other']]);
    writeFileSync(file, providers('operate', ''));
    expect(seen(watched)).toEqual([['operate', 'discovered']]);
  });

  it.each([
    ['is wrong', () => writeFileSync(file, 'providers: nobody\n')],
    ['is empty', () => writeFileSync(file, '')],
    ['names keys that are not there', () => writeFileSync(file, providers('operate', 'keys: { file: gone.json }, '))],
    ['has keys that are wrong', () => writeFileSync(keyFile, '{}')],
    ['has lost its keys', () => rmSync(keyFile)],
  ])('that %s leaves what was there, says so, and is used once it is right', (_what, spoil) => {
    writeFileSync(file, providers('view'));
    writeFileSync(keyFile, keySet('one'));
    const watched = open();
    seen(watched);
    spoil();
    expect(seen(watched)).toEqual([['view', 'one']]);
    expect([watched.isStale, warned.length]).toEqual([true, 1]);
    seen(watched);
    expect(warned).toHaveLength(1);
    writeFileSync(file, providers('release'));
    writeFileSync(keyFile, keySet('mended'));
    expect(seen(watched)).toEqual([['release', 'mended']]);
    expect(watched.isStale).toBe(false);
  });

  it('that is gone takes all rights away', () => {
    writeFileSync(file, providers('view', ''));
    const watched = open();
    expect(seen(watched)).toHaveLength(1);
    rmSync(file);
    expect(seen(watched)).toEqual([]);
  });

  it('is looked at twice a second at most', () => {
    writeFileSync(file, providers('view', ''));
    const watched = open();
    expect(seen(watched)).toEqual([['view', 'discovered']]);
    writeFileSync(file, providers('operate', ''));
    nowMs += 499;
    expect(watched.providers()[0]?.rules[0]?.grant.role).toBe('view');
    nowMs += 1;
    expect(watched.providers()[0]?.rules[0]?.grant.role).toBe('operate');
  });
});

it.each([
  ['not there', () => undefined, 'identities-unreadable'],
  ['wrong', () => writeFileSync(file, 'providers: nobody\n'), 'identities-invalid'],
  ['without its keys', () => writeFileSync(file, providers('view')), 'identities-unreadable'],
])('a control plane does not start with a file that is %s', (_what, make, code) => {
  make();
  expect(() => readIdentities(file, () => undefined)).toThrow(expect.objectContaining({ code, category: 'input' }));
});

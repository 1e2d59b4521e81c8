import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, makeTable, startGateway, startUpstream } from '../../testing/rigs/gateway-rig.ts';
import { ClientKeys, keyProblem, parseClientKeys } from './client-keys.ts';

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function keysFile(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

test('knows the keys of its file, and says what is missing', async () => {
  const file = await keysFile('a', `# people\nann ${sha256('key-1')}\nbob sha256:${sha256('key-2')} # second\n\n`);
  const keys = await ClientKeys.open(file);
  expect(keyProblem(keys, 'Bearer key-1')).toBeNull();
  expect(keyProblem(keys, 'bearer key-2')).toBeNull();
  expect(keyProblem(keys, 'Bearer key-3')).toBe('key-unknown');
  expect(keyProblem(keys, 'Bearer')).toBe('key-missing');
  expect(keyProblem(keys, 'Basic a2V5')).toBe('key-missing');
  expect(keyProblem(keys, undefined)).toBe('key-missing');
});

test('a line that is not a key is named by file and line', () => {
  expect(() => parseClientKeys('ann 12ab\n', 'keys.txt')).toThrow(/keys\.txt:1: expected a name and the sha256/);
});

test('a third word is the only service that a key opens, and a key may stand on several lines', async () => {
  const [bob, eve] = [sha256('key-b'), sha256('key-e')];
  const file = await keysFile('d', `bob ${bob} digits\nbob ${bob} words/prod # two\neve ${eve}\n`);
  const keys = await ClientKeys.open(file);
  const opens = (key: string): readonly boolean[] =>
    [keys.of('digits', 'staging'), keys.of('words', 'prod'), keys.of('words', 'staging'), keys].map(
      (each) => keyProblem(each, `Bearer ${key}`) === null,
    );
  expect(opens('key-b')).toEqual([true, true, false, false]);
  expect(opens('key-e')).toEqual([true, true, true, true]);
  expect(() => parseClientKeys(`bob ${bob} digits words`, 'keys.txt')).toThrow(/third word is the service/);
  expect(() => parseClientKeys(`bob ${bob} a/b/c`, 'keys.txt')).toThrow(/keys\.txt:1/);
});

test('a changed file is read again; one that cannot be parsed leaves the keys as they were', async () => {
  const file = await keysFile('b', `ann ${sha256('key-1')}\n`);
  const keys = await ClientKeys.open(file);
  expect(await keys.reload()).toBe(false);
  await writeFile(file, 'broken\n');
  await expect(keys.reload()).rejects.toThrow(/:1:/);
  expect(keyProblem(keys, 'Bearer key-1')).toBeNull();
  await writeFile(file, `ann ${sha256('key-2')}\n\n`);
  expect(await keys.reload()).toBe(true);
  expect(keyProblem(keys, 'Bearer key-1')).toBe('key-unknown');
  expect(keyProblem(keys, 'Bearer key-2')).toBeNull();
});

test('the gateway asks for a key, and keeps it from the replica', async () => {
  const keys = await ClientKeys.open(await keysFile('c', `ann ${sha256('key-1')}\n`));
  const upstream = await startUpstream((_req, res) => res.end('ok'));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), {}, { clientKeys: keys });
  const without = await ask(rig.url, { body: 'x' });
  expect([without.status, without.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  expect(JSON.parse(without.body)).toMatchObject({ code: 'key-missing' });
  const wrong = await ask(rig.url, { body: 'x', headers: { authorization: 'Bearer key-9' } });
  expect(JSON.parse(wrong.body)).toMatchObject({ code: 'key-unknown' });
  expect(upstream.seen).toHaveLength(0);
  expect((await ask(rig.url, { body: 'x', headers: { authorization: 'Bearer key-1' } })).status).toBe(200);
  expect(upstream.seen[0]?.headers).not.toHaveProperty('authorization');
  expect((await ask(rig.url, { method: 'GET', path: '/plimsoll/metrics' })).status).toBe(401);
  expect((await ask(rig.url, { method: 'GET', path: '/plimsoll/live' })).status).toBe(200);
  await Promise.all([rig.stop(), upstream.stop()]);
});

test('without client keys the client speaks to the replica in its own name', async () => {
  const upstream = await startUpstream((_req, res) => res.end('ok'));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  await ask(rig.url, { body: 'x', headers: { authorization: 'Bearer theirs' } });
  expect(upstream.seen[0]?.headers.authorization).toBe('Bearer theirs');
  await Promise.all([rig.stop(), upstream.stop()]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { memorySecrets, type MemorySecrets } from '../../testing/fakes/memory/memory-secrets.ts';

let secrets: MemorySecrets;
let cwd: string;
beforeEach(() => {
  secrets = memorySecrets();
  cwd = mkdtempSync(path.join(tmpdir(), 'plimsoll-secret-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (line: string, world: CommandLineWorld = {}) =>
  runCommandLine(['secret', ...line.split(' ')], {
    secrets,
    cwd,
    project: makeMemoryProject({ contract: minimalContract }),
    ...world,
  });
const json = async (line: string, world: CommandLineWorld = {}): Promise<unknown> =>
  JSON.parse((await run(`${line} --json`, world)).out) as unknown;

describe('secret set', () => {
  it('takes the value from standard input or a file, and never shows it', async () => {
    const set = await run('set hf token', { stdin: async () => 'hush-hush\n' });
    expect(set).toMatchObject({ exit: 0, err: '' });
    expect(set.out).toBe(
      'Stored secret/hf#token (9 bytes).\nIt is granted to no service. Grant it: plimsoll secret grant hf\n',
    );
    writeFileSync(path.join(cwd, 'id.txt'), 'other');
    expect(await json('set s3 id --from-file id.txt')).toEqual({ name: 's3', key: 'id', bytes: 5, grants: [] });
    expect([...secrets.values]).toEqual([
      ['hf/token', 'hush-hush'],
      ['s3/id', 'other'],
    ]);
  });

  it('takes no value as an argument', async () => {
    expect(await run('set hf token hush')).toMatchObject({ exit: 2 });
    expect(secrets.values.size).toBe(0);
  });

  it.each([
    ['set ../x token', 'x', 'secret-name-invalid'],
    ['set hf .granted-to', 'x', 'secret-name-invalid'],
    ['set hf token', '', 'secret-value-invalid'],
    ['set hf token', 'a\0b', 'secret-value-invalid'],
    ['set hf token', 'x'.repeat(100 * 1024 + 1), 'secret-value-invalid'],
    ['set hf token --from-file missing.txt', '', 'file-missing'],
  ])('refuses `%s`', async (line, value, code) => {
    expect(await json(line, { stdin: async () => value })).toMatchObject({ error: { code } });
    expect(secrets.values.size).toBe(0);
  });
});

describe('secret from', () => {
  it('remembers a place, shows it, and takes it back', async () => {
    const { out } = await run('from hf vault://kv/team/hf');
    expect(out).toBe(
      'Values of hf are read from vault://kv/team/hf. Replicas that run follow within a minute.\nIt is granted to no service. Grant it: plimsoll secret grant hf\n',
    );
    expect((await run('list')).out).toContain('vault://kv/team/hf');
    expect(await json('from hf --here')).toEqual({ name: 'hf', from: null });
  });

  it.each(['from hf', 'from hf kv/team/hf', 'from hf vault://kv/../sys', 'from hf vault://kv/a --here'])(
    'refuses `%s`',
    async (line) => {
      expect(await json(line)).toMatchObject({ error: { code: 'secret-place-invalid' } });
    },
  );
});

describe('secret grant and revoke-grant', () => {
  it('grant to the service of the contract, or to a named one in one environment', async () => {
    expect(await json('grant hf')).toEqual({ name: 'hf', service: 'digits', environment: null, added: true });
    expect(await json('grant hf')).toMatchObject({ added: false });
    const { out } = await run('grant hf --service audio --environment prod');
    expect(out).toBe('Granted hf to audio in prod. Replicas have it from their next start.\n');
    expect(await json('list')).toEqual({
      secrets: [
        {
          name: 'hf',
          keys: [],
          grants: [
            { service: 'digits', environment: null },
            { service: 'audio', environment: 'prod' },
          ],
        },
      ],
    });
    expect((await run('revoke-grant hf')).out).toContain('hf is no longer granted to digits in every environment.');
    expect(await run('revoke-grant hf')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('plimsoll secret list') as string,
    });
  });

  it.each([
    'grant hf --service *',
    'grant hf --service a#b',
    'grant hf --service digits --environment a/b',
    'grant ..',
  ])('refuse `%s`', async (line) => {
    expect(await run(line)).toMatchObject({ exit: 2 });
    expect(await secrets.list()).toEqual([]);
  });
});

describe('secret list', () => {
  it('shows names, keys and grants, and never a value', async () => {
    expect((await run('list')).out).toContain('no secrets\nnext: plimsoll secret set');
    await secrets.set('hf', 'token', 'hush-hush');
    await secrets.grant('vars', { service: 'audio', environment: 'prod' });
    expect((await run('list')).out).toBe(
      'SECRET  KEYS         GRANTED TO\nhf      token        (nobody)\nvars    (variables)  audio/prod\n',
    );
  });
});

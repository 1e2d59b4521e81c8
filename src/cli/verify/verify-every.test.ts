import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFilePools } from '../../adapters/files/project/pools.ts';
import { makeFileProject } from '../../adapters/files/project/project.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { digestOf } from '../../core/units/digest.ts';
import { lockText } from '../../schemas/lock/lock.ts';
import { poolSnapshotText } from '../../schemas/pool/pool-snapshot.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';
import { badNode, chatContract, chatLock, goodNodes, gpuPool } from '../../testing/rigs/verify-world.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-every-'))));
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function addService(name: string, pools: readonly PoolSnapshot[], contract = chatContract, pinned = true): void {
  const text = contract.replace('service: chat', `service: ${name}`);
  mkdirSync(path.join(folder, name, 'pools'), { recursive: true });
  writeFileSync(path.join(folder, name, 'plimsoll.yaml'), text);
  if (pinned) writeFileSync(path.join(folder, name, 'plimsoll.lock'), lockText(chatLock(text, pools[0] ?? null)));
  for (const pool of pools)
    writeFileSync(path.join(folder, name, 'pools', `${pool.pool}.json`), poolSnapshotText(pool));
}

const every = (...args: string[]) =>
  runCommandLine(['verify', '--every', ...args], {
    cwd: folder,
    projectAt: async (contractFile) => {
      const machine = () => ({ deviceClass: { digest: digestOf('cpu'), description: 'cpu' }, runtime: {} });
      const project = makeFileProject({
        contractFile,
        stateFolder: path.join(folder, '.state'),
        machine,
        parser: parseInPlace,
      });
      return { project, pools: makeFilePools(project.folder) };
    },
  });

const good = gpuPool(goodNodes);
const lab = gpuPool([badNode], { pool: 'lab' });
const twoPools = chatContract.replace(
  'environments:',
  'environments:\n  trial: { pool: lab, platform: kubernetes, selector: { pool: gpu } }',
);

describe('plimsoll verify --every', () => {
  it('is a matrix of all services and the pools of their environments', async () => {
    addService('asr', [good]);
    addService('chat', [good, lab], twoPools);
    const { exit, out } = await every();
    expect(exit).toBe(1);
    expect(out).toBe(
      [
        'fail: 1 of 3 pairs do not pass (3 services on 2 pools)',
        '',
        'service  environment  gpu-eu    lab',
        'asr      prod         pass 2/2  -',
        'chat     trial        -         fail 0/1',
        'chat     prod         pass 2/2  -',
        '',
        'chat in trial on lab: fail: 0 of 1 nodes pass, 1 fail, 0 not known (gpu-c1)',
        'next: plimsoll verify --contract chat/plimsoll.yaml --environment trial --pool lab',
        '',
      ].join('\n'),
    );
  });

  it('takes the pools that are named instead, for all services', async () => {
    addService('chat', [good, lab]);
    const { exit, out } = await every('--pool', 'gpu-eu', '--pool', 'lab');
    expect(exit).toBe(1);
    expect(out).toContain('chat     prod         pass 2/2  fail 0/1');
  });

  it('counts what cannot be read as unknown, and looks at the others all the same', async () => {
    addService('asr', [good], chatContract, false);
    addService('chat', [good]);
    writeFileSync(path.join(folder, 'asr', 'README.md'), '');
    mkdirSync(path.join(folder, 'broken'));
    writeFileSync(path.join(folder, 'broken', 'plimsoll.yaml'), 'service: [');
    const { exit, out } = await every();
    expect(exit).toBe(3);
    expect(out).toContain('asr in prod on gpu-eu: unknown: there is no plimsoll.lock');
    expect(out).toContain('broken/plimsoll.yaml: unknown:');
    expect(out).toContain('pass 2/2');
  });

  it('says which pairs a change breaks, and which it frees', async () => {
    addService('chat', [good, lab], twoPools);
    const { exit, out } = await every('--what-if', 'product=T4');
    expect(exit).toBe(1);
    expect(out).toContain('pass -> fail 0/2');
    expect(out).toContain('breaks: chat in prod on gpu-eu');
    expect((await every('--what-if', 'product=H200')).out).toContain('freed: chat in trial on lab');
  });

  it('has a finding for each pair, in the forms for other programs', async () => {
    addService('chat', [good, lab], twoPools);
    const { out } = await every('--format', 'github');
    expect(out).toContain(
      '::error file=chat/plimsoll.yaml,line=5,col=1,title=plimsoll verify%3A chat in trial on lab::',
    );
    const { cells } = JSON.parse((await every('--json')).out) as { cells: { pool: string; verdict: string }[] };
    expect(cells.map(({ pool, verdict }) => `${pool} ${verdict}`)).toEqual(['lab fail', 'gpu-eu pass']);
  });

  it('is 2 for an environment that no service has, and names those that there are', async () => {
    addService('chat', [good, lab], twoPools);
    const { exit, err } = await every('.', '--environment', 'zz');
    expect(exit).toBe(2);
    expect(err).toContain('no service has an environment `zz`; there are `prod`, `trial`');
    addService('asr', [good]);
    expect((await every('.', '--environment', 'trial')).exit).not.toBe(2);
  });

  it('is 2 where there is no service', async () => {
    const { exit, err } = await every();
    expect(exit).toBe(2);
    expect(err).toContain('there is no plimsoll.yaml below .');
  });
});

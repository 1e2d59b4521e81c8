import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programMarks } from '../../adapters/processes/process-table/programs-of.ts';
import type { Claim } from '../../adapters/processes/state-folder-claim.ts';
import { openSqliteStore } from '../../adapters/sql/sqlite/sqlite-store.ts';
import { aRelease, fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { findStateFolder } from '../open/place/fleet-pointer.ts';
import { importRecords } from './import-records.ts';
import type { UpPlace } from './up-place.ts';

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'plimsoll-up-import-')));
  said = [];
  for (const name of ['a', 'b']) await mkdir(at(name));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (...names: readonly string[]): string => path.join(folder, ...names);
const claim: Claim = {
  ...{ pid: 1, identity: 'host:boot:1:1', pageUrl: 'http://127.0.0.1:1', gatewayUrl: 'http://127.0.0.1:2' },
  startedAtMs: 1,
};
const placeOf = (stateFolder: string, names: readonly string[] = ['a', 'b']): UpPlace => ({
  services: names.map((name) => ({
    ...{ service: name, environment: 'prod', environments: ['prod'] },
    contractFile: at(name, 'plimsoll.yaml'),
  })) as unknown as UpPlace['services'],
  stateFolder,
});
const bring = (stateFolder = at('.plimsoll'), names?: readonly string[]): Promise<void> =>
  importRecords(placeOf(stateFolder, names), claim, (text) => said.push(text), new AbortController().signal);
const pointerOf = (name: string): Promise<string> => readFile(at(name, '.plimsoll', 'fleet.json'), 'utf8');

async function usedAlone(service: string): Promise<void> {
  const store = await openSqliteStore({ file: at(service, '.plimsoll', 'store.sqlite'), clock: new FakeClock() });
  const fence = await fenceOf(store);
  await store.transaction(fence, (tx) => tx.addRelease({ ...aRelease(), service }));
  await store.leases.release(fence);
  await store.close();
}

async function releasesIn(stateFolder: string, service: string): Promise<number> {
  const store = await openSqliteStore({ file: path.join(stateFolder, 'store.sqlite'), clock: new FakeClock() });
  const { length } = await store.releases(service, 'prod');
  await store.close();
  return length;
}

describe('`up` of several folders', () => {
  it('brings the records of each, and every command there finds them; again it has nothing to do', async () => {
    await usedAlone('a');
    await bring();
    expect(said).toEqual([`records of ${at('a', '.plimsoll')}: imported into ${at('.plimsoll')}`]);
    expect(await releasesIn(at('.plimsoll'), 'a')).toBe(1);
    for (const name of ['a', 'b']) {
      expect(JSON.parse(await pointerOf(name))).toEqual({ format: 1, stateFolder: at('.plimsoll') });
      expect(await findStateFolder(at(name))).toBe(at('.plimsoll'));
    }
    await bring();
    expect(said).toHaveLength(1);
  });

  it('leaves a folder alone that is the only one, and the folder whose records the others come to', async () => {
    await bring(at('.plimsoll'), ['a']);
    await bring(at('a', '.plimsoll'));
    await expect(pointerOf('a')).rejects.toThrow('ENOENT');
    expect(JSON.parse(await pointerOf('b'))).toMatchObject({ stateFolder: at('a', '.plimsoll') });
  });

  it('brings them again where the shared records are lost or older', async () => {
    await usedAlone('a');
    await bring();
    await rm(at('.plimsoll'), { recursive: true });
    await bring();
    expect(await releasesIn(at('.plimsoll'), 'a')).toBe(1);
  });

  it('is refused while a program or another `up` of a folder runs, and then imports nothing', async () => {
    await usedAlone('a');
    const marks = programMarks(at('a', '.plimsoll'), 'control-plane', 'line');
    const program = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000); console.log(1)'], {
      ...{ env: { ...process.env, ...marks }, detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    try {
      await new Promise((resolve) => program.stdout?.once('data', resolve));
      await expect(bring()).rejects.toMatchObject({
        code: 'up-running',
        category: 'conflict',
        next: expect.stringContaining(`plimsoll up --stop ${at('a')};`) as string,
      });
    } finally {
      program.kill('SIGKILL');
    }
    await expect(pointerOf('a')).rejects.toThrow('ENOENT');
  });

  it('is refused into another folder than before, and goes on where that one was brought there itself', async () => {
    await usedAlone('a');
    await bring();
    await expect(bring(at('other'))).rejects.toMatchObject({
      code: 'records-elsewhere',
      next: expect.stringContaining(`--state ${at('.plimsoll')}`) as string,
    });
    await writeFile(at('plimsoll.yaml'), '');
    await mkdir(at('c'));
    await importRecords(
      { ...placeOf(at('other')), services: placeOf('', ['.', 'c']).services },
      claim,
      (text) => said.push(text),
      new AbortController().signal,
    );
    await expect(findStateFolder(at('a'))).rejects.toMatchObject({ code: 'fleet-pointer-dangling' });
    await bring(at('other'));
    expect(await findStateFolder(at('a'))).toBe(at('other'));
    expect(await releasesIn(at('other'), 'a')).toBe(1);
    await expect(bring(at('.plimsoll'))).rejects.toMatchObject({ code: 'records-elsewhere' });
  });

  it('follows shared records that were moved', async () => {
    await usedAlone('a');
    await bring();
    await rename(at('.plimsoll'), at('moved'));
    await expect(findStateFolder(at('a'))).rejects.toMatchObject({ code: 'fleet-pointer-dangling' });
    await expect(bring(at('elsewhere'))).rejects.toMatchObject({ code: 'records-elsewhere' });
    // Of one that had no records nobody can tell where they went.
    await expect(bring(at('moved'))).rejects.toMatchObject({ code: 'records-elsewhere' });
    await rm(at('b', '.plimsoll', 'fleet.json'));
    await bring(at('moved'));
    expect(await findStateFolder(at('a'))).toBe(at('moved'));
  });
});

describe('the word of where the records of a folder are', () => {
  it.each(['', '{"format":1', '{"format":2,"stateFolder":"/a"}', '{"format":1,"stateFolder":"a"}', 'null'])(
    'is refused where it reads %s',
    async (text) => {
      await mkdir(at('a', '.plimsoll'));
      await writeFile(at('a', '.plimsoll', 'fleet.json'), text);
      await expect(findStateFolder(at('a'))).rejects.toMatchObject({
        code: 'fleet-pointer-invalid',
        next: expect.stringContaining('--state') as string,
      });
    },
  );
});

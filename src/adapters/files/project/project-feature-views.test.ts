import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { feastRegistry } from '../../../testing/builders/files/feast-encoder.ts';
import { featureViewsOf } from './project-feature-views.ts';

const registry = feastRegistry({ views: [{ name: 'stats', features: { rate: 6 } }] });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-feast-'));
});
afterEach(() => rm(folder, { recursive: true }));

const contractOf = (list: string) => loadContract(`${minimalContract}features: ${list}\n`).contract;
const named = (file: string) => contractOf(`[{ feast: { registry: "${file}", featureViews: [stats] } }]`);

it('reads a registry beside the contract, or by an absolute path', async () => {
  await mkdir(path.join(folder, 'repo/data'), { recursive: true });
  await writeFile(path.join(folder, 'repo/data/registry.db'), registry);
  const own = await featureViewsOf(folder, named('repo/data/registry.db'));
  expect(Object.keys(own ?? {})).toEqual(['rides/stats']);
  expect(await featureViewsOf('/', named(path.join(folder, 'repo/data/registry.db')))).toEqual(own);
  expect(await featureViewsOf(folder, contractOf('[{ path: a.sql }]'))).toBeNull();
});

it('leaves a registry elsewhere to whoever can read it', async () => {
  const contract = named('s3://bucket/registry.pb');
  expect(await featureViewsOf(folder, contract)).toBeNull();
  const views = await featureViewsOf(folder, contract, async (uri) => {
    expect(uri).toBe('s3://bucket/registry.pb');
    return registry;
  });
  expect(Object.keys(views ?? {})).toEqual(['rides/stats']);
});

it('refuses what is no registry, with its name', async () => {
  await writeFile(path.join(folder, 'empty'), '');
  await writeFile(path.join(folder, 'text'), 'project: rides\n');
  for (const [file, code, says] of [
    ['gone.db', 'feast-registry-missing', 'there is no Feast registry at gone.db'],
    ['text/registry.db', 'feast-registry-missing', 'text/registry.db'],
    ['empty', 'feast-invalid', 'empty: this is not a sound registry file'],
    ['text', 'feast-invalid', 'text: this is not a sound registry file'],
  ] as const) {
    const expected = { code, message: expect.stringContaining(says) as string };
    await expect(featureViewsOf(folder, named(file))).rejects.toMatchObject(expected);
  }
  await expect(featureViewsOf(folder, named('.'))).rejects.toThrow(/folder|EISDIR/);
  await expect(featureViewsOf(folder, named('/dev/zero'))).rejects.toMatchObject({ code: 'file-not-regular' });
});

it('refuses two entries that read one view differently', async () => {
  await writeFile(path.join(folder, 'a.db'), registry);
  await writeFile(path.join(folder, 'b.db'), feastRegistry({ views: [{ name: 'stats', features: { rate: 5 } }] }));
  const entry = (file: string) => `{ feast: { registry: ${file}, featureViews: [stats] } }`;
  const both = contractOf(`[${entry('a.db')}, ${entry('b.db')}]`);
  await expect(featureViewsOf(folder, both)).rejects.toThrow('b.db: ');
  expect(Object.keys((await featureViewsOf(folder, contractOf(`[${entry('a.db')}, ${entry('a.db')}]`))) ?? {})).toEqual(
    ['rides/stats'],
  );
});

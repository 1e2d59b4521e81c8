import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../testing/command-line.ts';
import { minimalContract, wholeContract } from '../testing/contract-texts.ts';
import { buildEvidence, buildLock, digest } from '../testing/evidence-builders.ts';
import { makeMemoryProject } from '../testing/memory-project.ts';
import { memoryStore } from '../testing/memory-store.ts';
import { aModel, someData } from '../testing/store-builders.ts';
import type { Store } from '../ports/store.ts';

async function filledStore(environment = 'default'): Promise<Store> {
  const store = memoryStore();
  const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1e9, nowMs: 0 });
  if (lease === null) throw new Error('no lease');
  await store.transaction(lease, async (tx) => {
    await tx.addModelVersion({ ...aModel(digest('one')), environment });
    await tx.addModelVersion({ ...aModel(digest('two')), environment });
    await tx.addDataVersion({ ...someData(digest('golden')), environment, name: 'digits-golden' });
    const move = { environment, name: 'digits', alias: 'candidate', from: null, reason: 'r', by: 'b', atMs: 1 };
    await tx.moveAlias({ ...move, to: 2 });
  });
  return store;
}

describe('plimsoll pin', () => {
  it('writes what is there: files, model by its alias, data, device class and runtime', async () => {
    const contract = minimalContract.replace('serve-model]', 'serve-model], files: [server.py]');
    const project = makeMemoryProject({ contract, files: { 'server.py': 'x' } });
    const { exit, out } = await runCommandLine(['pin'], { project, store: await filledStore() });
    expect(exit).toBe(0);
    const locked = (await project.lock())?.environments['default'];
    expect(locked?.model).toMatchObject({ name: 'digits', version: 2, alias: 'candidate', digest: digest('two') });
    expect(locked?.data['digits-golden']).toEqual({ version: 1, digest: digest('golden') });
    expect(Object.keys(locked?.code?.files ?? {})).toEqual(['server.py']);
    expect(locked?.runtime).toEqual({ onnxruntime: '1.30.0' });
    expect(locked?.deviceClasses).toHaveLength(1);
    expect(out).toContain('pinned in plimsoll.lock:');
    expect(out).toContain('golden  missing  nothing was measured  next: plimsoll golden record');
    expect(await runCommandLine(['check'], { project, store: await filledStore() })).toMatchObject({ exit: 3 });
  });

  it('resolves a number as it stands', async () => {
    const project = makeMemoryProject({ contract: minimalContract.replace('version: candidate', 'version: 1') });
    await runCommandLine(['pin'], { project, store: await filledStore() });
    const model = (await project.lock())?.environments['default']?.model;
    expect(model).toMatchObject({ version: 1, digest: digest('one') });
    expect(model).not.toHaveProperty('alias');
  });

  it('claims no runtime for a server that is not its own', async () => {
    const project = makeMemoryProject({
      contract: minimalContract.replace('[plimsoll, serve-model]', '[mlserver, start]'),
    });
    await runCommandLine(['pin'], { project, store: await filledStore() });
    expect((await project.lock())?.environments['default']?.runtime).toEqual({});
  });

  it('keeps evidence, stale or not, so that check can say what moved', async () => {
    const project = makeMemoryProject({ contract: minimalContract });
    const store = await filledStore();
    await runCommandLine(['pin'], { project, store });
    const locked = (await project.lock())?.environments['default'];
    if (locked === undefined) throw new Error('no lock');
    const golden = buildEvidence('golden', { model: digest('an older model') });
    await project.writeLock(buildLock({ default: { ...locked, evidence: { golden } } }));
    const { out } = await runCommandLine(['pin'], { project, store });
    expect((await project.lock())?.environments['default']?.evidence.golden).toEqual(golden);
    expect(out).toContain('plimsoll.lock already said what is there');
    expect(out).toContain('golden  stale');
  });

  it('--check writes nothing, and is 1 with what moved from what to what', async () => {
    const project = makeMemoryProject({ contract: minimalContract });
    const store = await filledStore();
    expect(await runCommandLine(['pin', '--check'], { project, store })).toMatchObject({ exit: 3 });
    expect(await project.lock()).toBeNull();
    await runCommandLine(['pin'], { project, store });
    expect(await runCommandLine(['pin', '--check'], { project, store })).toMatchObject({ exit: 0 });
    const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1e9, nowMs: 0 });
    if (lease === null) throw new Error('no lease');
    const move = {
      environment: 'default',
      name: 'digits',
      alias: 'candidate',
      from: 2,
      to: 1,
      reason: 'r',
      by: 'b',
      atMs: 1,
    };
    await store.transaction(lease, (tx) => tx.moveAlias(move));
    const { exit, out } = await runCommandLine(['pin', '--check'], { project, store });
    expect(exit).toBe(1);
    expect(out).toMatch(/model {2}digits:2 \(candidate\) [0-9a-f]{12} -> digits:1 \(candidate\) [0-9a-f]{12}/);
    expect(out).toContain('next: plimsoll pin');
  });

  it('forgets environments that the contract no longer has, and keeps those it was not asked about', async () => {
    const project = makeMemoryProject({ contract: `${minimalContract}environments: { a: {}, b: {} }\n` });
    const store = await filledStore('a');
    expect(await runCommandLine(['pin', '--environment', 'a'], { project, store })).toMatchObject({ exit: 0 });
    expect(Object.keys((await project.lock())?.environments ?? {})).toEqual(['a']);
    project.edit({ contract: `${minimalContract}environments: { b: {} }\n` });
    expect(
      await runCommandLine(['pin', '--environment', 'b'], { project, store: await filledStore('b') }),
    ).toMatchObject({ exit: 0 });
    expect(Object.keys((await project.lock())?.environments ?? {})).toEqual(['b']);
  });

  it('pretends nothing about images, clusters and accelerators', async () => {
    const store = await filledStore();
    const whole = await runCommandLine(['pin', '--environment', 'prod'], {
      project: makeMemoryProject({ contract: wholeContract }),
      store,
    });
    expect(whole.exit).toBe(3);
    expect(whole.err).toContain('image inspection is not yet available in this version');
    const nvidia = makeMemoryProject({ contract: `${minimalContract}hardware: { accelerator: nvidia }\n` });
    const device = await runCommandLine(['pin'], { project: nvidia, store });
    expect(device.exit).toBe(3);
    expect(device.err).toContain('accelerators is not yet available');
    expect(await nvidia.lock()).toBeNull();
  });

  it('says what the registry does not have, and the command that adds it', async () => {
    const project = makeMemoryProject({ contract: minimalContract });
    const empty = await runCommandLine(['pin'], { project, store: memoryStore() });
    expect([empty.exit, empty.err.includes('has no model `digits`')]).toEqual([2, true]);
    expect(empty.err).toContain('next: plimsoll model add FILE --name digits --alias candidate');
    const store = await filledStore();
    project.edit({ contract: minimalContract.replace('candidate', 'stable') });
    expect((await runCommandLine(['pin'], { project, store })).err).toContain(
      'no alias `stable` in default; it has candidate',
    );
    project.edit({ contract: minimalContract.replace('candidate', '9') });
    expect((await runCommandLine(['pin'], { project, store })).err).toContain('no version 9 in default; it has 1, 2');
    project.edit({ contract: minimalContract.replace('digits-golden', 'other') });
    expect((await runCommandLine(['pin'], { project, store })).err).toContain('no data `other`');
  });
});

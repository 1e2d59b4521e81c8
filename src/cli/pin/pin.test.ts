import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, digest } from '../../testing/builders/evidence-builders.ts';
import {
  boards,
  buildDevice,
  buildImageFacts,
  buildNode,
  buildPool,
} from '../../testing/builders/pools/hardware-builders.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { matrixModel } from '../../testing/builders/files/onnx-models.ts';
import { aModel, fenceOf, someData } from '../../testing/builders/store-builders.ts';
import type { ImageFacts } from '../../core/evidence/lock/image-facts.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { ImageInspector } from '../../ports/artifacts/image-inspector.ts';
import type { Pools } from '../../ports/project/pools.ts';
import type { Store } from '../../ports/records/store.ts';

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

  it('writes where the model can be fetched, and no folder of this machine', async () => {
    const project = makeMemoryProject({ contract: minimalContract.replace('version: candidate', 'version: 1') });
    const pinnedSource = async (source: string): Promise<unknown> => {
      const store = memoryStore();
      await store.transaction(await fenceOf(store), async (tx) => {
        await tx.addModelVersion({ ...aModel(digest('one')), environment: 'default', lineage: { source } });
        await tx.addDataVersion({ ...someData(), environment: 'default', name: 'digits-golden' });
      });
      expect(await runCommandLine(['pin'], { project, store })).toMatchObject({ exit: 0 });
      return (await project.lock())?.environments['default']?.model?.source;
    };
    expect(await pinnedSource('mlflow://models.example/digits/3')).toBe('mlflow://models.example/digits/3');
    expect(await pinnedSource('s3://models/digits')).toBe('s3://models/digits');
    expect(await pinnedSource('./model.onnx')).toBeUndefined();
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
    await project.changeLock(() => buildLock({ default: { ...locked, evidence: { golden } } }));
    const { out } = await runCommandLine(['pin'], { project, store });
    expect((await project.lock())?.environments['default']?.evidence.golden).toEqual(golden);
    expect(out).toContain('plimsoll.lock already said what is there');
    expect(out).toContain('golden  stale');
  });

  it('keeps evidence that is recorded while it resolves what is there', async () => {
    const project = makeMemoryProject({ contract: minimalContract });
    const store = await filledStore();
    await runCommandLine(['pin'], { project, store });
    const golden = buildEvidence('golden', {});
    const recording: Store = {
      ...store,
      dataVersions: async (...asked) => {
        await project.changeLock((lock) => {
          const { default: locked } = lock!.environments;
          return buildLock({ default: { ...locked!, evidence: { golden } } });
        });
        return store.dataVersions(...asked);
      },
    };
    expect((await runCommandLine(['pin'], { project, store: recording })).exit).toBe(0);
    expect((await project.lock())?.environments['default']?.evidence.golden).toEqual(golden);
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

  describe('of what a contract says of hardware', () => {
    const nvidia = `${minimalContract}hardware: { accelerator: nvidia }\n`;
    const ofPool = `${nvidia}environments: { prod: { pool: h100-eu, platform: local } }\n`;
    const imaged = ofPool
      .replace('command: [plimsoll, serve-model]', 'image: registry.example/digits:2.3.1')
      .replace('local', 'kubernetes');
    const pool = buildPool([buildNode('n1', [buildDevice(), buildDevice({ ...boards.t4 })])]);
    const pools: Pools = {
      read: async (name) => (name === pool.pool ? pool : null),
      write: async () => 'pools/h100-eu.json',
      names: async () => [pool.pool],
    };
    const images = (facts: ImageFacts): ImageInspector => ({
      resolve: async (reference) => ({ digest: facts.digest, reference }),
      inspect: async () => facts,
    });
    const facts = buildImageFacts({ python: [{ name: 'onnxruntime-gpu', version: '1.20.1' }] });

    /** A store whose model is a real file of its blobs. */
    async function withModel(environment: string) {
      const blobs = memoryBlobs();
      const { digest: blob, bytes } = await blobs.put(matrixModel());
      const store = memoryStore();
      const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1e9, nowMs: 0 });
      if (lease === null) throw new Error('no lease');
      await store.transaction(lease, async (tx) => {
        const files = [{ path: 'model.onnx', digest: blob, bytes }];
        await tx.addModelVersion({ ...aModel(digest('one')), environment, files });
        await tx.addDataVersion({ ...someData(digest('golden')), environment, name: 'digits-golden' });
        const move = { environment, name: 'digits', alias: 'candidate', from: null, reason: 'r', by: 'b', atMs: 1 };
        await tx.moveAlias({ ...move, to: 1 });
      });
      return { store, blobs };
    }

    it('are the image by its digest, what is inside it, the runtimes that it brings, and the classes of the pool', async () => {
      const project = makeMemoryProject({ contract: imaged, pools: { [pool.pool]: pool } });
      const world = { project, pools, imageInspector: images(facts), ...(await withModel('prod')) };
      expect(await runCommandLine(['pin'], world)).toMatchObject({ exit: 0 });
      const locked = (await project.lock())?.environments['prod'];
      expect(locked?.code).toMatchObject({ image: 'registry.example/digits:2.3.1', files: {}, facts });
      expect(locked?.runtime).toEqual({ onnxruntime: '1.20.1' });
      expect(locked?.deviceClasses).toHaveLength(2);
      expect(locked?.model?.facts).toMatchObject({ format: 'onnx', engine: null });
      expect(await runCommandLine(['pin', '--check'], world)).toMatchObject({ exit: 0 });
    });

    it('move with the tag that stands for another image, and with an edited reference or argument', async () => {
      const project = makeMemoryProject({ contract: imaged, pools: { [pool.pool]: pool } });
      const world = { project, pools, imageInspector: images(facts), ...(await withModel('prod')) };
      await runCommandLine(['pin'], world);
      const moved = images({ ...facts, digest: digest('another image') });
      const { exit, out } = await runCommandLine(['pin', '--check'], { ...world, imageInspector: moved });
      expect(exit).toBe(1);
      expect(out).toMatch(/code +registry\.example\/digits:2\.3\.1 [0-9a-f]{12} -> registry\.example\/digits:2\.3\.1/);
      for (const [edit, words] of [
        [imaged.replace('2.3.1', '2.4.0'), 'code: registry.example/digits:2.3.1 -> registry.example/digits:2.4.0'],
        [imaged.replace('2.3.1 }', '2.3.1, args: [--fast] }'), 'code:'],
      ] as const) {
        project.edit({ contract: edit });
        const checked = await runCommandLine(['check', '--json'], world);
        expect(checked.exit).toBe(1);
        expect(checked.out.replaceAll(/",\s+"(?:from|to)": "/g, ' -> ')).toContain(words.split(':')[0]);
      }
    });

    it('become stale when the pool has a class that was not there, and say which command renews them', async () => {
      const project = makeMemoryProject({ contract: ofPool, pools: { [pool.pool]: pool } });
      const { store, blobs } = await withModel('prod');
      await runCommandLine(['pin'], { project, pools, store, blobs });
      const before = (await checkoutSubjects(project, 'prod'))['device-classes'];
      const grown = buildPool([...pool.nodes, buildNode('n2', [buildDevice()])]);
      project.edit({ pools: { [pool.pool]: grown } });
      expect((await checkoutSubjects(project, 'prod'))['device-classes']).toBe(before);
      project.edit({ pools: { [pool.pool]: buildPool([buildNode('n1', [buildDevice({ driver: '580.65.06' })])]) } });
      expect((await checkoutSubjects(project, 'prod'))['device-classes']).not.toBe(before);
      const { out } = await runCommandLine(['check'], { project, store });
      expect(out).toContain('plimsoll verify');
    });

    it('are of this machine where no pool is named, and refuse one that shows no accelerator', async () => {
      const project = makeMemoryProject({ contract: nvidia });
      const probing = (node: NodeFacts) => ({ probe: async () => ({ facts: node, withPrivilege: [] }) });
      const world = { project, ...(await withModel('default')) };
      const none = buildNode('here', [], { unknown: { devices: 'no NVIDIA driver is loaded' } });
      const refused = await runCommandLine(['pin'], { ...world, nodeProbe: probing(none) });
      expect(refused.exit).toBe(3);
      expect(refused.err).toContain('this machine shows none: no NVIDIA driver is loaded');
      const two = buildNode('here', [buildDevice(), buildDevice()]);
      expect(await runCommandLine(['pin'], { ...world, nodeProbe: probing(two) })).toMatchObject({ exit: 0 });
      expect((await project.lock())?.environments['default']?.deviceClasses).toHaveLength(1);
    });

    it('need a pool on Kubernetes, and its snapshot', async () => {
      const { store, blobs } = await withModel('prod');
      const nameless = makeMemoryProject({ contract: imaged.replace('pool: h100-eu, ', '') });
      const unnamed = await runCommandLine(['pin'], {
        project: nameless,
        pools,
        store,
        blobs,
        imageInspector: images(facts),
      });
      expect(unnamed).toMatchObject({ exit: 3 });
      expect(unnamed.err).toContain('names no pool');
      const unknown = makeMemoryProject({ contract: ofPool.replace('h100-eu', 'b200') });
      const missing = await runCommandLine(['pin'], { project: unknown, pools, store, blobs });
      expect(missing.exit).toBe(3);
      expect(missing.err).toContain('next: plimsoll pool snapshot b200 SOURCE...');
      expect(await unknown.lock()).toBeNull();
    });
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

import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { aModel, someData } from '../../builders/store-builders.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

/** The part of the contract of stores that keeps versions of models and data, and the aliases of a model. */
export function storeRegistryContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('model versions', () => {
    it('are numbered from 1 per environment and name, and come back whole', () =>
      writing(async (store, write) => {
        const first = await write((tx) => tx.addModelVersion(aModel()));
        expect(first).toEqual({ version: { ...aModel(), version: 1 }, created: true });
        await write((tx) => tx.addModelVersion(aModel(digestOf('two'))));
        await write((tx) => tx.addModelVersion(aModel(digestOf('one'), 'other')));
        await write((tx) => tx.addModelVersion({ ...aModel(), environment: 'staging', signature: null, lineage: {} }));
        expect(await store.modelNames('prod')).toEqual(['digits', 'other']);
        expect((await store.modelVersions('prod', 'digits')).map(({ version }) => version)).toEqual([1, 2]);
        expect(await store.modelVersion('prod', 'digits', 2)).toEqual({ ...aModel(digestOf('two')), version: 2 });
        expect(await store.modelVersion('staging', 'digits', 1)).toEqual({
          ...aModel(),
          environment: 'staging',
          signature: null,
          lineage: {},
          version: 1,
        });
        expect(await store.modelVersion('prod', 'digits', 3)).toBeNull();
        expect((await store.modelVersionByDigest('prod', 'digits', digestOf('two')))?.version).toBe(2);
        expect(await store.modelVersionByDigest('prod', 'other', digestOf('two'))).toBeNull();
        expect(await store.modelNames('nowhere')).toEqual([]);
        await write((tx) => tx.addDataVersion({ ...someData(), environment: 'lab' }));
        expect(await store.environments()).toEqual(['lab', 'prod', 'staging']);
      }));

    it('that are already there are returned and not numbered again', () =>
      writing(async (store, write) => {
        await write((tx) => tx.addModelVersion(aModel()));
        const again = await write((tx) => tx.addModelVersion({ ...aModel(), createdBy: 'bob' }));
        expect(again).toEqual({ version: { ...aModel(), version: 1 }, created: false });
        expect((await write((tx) => tx.addModelVersion(aModel(digestOf('two'))))).version.version).toBe(2);
        expect(await store.modelVersions('prod', 'digits')).toHaveLength(2);
      }));
  });

  it('data versions are numbered, come back whole and are not added twice', () =>
    writing(async (store, write) => {
      const added = await write((tx) => tx.addDataVersion(someData()));
      expect(added).toEqual({ version: { ...someData(), version: 1 }, created: true });
      const { source: _source, ...sourceless } = someData(digestOf('more'));
      await write((tx) => tx.addDataVersion(sourceless));
      expect((await write((tx) => tx.addDataVersion(someData()))).created).toBe(false);
      expect((await write((tx) => tx.addDataVersion(someData(digestOf('third'))))).version.version).toBe(3);
      expect(await store.dataNames('prod')).toEqual(['digits-train']);
      expect(await store.dataVersion('prod', 'digits-train', 2)).toEqual({ ...sourceless, version: 2 });
      expect(await store.dataVersion('prod', 'digits-train', 4)).toBeNull();
      expect(await store.dataVersions('prod', 'digits-train')).toHaveLength(3);
    }));

  describe('aliases', () => {
    const move = (alias: string, from: number | null, to: number | null, reason = 'because') => ({
      environment: 'prod',
      name: 'digits',
      alias,
      from,
      to,
      reason,
      by: 'ada',
      atMs: 7,
    });
    const withTwoVersions = (test: Parameters<typeof writing>[0]) =>
      writing(async (store, write) => {
        await write((tx) => tx.addModelVersion(aModel()));
        await write((tx) => tx.addModelVersion(aModel(digestOf('two'))));
        await test(store, write);
      });

    it('move by compare-and-swap and keep their whole history', () =>
      withTwoVersions(async (store, write) => {
        await write((tx) => tx.moveAlias(move('candidate', null, 1)));
        await write((tx) => tx.moveAlias(move('stable', null, 1)));
        await write((tx) => tx.moveAlias(move('candidate', 1, 2, 'better')));
        expect(await store.aliases('prod', 'digits')).toEqual({ candidate: 2, stable: 1 });
        await write((tx) => tx.moveAlias(move('stable', 1, null)));
        expect(await store.aliases('prod', 'digits')).toEqual({ candidate: 2 });
        expect(await store.aliasHistory('prod', 'digits')).toEqual([
          move('candidate', null, 1),
          move('stable', null, 1),
          move('candidate', 1, 2, 'better'),
          move('stable', 1, null),
        ]);
        expect(await store.aliases('staging', 'digits')).toEqual({});
      }));

    it('do not move from where they are not', () =>
      withTwoVersions(async (store, write) => {
        await write((tx) => tx.moveAlias(move('candidate', null, 1)));
        for (const from of [null, 2]) {
          await expect(write((tx) => tx.moveAlias(move('candidate', from, 2)))).rejects.toMatchObject({
            code: 'alias-moved',
            category: 'conflict',
            details: { expected: from, actual: 1 },
          });
        }
        expect(await store.aliasHistory('prod', 'digits')).toHaveLength(1);
      }));

    it('do not move to a version that does not exist', () =>
      withTwoVersions(async (store, write) => {
        await expect(write((tx) => tx.moveAlias(move('candidate', null, 3)))).rejects.toMatchObject({
          code: 'model-version-missing',
        });
        expect(await store.aliases('prod', 'digits')).toEqual({});
      }));
  });
}

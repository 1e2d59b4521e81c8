import { describe, expect, it } from 'vitest';
import { releaseAsksAtMost, type ReleaseAsk } from '../../../core/rollout/release-ask.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { aRelease } from '../../builders/store-builders.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const anAsk = (id: string): ReleaseAsk => ({
  id,
  service: 'digits',
  environment: 'prod',
  bundle: digestOf('bundle'),
  waivers: [{ kind: 'cost', reason: 'later', untilMs: 9, failing: true }],
  again: false,
  by: 'ada',
  atMs: 5,
  state: 'requested',
  reason: 'asked',
  release: null,
  changedAtMs: 5,
  progress: null,
});

/** The part of the store's contract that releases by bundles rest on. */
export function storeBundleContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('bundles', () => {
    it('are asked to be released, and an ask changes in its place', () =>
      writing(async (store, write) => {
        expect(await store.releaseAsk('one')).toBeNull();
        const fetching: ReleaseAsk = {
          ...anAsk('one'),
          state: 'fetching',
          progress: { doneBytes: 5_000_000_000, totalBytes: null },
          changedAtMs: 9,
        };
        await write(async (tx) => {
          await tx.setReleaseAsk(anAsk('one'));
          await tx.setReleaseAsk(anAsk('two'));
          await tx.setReleaseAsk({ ...anAsk('three'), environment: 'staging' });
          await tx.setReleaseAsk(fetching);
          expect(await tx.releaseAsk('one')).toEqual(fetching);
        });
        expect(await store.releaseAsks('digits', 'prod')).toEqual([fetching, anAsk('two')]);
        expect(await store.releaseAsks('digits', 'staging')).toEqual([{ ...anAsk('three'), environment: 'staging' }]);
        expect(await store.releaseAsks('other', 'prod')).toEqual([]);
        expect((await store.openReleaseAsks()).map(({ id }) => id)).toEqual(['one', 'three', 'two']);
        await write((tx) => tx.setReleaseAsk({ ...anAsk('two'), state: 'cancelled' }));
        expect((await store.openReleaseAsks()).map(({ id }) => id)).toEqual(['one', 'three']);
        expect(await store.releaseAsk('three')).toMatchObject({ environment: 'staging' });
      }));

    it('that were asked for and are decided are read newest first only, and open ones always', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          await tx.setReleaseAsk(anAsk('open'));
          await tx.setReleaseAsk({ ...anAsk('refused'), state: 'refused' });
          for (let count = 1; count <= releaseAsksAtMost; count += 1) {
            await tx.setReleaseAsk({ ...anAsk(`released ${count}`), state: 'released', release: count });
          }
        });
        const ids = (await store.releaseAsks('digits', 'prod')).map(({ id }) => id);
        expect(ids.slice(0, 2)).toEqual(['open', 'released 1']);
        expect([ids.length, ids.at(-1)]).toEqual([releaseAsksAtMost + 1, `released ${releaseAsksAtMost}`]);
        expect(await store.releaseAsk('refused')).toMatchObject({ state: 'refused' });
      }));

    it('bring evidence, and who sent a piece first is kept', () =>
      writing(async (store, write) => {
        const piece = { kind: 'evaluation' as const, digest: digestOf('measured') };
        const other = { kind: 'golden' as const, digest: digestOf('measured') };
        await write((tx) => tx.seeEvidence('digits', 'prod', [piece, piece], 'ci', 7));
        await write(async (tx) => {
          await tx.seeEvidence('digits', 'prod', [], 'nobody', 8);
          await tx.seeEvidence('digits', 'prod', [other, piece], 'ada', 9);
          await tx.seeEvidence('digits', 'staging', [piece], 'bob', 6);
        });
        expect(await store.evidenceSightings('digits', 'prod')).toEqual([
          { ...piece, by: 'ci', firstSeenAtMs: 7 },
          { ...other, by: 'ada', firstSeenAtMs: 9 },
        ]);
        expect(await store.evidenceSightings('digits', 'staging')).toEqual([{ ...piece, by: 'bob', firstSeenAtMs: 6 }]);
        expect(await store.evidenceSightings('other', 'prod')).toEqual([]);
      }));

    it('that renew the evidence of a release are known by its number', () =>
      writing(async (store, write) => {
        expect([...(await store.releaseEvidence('digits', 'prod'))]).toEqual([]);
        await write(async (tx) => {
          await tx.setReleaseEvidence('digits', 'prod', 2, digestOf('older'));
          await tx.setReleaseEvidence('digits', 'prod', 2, digestOf('newer'));
          await tx.setReleaseEvidence('digits', 'prod', 10, digestOf('ten'));
          await tx.setReleaseEvidence('digits', 'staging', 2, digestOf('elsewhere'));
        });
        expect([...(await store.releaseEvidence('digits', 'prod'))]).toEqual([
          [2, digestOf('newer')],
          [10, digestOf('ten')],
        ]);
      }));

    it('that a release was made from come back with it', () =>
      writing(async (store, write) => {
        const bundles = {
          contract: digestOf('contract'),
          code: digestOf('code'),
          model: digestOf('model'),
          evidence: digestOf('evidence'),
        };
        await write((tx) => tx.addRelease({ ...aRelease(), bundles }));
        expect((await store.release('digits', 'prod', 1))?.bundles).toEqual(bundles);
      }));
  });
}

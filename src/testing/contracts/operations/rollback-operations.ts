import { describe, expect, it } from 'vitest';
import { aReleaseRequest } from '../../builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../builders/rollout-builders.ts';
import { codeWith, type OperationsRig } from './operations-rig.ts';

/** Ways back, and what they bar. */
export function describeRollbacks(rig: OperationsRig): void {
  describe('rollback', () => {
    const back = (axis: 'model' | 'code', to?: number) =>
      rig.operations.rollback({
        service,
        environment,
        axis,
        reason: 'it was worse',
        ...(to === undefined ? {} : { to }),
      });

    it('moves the model alone as a new release, and bars what it leaves', async () => {
      const one = await rig.releaseAndBringIn(1);
      const two = await rig.releaseAndBringIn(2);
      const three = await back('model');
      expect(three).toMatchObject({
        number: 3,
        unprovenPair: false,
        pair: one.pair,
        golden: one.golden,
        cause: { kind: 'rollback', axis: 'model', from: 2, to: 1, reason: 'it was worse' },
      });
      const view = await rig.operations.view(service, environment);
      expect(view.bars).toMatchObject([{ axis: 'model', digest: two.model.digest, by: rig.fixture.by }]);
      expect(view.deployment).toMatchObject({ live: 2, incoming: 3 });
      expect((await rig.kinds()).slice(-2)).toEqual(['release.created', 'bar.added']);
    });

    it('bars nothing by a drill, nor by whoever brings back one that was killed', async () => {
      await rig.releaseAndBringIn(1);
      await rig.releaseAndBringIn(2);
      const drill = { service, environment, axis: 'model', reason: 'drill', drill: true } as const;
      expect(await rig.operations.rollback(drill)).toMatchObject({ cause: { from: 2, to: 1, drill: true } });
      await rig.fixture.bringIn();
      const back = await rig.operations.rollback({ ...drill, to: 2 });
      expect(back.cause).toEqual({ kind: 'rollback', axis: 'model', from: 3, to: 2, reason: 'drill' });
      await rig.fixture.bringIn();
      await rig.operations.rollback(drill);
      await rig.fixture.bringIn();
      expect(
        (await rig.operations.rollback({ service, environment, axis: 'model', reason: 'killed', to: 2 })).cause,
      ).toEqual({
        kind: 'rollback',
        axis: 'model',
        from: 5,
        to: 2,
        reason: 'killed',
      });
      expect((await rig.operations.view(service, environment)).bars).toEqual([]);
    });

    it('in the middle of a drill bars the version that the drill left, so that the drill cannot bring it back', async () => {
      const one = await rig.releaseAndBringIn(1);
      const two = await rig.releaseAndBringIn(2);
      const drill = { service, environment, axis: 'model', reason: 'drill', drill: true } as const;
      await rig.operations.rollback(drill);
      await rig.fixture.bringIn();
      expect(await back('model')).toMatchObject({ pair: one.pair, cause: { from: 2, to: 1 } });
      expect((await rig.operations.view(service, environment)).bars).toMatchObject([{ digest: two.model.digest }]);
      expect(await rig.failure(rig.operations.rollback({ ...drill, to: 2 }))).toMatchObject({ code: 'barred' });
    });

    it('makes an unproven pair of the old model and the new code, and asks no evidence of it', async () => {
      await rig.releaseAndBringIn(1, 'c1');
      await rig.releaseAndBringIn(2, 'c2');
      const three = await back('model');
      expect(three).toMatchObject({ unprovenPair: true, model: { version: 1 } });
    });

    it('makes no pair that never ran of a model that is not known to fit what the code sends', async () => {
      await rig.releaseAndBringIn(1);
      const signature = await rig.registerModel(2);
      await rig.releaseOf(2, { contract: codeWith({ signature, args: ['c2'] }) });
      await rig.fixture.bringIn();
      expect(await rig.failure(back('model'))).toMatchObject({ code: 'signature-unknown', category: 'refused' });
      expect(await rig.kinds('rollback.')).toEqual(['rollback.refused']);
    });

    it('leaves a release that is coming in where that one moved the axis', async () => {
      await rig.releaseAndBringIn(1);
      await rig.operations.release(await aReleaseRequest(rig.fixture.blobs, 2));
      const three = await back('model');
      expect(three).toMatchObject({ cause: { from: 2, to: 1 } });
      expect((await rig.operations.view(service, environment)).deployment).toMatchObject({ live: 1, incoming: 3 });
      expect(await rig.kinds('release.superseded')).toHaveLength(1);
    });

    it('says that there is nothing to go back to', async () => {
      expect(await rig.failure(back('model'))).toMatchObject({ code: 'nothing-to-roll-back', category: 'conflict' });
      await rig.releaseAndBringIn(1);
      expect(await rig.failure(back('model'))).toMatchObject({ code: 'nothing-to-roll-back' });
      expect(await rig.failure(back('model', 7))).toMatchObject({ code: 'unknown-release', category: 'not-found' });
      expect(await rig.kinds('rollback.')).toEqual(['rollback.refused', 'rollback.refused', 'rollback.refused']);
    });

    it('keeps the barred digest out until the bar is lifted, with a reason', async () => {
      await rig.releaseAndBringIn(1);
      const two = await rig.releaseAndBringIn(2);
      await back('model');
      await rig.fixture.bringIn();
      const again = await aReleaseRequest(rig.fixture.blobs, 2);
      expect(await rig.failure(rig.operations.release(again))).toMatchObject({ code: 'barred', category: 'refused' });
      const digest = two.model.digest.slice('sha256:'.length, 'sha256:'.length + 12);
      const lift = { service, environment, axis: 'model' as const, digest, reason: 'retrained' };
      expect(await rig.operations.liftBar(lift)).toMatchObject({ digest: two.model.digest, reason: 'it was worse' });
      expect(await rig.failure(rig.operations.liftBar(lift))).toMatchObject({
        code: 'unknown-bar',
        category: 'not-found',
      });
      expect(await rig.operations.release(again)).toMatchObject({ release: { number: 4 } });
      expect(await rig.kinds('bar.')).toEqual(['bar.added', 'bar.lifted']);
    });
  });
}

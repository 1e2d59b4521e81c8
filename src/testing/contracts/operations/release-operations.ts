import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import type { Evidence } from '../../../core/evidence/lock/lock.ts';
import { aReleaseRequest } from '../../builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../builders/rollout-builders.ts';
import { codeWith, failingGolden, type OperationsRig } from './operations-rig.ts';

/** What a release needs, and what it leaves behind. */
export function describeReleases(rig: OperationsRig): void {
  describe('release', () => {
    it('records a numbered release and makes it the incoming one', async () => {
      const release = await rig.releaseOf(1);
      expect(release).toMatchObject({
        number: 1,
        createdBy: rig.fixture.by,
        unprovenPair: true,
        cause: { kind: 'release' },
      });
      expect(await rig.operations.releases(service, environment)).toEqual([release]);
      const view = await rig.operations.view(service, environment);
      expect(view.asks).toEqual([]);
      expect(view.deployment).toMatchObject({ live: null, incoming: 1, phase: 'starting' });
      expect(view.releases).toMatchObject([{ number: 1, state: 'incoming', createdBy: rig.fixture.by }]);
      expect(await rig.kinds('release.')).toEqual(['release.created']);
    });

    it('refuses stale evidence with every reason, changes nothing, and records the refusal', async () => {
      const request = await aReleaseRequest(rig.fixture.blobs, 1, {
        contract: { coldStart: { p50: '10s' } },
        lock: (locked) => ({ ...locked, evidence: { golden: ofAnotherRuntime(locked.evidence.golden!) } }),
      });
      const error = await rig.failure(rig.operations.release(request));
      expect(error).toMatchObject({ code: 'evidence-refused', category: 'refused', next: 'plimsoll golden record' });
      expect(error.details?.['refusals']).toHaveLength(2);
      expect(await rig.operations.releases(service, environment)).toEqual([]);
      expect(await rig.kinds('release.')).toEqual(['release.refused']);
      const { asks } = await rig.operations.view(service, environment);
      expect(asks).toMatchObject([
        {
          state: 'refused',
          bundle: request.bundle,
          by: rig.fixture.by,
          next: 'plimsoll golden record',
          progress: null,
        },
      ]);
      expect(asks?.[0]?.reason).toContain('golden evidence');
    });

    it('takes a waiver on the record, under the name of who asks', async () => {
      const request = await aReleaseRequest(rig.fixture.blobs, 1, {
        lock: (locked) => ({ ...locked, evidence: {} }),
        waivers: [{ kind: 'golden', reason: 'first try', untilMs: rig.fixture.nowMs() + 1_000 }],
      });
      const release = await rig.released(rig.operations.release(request));
      expect(release.waivers).toMatchObject([{ kind: 'golden', reason: 'first try', by: rig.fixture.by }]);
      expect((await rig.operations.view(service, environment)).releases[0]?.waived).toEqual(['golden']);
      expect(await rig.kinds('waiver.')).toEqual(['waiver.recorded']);
    });

    it('releases a measured failure on a waiver of failures alone, and says so wherever the release is', async () => {
      const ordinary = { kind: 'golden', reason: 'r', untilMs: rig.fixture.nowMs() + 1_000 } as const;
      const refused = await aReleaseRequest(rig.fixture.blobs, 1, { lock: failingGolden, waivers: [ordinary] });
      expect(await rig.failure(rig.operations.release(refused))).toMatchObject({
        code: 'evidence-refused',
        next: expect.stringContaining('--waive-failing golden'),
      });
      const release = await rig.released(
        rig.operations.release({ ...refused, waivers: [{ ...ordinary, failing: true }] }),
      );
      expect(release.waivers).toMatchObject([{ kind: 'golden', failing: true, by: rig.fixture.by }]);
      const { releases } = await rig.operations.view(service, environment);
      expect(releases[0]).toMatchObject({ waived: ['golden'], waivedFailing: ['golden'] });
      const events = await rig.operations.events({ service, environment });
      expect(events.filter(({ kind }) => /^(waiver|release)\./.test(kind)).slice(-2)).toMatchObject([
        { kind: 'waiver.recorded', data: { failing: true }, summary: expect.stringContaining('waived although it') },
        { kind: 'release.created', summary: expect.stringContaining('; waived although it fails: golden') },
      ]);
    });

    it('refuses a release without golden outputs', async () => {
      const request = await aReleaseRequest(rig.fixture.blobs, 1, { contract: { monitoring: null } });
      expect(await rig.failure(rig.operations.release(request))).toMatchObject({
        code: 'golden-missing',
        category: 'refused',
      });
    });

    it('refuses a model that does not fit what the code sends and reads, or does not tell', async () => {
      const signature = await rig.registerModel(1);
      const odd = { ...signature, inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 9] }] };
      const asking = (asked: typeof signature) => codeWith({ signature: asked });
      const unfit = await aReleaseRequest(rig.fixture.blobs, 1, { contract: asking(odd) });
      expect(await rig.failure(rig.operations.release(unfit))).toMatchObject({
        code: 'signature-unfit',
        category: 'refused',
        message: expect.stringContaining('the code sends the input image FP32 [-1,9]'),
      });
      const silent = await aReleaseRequest(rig.fixture.blobs, 2, { contract: asking(signature) });
      expect(await rig.failure(rig.operations.release(silent))).toMatchObject({ code: 'signature-unknown' });
      expect(await rig.operations.releases(service, environment)).toEqual([]);
      const release = await rig.releaseOf(1, { contract: asking(signature) });
      expect(release.code.section.signature).toEqual(signature);
      expect((await rig.operations.releases(service, environment))[0]?.code.section.signature).toEqual(signature);
      expect(await rig.kinds('release.')).toEqual(['release.refused', 'release.refused', 'release.created']);
    });

    it('refuses a golden set that was recorded of another model', async () => {
      const request = await aReleaseRequest(rig.fixture.blobs, 1, { goldenSet: { modelDigest: digestOf('another') } });
      expect(await rig.failure(rig.operations.release(request))).toMatchObject({ code: 'golden-of-another-model' });
    });

    it('puts an end to a release that is still coming in', async () => {
      await rig.operations.release(await aReleaseRequest(rig.fixture.blobs, 1));
      await rig.operations.release(await aReleaseRequest(rig.fixture.blobs, 2));
      const { deployment } = await rig.operations.view(service, environment);
      expect(deployment).toMatchObject({ live: null, incoming: 2 });
      expect(await rig.kinds('release.')).toEqual(['release.created', 'release.superseded', 'release.created']);
    });

    it('records no waiver of what passes: it would let it through unseen once it fails', async () => {
      const waiver = {
        kind: 'golden',
        reason: 'just in case',
        untilMs: 9_000_000_000_000,
      } as const;
      expect((await rig.releaseOf(1, { waivers: [waiver] })).waivers).toEqual([]);
      expect(await rig.kinds('waiver.')).toEqual([]);
    });

    it('knows no other service', async () => {
      const request = await aReleaseRequest(rig.fixture.blobs, 1, { service: 'letters' });
      expect(await rig.failure(rig.operations.release(request))).toMatchObject({
        code: 'unknown-service',
        category: 'not-found',
      });
    });
  });
}

const ofAnotherRuntime = (golden: Evidence): Evidence => ({
  ...golden,
  subjects: { ...golden.subjects, runtime: digestOf('another runtime') },
});

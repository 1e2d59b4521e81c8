import { describe, expect, it } from 'vitest';
import { bookOfShort } from '../../../core/cost/prices/short-prices.ts';
import { aReleaseRequest } from '../../builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../builders/rollout-builders.ts';
import { describeArtifacts } from './artifact-operations.ts';
import { failingGolden, OperationsRig, type OperationsFixture } from './operations-rig.ts';
import { describeReleases } from './release-operations.ts';
import { describeRollbacks } from './rollback-operations.ts';

/** What every form of the operations does: in process over a store, and over HTTP. */
export function operationsContract(name: string, open: () => Promise<OperationsFixture>): void {
  describe(`operations contract: ${name}`, () => {
    const rig = new OperationsRig(open);
    describeArtifacts(rig);
    describeReleases(rig);
    describeRollbacks(rig);

    it('says that no device time is recorded, and finds no hour to derive again', async () => {
      const hour = 3_600_000;
      const report = await rig.operations.cost({ by: ['service', 'state'], sinceMs: hour, service });
      const fromMs = Math.floor((rig.fixture.nowMs() - hour) / hour) * hour;
      expect(report).toEqual({
        ...{ fromMs, toMs: fromMs, openFromMs: null, by: ['service', 'state'], service, environment: null },
        ...{ currency: null, currencies: [], prices: [], unused: [] },
        ...{ units: [], errors: [], errorCount: 0, overcommitted: [], sharing: [] },
      });
      expect(await rig.operations.rebuildCost({ sinceMs: hour })).toMatchObject({ fromMs, hours: 0, identical: true });
      const range = { fromMs, toMs: fromMs + hour };
      const nothing = { hours: 0, unpricedMs: 0 };
      expect(await rig.operations.exportCost({ ...range, format: 'focus' })).toMatchObject(nothing);
      expect(await rig.operations.costedHours(range)).toEqual({ ...nothing, ledgers: [], closedToMs: null });
    });

    it('has no history of signals where no gateway reported', async () => {
      expect(await rig.operations.signalHistory({ service, environment, hours: 24 })).toEqual([]);
    });

    it('sets the record of an environment, tells it, and takes keys of it back', async () => {
      const prices = bookOfShort({ currency: 'EUR', acceleratorSecond: { default: 2.5 / 3_600 }, lateRequest: null });
      const policy = { neverWaived: ['golden'], allowedRegistries: ['oci://ghcr.io/acme'] } as const;
      const request = { environment, terms: { platform: 'local', prices, policy } as const };
      const set = await rig.operations.setEnvironmentRecord({ ...request, version: 0 });
      expect(set).toEqual({ ...request.terms, environment, version: 1, by: rig.fixture.by, atMs: rig.fixture.nowMs() });
      expect(await rig.operations.environmentRecords()).toEqual([set]);
      const moved = rig.operations.setEnvironmentRecord({ ...request, version: 0 });
      expect(await rig.failure(moved)).toMatchObject({ code: 'environment-moved', category: 'conflict' });
      const cleared = await rig.operations.clearEnvironmentRecord({ environment, keys: ['prices', 'policy'] });
      expect(cleared).toEqual({
        environment,
        version: 2,
        by: rig.fixture.by,
        atMs: rig.fixture.nowMs(),
        platform: 'local',
      });
      const nothing = rig.operations.clearEnvironmentRecord({ environment, keys: ['pool'] });
      expect(await rig.failure(nothing)).toMatchObject({ code: 'nothing-recorded', category: 'not-found' });
      expect(await rig.kinds('environment.')).toEqual(['environment.changed', 'environment.changed']);
    });

    it('records labels once each, and tells what came of them', async () => {
      const scope = { service, environment };
      expect(await rig.operations.labels(scope)).toMatchObject({ report: null, waiting: 0 });
      const labels = [
        { requestId: 'a', label: 3 },
        { requestId: 'b', right: true, atMs: rig.fixture.nowMs() },
      ];
      const tally = { recorded: 2, repeated: 0, contradicted: 0, future: 0, unknown: 0 };
      const first = await rig.operations.addLabels({ ...scope, labels });
      expect(first).toMatchObject({ counted: 0, ignored: 2, recorded: { tally, waiting: 2 } });
      const again = await rig.operations.addLabels({
        ...scope,
        labels: [
          ...labels,
          { requestId: 'a', label: 4 },
          { requestId: 'c', label: 1, atMs: rig.fixture.nowMs() + 1e9 },
        ],
      });
      expect(again.recorded?.tally).toEqual({ recorded: 0, repeated: 2, contradicted: 1, future: 1, unknown: 0 });
      expect(again.recorded?.named.map(({ requestId }) => requestId)).toEqual(['a', 'c']);
      const status = await rig.operations.labels(scope);
      expect(status).toMatchObject({ tally: { recorded: 2, contradicted: 1, future: 1 }, waiting: 2 });
      const many = Array.from({ length: 10_001 }, (_, at) => ({ requestId: `r${at}`, right: true }));
      expect(await rig.failure(rig.operations.addLabels({ ...scope, labels: many }))).toMatchObject({
        code: 'too-many-labels',
        next: expect.stringContaining('plimsoll labels add'),
      });
    });

    it('asks for no labels where none are judged', async () => {
      const asked = rig.operations.askLabels({ service, environment, askId: 'a', count: 3 });
      expect(await rig.failure(asked)).toMatchObject({ code: 'labels-not-judged', category: 'conflict' });
    });

    it('waives a kind from now on, and not into the past', async () => {
      const waiver = { service, environment, kind: 'golden' as const, reason: 'broken probe' };
      expect(await rig.failure(rig.operations.waive({ ...waiver, untilMs: rig.fixture.nowMs() }))).toMatchObject({
        code: 'waiver-over',
      });
      await rig.operations.waive({ ...waiver, untilMs: rig.fixture.nowMs() + 1_000 });
      const request = await aReleaseRequest(rig.fixture.blobs, 1, { contract: { monitoring: null } });
      expect(await rig.operations.release(request)).toMatchObject({
        release: { waivers: [{ kind: 'golden', reason: 'broken probe' }] },
      });
      expect(await rig.kinds('waiver.')).toEqual(['waiver.recorded']);
    });

    it('waives what fails only when it is told to', async () => {
      const waiver = {
        service,
        environment,
        kind: 'golden' as const,
        reason: 'known',
        untilMs: rig.fixture.nowMs() + 1_000,
      };
      const request = await aReleaseRequest(rig.fixture.blobs, 1, { lock: failingGolden });
      await rig.operations.waive(waiver);
      expect(await rig.failure(rig.operations.release(request))).toMatchObject({ code: 'evidence-refused' });
      await rig.operations.waive({ ...waiver, failing: true });
      expect(await rig.operations.release(request)).toMatchObject({
        release: { waivers: [{ kind: 'golden', failing: true }] },
      });
    });

    it('takes a waiver back, on the record and under the name of who asks, and then holds releases up again', async () => {
      const waiver = { service, environment, kind: 'golden' as const, reason: 'broken probe' };
      await rig.operations.waive({ ...waiver, untilMs: rig.fixture.nowMs() + 1_000 });
      const asked = { service, environment, kind: 'golden' as const, reason: 'the probe is mended' };
      expect(await rig.operations.withdrawWaivers(asked)).toMatchObject([{ kind: 'golden', reason: 'broken probe' }]);
      expect(await rig.failure(rig.operations.withdrawWaivers(asked))).toMatchObject({ code: 'nothing-waived' });
      const request = await aReleaseRequest(rig.fixture.blobs, 1, { contract: { monitoring: null } });
      expect(await rig.failure(rig.operations.release(request))).toMatchObject({ code: 'golden-missing' });
      expect(await rig.operations.events({ service, environment, kindPrefix: 'waiver.' })).toMatchObject([
        { kind: 'waiver.recorded', by: rig.fixture.by },
        { kind: 'waiver.withdrawn', by: rig.fixture.by, data: { kind: 'golden', reason: 'the probe is mended' } },
      ]);
    });

    it('tells events in order, from where somebody left off', async () => {
      await rig.operations.release(await aReleaseRequest(rig.fixture.blobs, 1));
      await rig.operations.release(await aReleaseRequest(rig.fixture.blobs, 2));
      const all = await rig.operations.events({ service, environment });
      const seen = all[0]?.seq ?? 0;
      expect(await rig.operations.events({ service, environment, afterSeq: seen })).toEqual(all.slice(1));
      expect(await rig.operations.events({ service, environment, last: 1 })).toEqual(all.slice(-1));
      expect(all.map((event) => event.seq)).toEqual([...all.map((event) => event.seq)].sort((a, b) => a - b));
    });

    it('shows the evidence table as it is judged', async () => {
      expect(Array.isArray(await rig.operations.evidence(service, environment))).toBe(true);
    });
  });
}

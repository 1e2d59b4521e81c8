import { bookOfShort } from '../../core/cost/prices/short-prices.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/units/digest.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import type { Release } from '../../core/rollout/release.ts';
import { aReleaseRequest, storedModel, type BundleOver } from '../builders/release-fixture.ts';
import { aModel, testEnvironment as environment, testService as service } from '../builders/rollout-builders.ts';

export interface OperationsFixture {
  readonly operations: Operations;
  readonly blobs: Blobs;
  /** Name that is recorded with every write. */
  readonly by: string;
  /** Makes the incoming release live, as reconcilers would. */
  bringIn(): Promise<void>;
  nowMs(): number;
  close(): Promise<void>;
}

/** What every form of the operations does: in process over a store, and over HTTP. */
export function operationsContract(name: string, open: () => Promise<OperationsFixture>): void {
  describe(`operations contract: ${name}`, () => {
    let fixture: OperationsFixture;
    let operations: Operations;
    beforeEach(async () => {
      fixture = await open();
      ({ operations } = fixture);
    });
    afterEach(() => fixture.close());

    const failure = async (work: Promise<unknown>): Promise<Partial<PlimsollError>> => {
      const thrown: unknown = await work.then(
        () => 'nothing was thrown',
        (error: unknown) => error,
      );
      const { code, category, message, next, details } = thrown as PlimsollError;
      return { code, category, message, next, details };
    };
    const kinds = async (prefix = ''): Promise<readonly string[]> =>
      (await operations.events({ service, environment, kindPrefix: prefix })).map((event) => event.kind);
    const releaseOf = async (model: number, over: BundleOver = {}): Promise<Release> =>
      released(operations.release(await aReleaseRequest(fixture.blobs, model, over)));
    const released = async (answer: ReturnType<Operations['release']>): Promise<Release> => {
      const { release } = await answer;
      if (release === null) throw new Error('nothing was released');
      return release;
    };
    const releaseAndBringIn = async (model: number, codeName = 'c1') => {
      const release = await releaseOf(model, { codeName });
      await fixture.bringIn();
      return release;
    };

    it('says that no device time is recorded, and finds no hour to derive again', async () => {
      const hour = 3_600_000;
      const report = await operations.cost({ by: ['service', 'state'], sinceMs: hour, service });
      const fromMs = Math.floor((fixture.nowMs() - hour) / hour) * hour;
      expect(report).toEqual({
        ...{ fromMs, toMs: fromMs, openFromMs: null, by: ['service', 'state'], service, environment: null },
        ...{ currency: null, currencies: [], prices: [], unused: [] },
        ...{ units: [], errors: [], errorCount: 0 },
      });
      expect(await operations.rebuildCost({ sinceMs: hour })).toMatchObject({ fromMs, hours: 0, identical: true });
      const range = { fromMs, toMs: fromMs + hour };
      const nothing = { hours: 0, unpricedMs: 0 };
      expect(await operations.exportCost({ ...range, format: 'focus' })).toMatchObject(nothing);
      expect(await operations.costedHours(range)).toEqual({ ...nothing, ledgers: [], closedToMs: null });
    });

    it('has no history of signals where no gateway reported', async () => {
      expect(await operations.signalHistory({ service, environment, hours: 24 })).toEqual([]);
    });

    it('sets the record of an environment, tells it, and takes keys of it back', async () => {
      const prices = bookOfShort({ currency: 'EUR', acceleratorSecond: { default: 2.5 / 3_600 }, lateRequest: null });
      const policy = { neverWaived: ['golden'], allowedRegistries: ['oci://ghcr.io/acme'] } as const;
      const request = { environment, terms: { platform: 'local', prices, policy } as const };
      const set = await operations.setEnvironmentRecord({ ...request, version: 0 });
      expect(set).toEqual({ ...request.terms, environment, version: 1, by: fixture.by, atMs: fixture.nowMs() });
      expect(await operations.environmentRecords()).toEqual([set]);
      const moved = operations.setEnvironmentRecord({ ...request, version: 0 });
      expect(await failure(moved)).toMatchObject({ code: 'environment-moved', category: 'conflict' });
      const cleared = await operations.clearEnvironmentRecord({ environment, keys: ['prices', 'policy'] });
      expect(cleared).toEqual({ environment, version: 2, by: fixture.by, atMs: fixture.nowMs(), platform: 'local' });
      const nothing = operations.clearEnvironmentRecord({ environment, keys: ['pool'] });
      expect(await failure(nothing)).toMatchObject({ code: 'nothing-recorded', category: 'not-found' });
      expect(await kinds('environment.')).toEqual(['environment.changed', 'environment.changed']);
    });

    it('records labels once each, and tells what came of them', async () => {
      const scope = { service, environment };
      expect(await operations.labels(scope)).toMatchObject({ report: null, waiting: 0 });
      const labels = [
        { requestId: 'a', label: 3 },
        { requestId: 'b', right: true, atMs: fixture.nowMs() },
      ];
      const tally = { recorded: 2, repeated: 0, contradicted: 0, future: 0, unknown: 0 };
      const first = await operations.addLabels({ ...scope, labels });
      expect(first).toMatchObject({ counted: 0, ignored: 2, recorded: { tally, waiting: 2 } });
      const again = await operations.addLabels({
        ...scope,
        labels: [...labels, { requestId: 'a', label: 4 }, { requestId: 'c', label: 1, atMs: fixture.nowMs() + 1e9 }],
      });
      expect(again.recorded?.tally).toEqual({ recorded: 0, repeated: 2, contradicted: 1, future: 1, unknown: 0 });
      expect(again.recorded?.named.map(({ requestId }) => requestId)).toEqual(['a', 'c']);
      const status = await operations.labels(scope);
      expect(status).toMatchObject({ tally: { recorded: 2, contradicted: 1, future: 1 }, waiting: 2 });
      const many = Array.from({ length: 10_001 }, (_, at) => ({ requestId: `r${at}`, right: true }));
      expect(await failure(operations.addLabels({ ...scope, labels: many }))).toMatchObject({
        code: 'too-many-labels',
        next: expect.stringContaining('plimsoll labels add'),
      });
    });

    it('asks for no labels where none are judged', async () => {
      const asked = operations.askLabels({ service, environment, askId: 'a', count: 3 });
      expect(await failure(asked)).toMatchObject({ code: 'labels-not-judged', category: 'conflict' });
    });

    /** Registers a model with a signature, which a file that nobody parses does not tell. */
    const register = async (version: number) => {
      const { name, digest, files } = await storedModel(fixture.blobs, version);
      const { signature } = aModel(version);
      if (signature === null) throw new Error('the model of tests has a signature');
      const format = 'other' as const;
      const added = { environment, name, digest, format, files, signature, facts: {}, lineage: {} };
      await operations.addModelVersion(added);
      return signature;
    };

    describe('artifacts', () => {
      const version = async (text: string) => {
        const file = await fixture.blobs.put(new TextEncoder().encode(text));
        const files = [{ path: 'model.onnx', digest: file.digest, bytes: file.bytes }];
        return {
          environment,
          name: 'digits',
          digest: artifactDigest(files),
          format: 'onnx' as const,
          files,
          signature: null,
          facts: { opset: 17 },
          lineage: { note: 'first' },
        };
      };

      it('numbers model versions, gives the same digest its number again, and records who', async () => {
        const first = await operations.addModelVersion(await version('a'));
        const again = await operations.addModelVersion(await version('a'));
        const second = await operations.addModelVersion(await version('b'));
        expect([first.version.version, again.version.version, second.version.version]).toEqual([1, 1, 2]);
        expect([first.created, again.created]).toEqual([true, false]);
        expect(first.version).toMatchObject({ createdBy: fixture.by, createdAtMs: fixture.nowMs() });
        expect(await kinds('model.')).toEqual(['model.added', 'model.added']);
      });

      it('takes no version whose bytes are not stored', async () => {
        const files = [{ path: 'm', digest: digestOf('nowhere'), bytes: 1 }];
        const absent = { ...(await version('a')), files, digest: artifactDigest(files) };
        expect(await failure(operations.addModelVersion(absent))).toMatchObject({ code: 'blob-missing' });
        expect(await kinds()).not.toContain('model.added');
      });

      it('takes no version by another digest than that of its files', async () => {
        const forged = { ...(await version('a')), digest: digestOf('another model') };
        expect(await failure(operations.addModelVersion(forged))).toMatchObject({
          code: 'model-digest-mismatch',
          category: 'input',
        });
        expect(await kinds()).toEqual([]);
      });

      it('moves an alias by compare and swap', async () => {
        await operations.addModelVersion(await version('a'));
        const move = { environment, name: 'digits', alias: 'candidate', reason: 'try it' };
        await operations.moveAlias({ ...move, from: null, to: 1 });
        expect(await failure(operations.moveAlias({ ...move, from: null, to: 1 }))).toMatchObject({
          code: 'alias-moved',
          category: 'conflict',
        });
        expect(await kinds('alias.')).toEqual(['alias.moved']);
      });

      it('takes names as the command line and the contract do, and no others', async () => {
        const named = { ...(await version('a')), name: 'Llama-3.1-8B' };
        expect(await operations.addModelVersion(named)).toMatchObject({
          version: { name: 'Llama-3.1-8B', version: 1 },
        });
        const alias = { environment, name: 'Llama-3.1-8B', alias: 'Champion', from: null, to: 1, reason: 'r' };
        await operations.moveAlias(alias);
        expect(await operations.addModelVersion({ ...named, name: 'x'.repeat(128) })).toMatchObject({ created: true });
      });

      it('records what became of a version or an alias that is shared with a registry elsewhere', async () => {
        const sync = { location: 'mlflow://127.0.0.1:5000', remoteName: 'Digits', remote: '3', local: 2 };
        const added = { ...sync, alias: null, outcome: 'added' as const, reason: 'a new version' };
        const pending = { ...sync, alias: 'champion', local: null, outcome: 'pending' as const, reason: 'it is down' };
        await operations.recordRegistrySync({ environment, ...added });
        await operations.recordRegistrySync({ environment, ...pending });
        expect(await operations.events({ service, environment, kindPrefix: 'registry.' })).toMatchObject([
          { kind: 'registry.synced', by: fixture.by, atMs: fixture.nowMs(), data: added },
          {
            summary: 'mlflow://127.0.0.1:5000/Digits, alias champion: pending (it is down)',
            data: pending,
          },
        ]);
      });

      it('shares a model with another service, and takes that back', async () => {
        await operations.addModelVersion(await version('a'));
        const share = { environment, kind: 'model', name: 'digits', with: 'chat' } as const;
        const owner = { environment, kind: 'model', name: 'digits', service, standing: 'owner' };
        const shared = await operations.shareArtifact(share);
        expect(shared).toMatchObject([{ ...owner, service: 'chat', standing: 'shared', by: fixture.by }, owner]);
        expect(await operations.shareArtifact(share)).toEqual(shared);
        expect(await operations.shareArtifact({ ...share, stop: true })).toMatchObject([owner]);
        expect(await kinds('artifact.')).toEqual(['artifact.claimed', 'artifact.shared', 'artifact.shared']);
        expect(await failure(operations.shareArtifact({ ...share, kind: 'data' }))).toMatchObject({
          code: 'unknown-data',
          category: 'not-found',
        });
      });

      it('transfers a service to tokens that can release it, and to no others', async () => {
        const to = { service, environment: null };
        expect(await operations.transferService({ service, environment, to })).toEqual({
          ...{ service, environment, scope: to, by: fixture.by, atMs: fixture.nowMs() },
        });
        const elsewhere = operations.transferService({
          service,
          environment,
          to: { service: 'chat', environment: null },
        });
        expect(await failure(elsewhere)).toMatchObject({ code: 'scope-elsewhere', category: 'input' });
        expect(await kinds('service.')).toEqual(['service.transferred']);
      });

      it('numbers data versions', async () => {
        const file = await fixture.blobs.put(new TextEncoder().encode('rows'));
        const data = {
          environment,
          name: 'digits-golden',
          digest: digestOf('rows'),
          files: [{ path: 'rows.jsonl', digest: file.digest, bytes: file.bytes }],
          rows: 3,
          columns: [{ name: 'image', type: 'number[4]' }],
        };
        expect(await operations.addDataVersion(data)).toMatchObject({
          created: true,
          version: { version: 1, rows: 3 },
        });
        expect(await kinds('data.')).toEqual(['data.added']);
      });
    });

    describe('release', () => {
      it('records a numbered release and makes it the incoming one', async () => {
        const release = await releaseOf(1);
        expect(release).toMatchObject({
          number: 1,
          createdBy: fixture.by,
          unprovenPair: true,
          cause: { kind: 'release' },
        });
        expect(await operations.releases(service, environment)).toEqual([release]);
        const view = await operations.view(service, environment);
        expect(view.asks).toEqual([]);
        expect(view.deployment).toMatchObject({ live: null, incoming: 1, phase: 'starting' });
        expect(view.releases).toMatchObject([{ number: 1, state: 'incoming', createdBy: fixture.by }]);
        expect(await kinds('release.')).toEqual(['release.created']);
      });

      it('refuses stale evidence with every reason, changes nothing, and records the refusal', async () => {
        const request = await aReleaseRequest(fixture.blobs, 1, {
          contract: { coldStart: { p50: '10s' } },
          lock: (locked) => ({ ...locked, evidence: { golden: ofAnotherRuntime(locked.evidence.golden!) } }),
        });
        const error = await failure(operations.release(request));
        expect(error).toMatchObject({ code: 'evidence-refused', category: 'refused', next: 'plimsoll golden record' });
        expect(error.details?.['refusals']).toHaveLength(2);
        expect(await operations.releases(service, environment)).toEqual([]);
        expect(await kinds('release.')).toEqual(['release.refused']);
        const { asks } = await operations.view(service, environment);
        expect(asks).toMatchObject([
          { state: 'refused', bundle: request.bundle, by: fixture.by, next: 'plimsoll golden record', progress: null },
        ]);
        expect(asks?.[0]?.reason).toContain('golden evidence');
      });

      it('takes a waiver on the record, under the name of who asks', async () => {
        const request = await aReleaseRequest(fixture.blobs, 1, {
          lock: (locked) => ({ ...locked, evidence: {} }),
          waivers: [{ kind: 'golden', reason: 'first try', untilMs: fixture.nowMs() + 1_000 }],
        });
        const release = await released(operations.release(request));
        expect(release.waivers).toMatchObject([{ kind: 'golden', reason: 'first try', by: fixture.by }]);
        expect((await operations.view(service, environment)).releases[0]?.waived).toEqual(['golden']);
        expect(await kinds('waiver.')).toEqual(['waiver.recorded']);
      });

      it('releases a measured failure on a waiver of failures alone, and says so wherever the release is', async () => {
        const ordinary = { kind: 'golden', reason: 'r', untilMs: fixture.nowMs() + 1_000 } as const;
        const refused = await aReleaseRequest(fixture.blobs, 1, { lock: failingGolden, waivers: [ordinary] });
        expect(await failure(operations.release(refused))).toMatchObject({
          code: 'evidence-refused',
          next: expect.stringContaining('--waive-failing golden'),
        });
        const release = await released(operations.release({ ...refused, waivers: [{ ...ordinary, failing: true }] }));
        expect(release.waivers).toMatchObject([{ kind: 'golden', failing: true, by: fixture.by }]);
        const { releases } = await operations.view(service, environment);
        expect(releases[0]).toMatchObject({ waived: ['golden'], waivedFailing: ['golden'] });
        const events = await operations.events({ service, environment });
        expect(events.filter(({ kind }) => /^(waiver|release)\./.test(kind)).slice(-2)).toMatchObject([
          { kind: 'waiver.recorded', data: { failing: true }, summary: expect.stringContaining('waived although it') },
          { kind: 'release.created', summary: expect.stringContaining('; waived although it fails: golden') },
        ]);
      });

      it('refuses a release without golden outputs', async () => {
        const request = await aReleaseRequest(fixture.blobs, 1, { contract: { monitoring: null } });
        expect(await failure(operations.release(request))).toMatchObject({
          code: 'golden-missing',
          category: 'refused',
        });
      });

      it('refuses a model that does not fit what the code sends and reads, or does not tell', async () => {
        const signature = await register(1);
        const odd = { ...signature, inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 9] }] };
        const asking = (asked: typeof signature) => codeWith({ signature: asked });
        const unfit = await aReleaseRequest(fixture.blobs, 1, { contract: asking(odd) });
        expect(await failure(operations.release(unfit))).toMatchObject({
          code: 'signature-unfit',
          category: 'refused',
          message: expect.stringContaining('the code sends the input image FP32 [-1,9]'),
        });
        const silent = await aReleaseRequest(fixture.blobs, 2, { contract: asking(signature) });
        expect(await failure(operations.release(silent))).toMatchObject({ code: 'signature-unknown' });
        expect(await operations.releases(service, environment)).toEqual([]);
        const release = await releaseOf(1, { contract: asking(signature) });
        expect(release.code.section.signature).toEqual(signature);
        expect((await operations.releases(service, environment))[0]?.code.section.signature).toEqual(signature);
        expect(await kinds('release.')).toEqual(['release.refused', 'release.refused', 'release.created']);
      });

      it('refuses a golden set that was recorded of another model', async () => {
        const request = await aReleaseRequest(fixture.blobs, 1, { goldenSet: { modelDigest: digestOf('another') } });
        expect(await failure(operations.release(request))).toMatchObject({ code: 'golden-of-another-model' });
      });

      it('puts an end to a release that is still coming in', async () => {
        await operations.release(await aReleaseRequest(fixture.blobs, 1));
        await operations.release(await aReleaseRequest(fixture.blobs, 2));
        const { deployment } = await operations.view(service, environment);
        expect(deployment).toMatchObject({ live: null, incoming: 2 });
        expect(await kinds('release.')).toEqual(['release.created', 'release.superseded', 'release.created']);
      });

      it('records no waiver of what passes: it would let it through unseen once it fails', async () => {
        const waiver = {
          kind: 'golden',
          reason: 'just in case',
          untilMs: 9_000_000_000_000,
        } as const;
        expect((await releaseOf(1, { waivers: [waiver] })).waivers).toEqual([]);
        expect(await kinds('waiver.')).toEqual([]);
      });

      it('knows no other service', async () => {
        const request = await aReleaseRequest(fixture.blobs, 1, { service: 'letters' });
        expect(await failure(operations.release(request))).toMatchObject({
          code: 'unknown-service',
          category: 'not-found',
        });
      });
    });

    describe('rollback', () => {
      const back = (axis: 'model' | 'code', to?: number) =>
        operations.rollback({
          service,
          environment,
          axis,
          reason: 'it was worse',
          ...(to === undefined ? {} : { to }),
        });

      it('moves the model alone as a new release, and bars what it leaves', async () => {
        const one = await releaseAndBringIn(1);
        const two = await releaseAndBringIn(2);
        const three = await back('model');
        expect(three).toMatchObject({
          number: 3,
          unprovenPair: false,
          pair: one.pair,
          golden: one.golden,
          cause: { kind: 'rollback', axis: 'model', from: 2, to: 1, reason: 'it was worse' },
        });
        const view = await operations.view(service, environment);
        expect(view.bars).toMatchObject([{ axis: 'model', digest: two.model.digest, by: fixture.by }]);
        expect(view.deployment).toMatchObject({ live: 2, incoming: 3 });
        expect((await kinds()).slice(-2)).toEqual(['release.created', 'bar.added']);
      });

      it('bars nothing by a drill, nor by whoever brings back one that was killed', async () => {
        await releaseAndBringIn(1);
        await releaseAndBringIn(2);
        const drill = { service, environment, axis: 'model', reason: 'drill', drill: true } as const;
        expect(await operations.rollback(drill)).toMatchObject({ cause: { from: 2, to: 1, drill: true } });
        await fixture.bringIn();
        const back = await operations.rollback({ ...drill, to: 2 });
        expect(back.cause).toEqual({ kind: 'rollback', axis: 'model', from: 3, to: 2, reason: 'drill' });
        await fixture.bringIn();
        await operations.rollback(drill);
        await fixture.bringIn();
        expect(
          (await operations.rollback({ service, environment, axis: 'model', reason: 'killed', to: 2 })).cause,
        ).toEqual({
          kind: 'rollback',
          axis: 'model',
          from: 5,
          to: 2,
          reason: 'killed',
        });
        expect((await operations.view(service, environment)).bars).toEqual([]);
      });

      it('in the middle of a drill bars the version that the drill left, so that the drill cannot bring it back', async () => {
        const one = await releaseAndBringIn(1);
        const two = await releaseAndBringIn(2);
        const drill = { service, environment, axis: 'model', reason: 'drill', drill: true } as const;
        await operations.rollback(drill);
        await fixture.bringIn();
        expect(await back('model')).toMatchObject({ pair: one.pair, cause: { from: 2, to: 1 } });
        expect((await operations.view(service, environment)).bars).toMatchObject([{ digest: two.model.digest }]);
        expect(await failure(operations.rollback({ ...drill, to: 2 }))).toMatchObject({ code: 'barred' });
      });

      it('makes an unproven pair of the old model and the new code, and asks no evidence of it', async () => {
        await releaseAndBringIn(1, 'c1');
        await releaseAndBringIn(2, 'c2');
        const three = await back('model');
        expect(three).toMatchObject({ unprovenPair: true, model: { version: 1 } });
      });

      it('makes no pair that never ran of a model that is not known to fit what the code sends', async () => {
        await releaseAndBringIn(1);
        const signature = await register(2);
        await releaseOf(2, { contract: codeWith({ signature, args: ['c2'] }) });
        await fixture.bringIn();
        expect(await failure(back('model'))).toMatchObject({ code: 'signature-unknown', category: 'refused' });
        expect(await kinds('rollback.')).toEqual(['rollback.refused']);
      });

      it('leaves a release that is coming in where that one moved the axis', async () => {
        await releaseAndBringIn(1);
        await operations.release(await aReleaseRequest(fixture.blobs, 2));
        const three = await back('model');
        expect(three).toMatchObject({ cause: { from: 2, to: 1 } });
        expect((await operations.view(service, environment)).deployment).toMatchObject({ live: 1, incoming: 3 });
        expect(await kinds('release.superseded')).toHaveLength(1);
      });

      it('says that there is nothing to go back to', async () => {
        expect(await failure(back('model'))).toMatchObject({ code: 'nothing-to-roll-back', category: 'conflict' });
        await releaseAndBringIn(1);
        expect(await failure(back('model'))).toMatchObject({ code: 'nothing-to-roll-back' });
        expect(await failure(back('model', 7))).toMatchObject({ code: 'unknown-release', category: 'not-found' });
        expect(await kinds('rollback.')).toEqual(['rollback.refused', 'rollback.refused', 'rollback.refused']);
      });

      it('keeps the barred digest out until the bar is lifted, with a reason', async () => {
        await releaseAndBringIn(1);
        const two = await releaseAndBringIn(2);
        await back('model');
        await fixture.bringIn();
        const again = await aReleaseRequest(fixture.blobs, 2);
        expect(await failure(operations.release(again))).toMatchObject({ code: 'barred', category: 'refused' });
        const digest = two.model.digest.slice('sha256:'.length, 'sha256:'.length + 12);
        const lift = { service, environment, axis: 'model' as const, digest, reason: 'retrained' };
        expect(await operations.liftBar(lift)).toMatchObject({ digest: two.model.digest, reason: 'it was worse' });
        expect(await failure(operations.liftBar(lift))).toMatchObject({ code: 'unknown-bar', category: 'not-found' });
        expect(await operations.release(again)).toMatchObject({ release: { number: 4 } });
        expect(await kinds('bar.')).toEqual(['bar.added', 'bar.lifted']);
      });
    });

    it('waives a kind from now on, and not into the past', async () => {
      const waiver = { service, environment, kind: 'golden' as const, reason: 'broken probe' };
      expect(await failure(operations.waive({ ...waiver, untilMs: fixture.nowMs() }))).toMatchObject({
        code: 'waiver-over',
      });
      await operations.waive({ ...waiver, untilMs: fixture.nowMs() + 1_000 });
      const request = await aReleaseRequest(fixture.blobs, 1, { contract: { monitoring: null } });
      expect(await operations.release(request)).toMatchObject({
        release: { waivers: [{ kind: 'golden', reason: 'broken probe' }] },
      });
      expect(await kinds('waiver.')).toEqual(['waiver.recorded']);
    });

    it('waives what fails only when it is told to', async () => {
      const waiver = {
        service,
        environment,
        kind: 'golden' as const,
        reason: 'known',
        untilMs: fixture.nowMs() + 1_000,
      };
      const request = await aReleaseRequest(fixture.blobs, 1, { lock: failingGolden });
      await operations.waive(waiver);
      expect(await failure(operations.release(request))).toMatchObject({ code: 'evidence-refused' });
      await operations.waive({ ...waiver, failing: true });
      expect(await operations.release(request)).toMatchObject({
        release: { waivers: [{ kind: 'golden', failing: true }] },
      });
    });

    it('takes a waiver back, on the record and under the name of who asks, and then holds releases up again', async () => {
      const waiver = { service, environment, kind: 'golden' as const, reason: 'broken probe' };
      await operations.waive({ ...waiver, untilMs: fixture.nowMs() + 1_000 });
      const asked = { service, environment, kind: 'golden' as const, reason: 'the probe is mended' };
      expect(await operations.withdrawWaivers(asked)).toMatchObject([{ kind: 'golden', reason: 'broken probe' }]);
      expect(await failure(operations.withdrawWaivers(asked))).toMatchObject({ code: 'nothing-waived' });
      const request = await aReleaseRequest(fixture.blobs, 1, { contract: { monitoring: null } });
      expect(await failure(operations.release(request))).toMatchObject({ code: 'golden-missing' });
      expect(await operations.events({ service, environment, kindPrefix: 'waiver.' })).toMatchObject([
        { kind: 'waiver.recorded', by: fixture.by },
        { kind: 'waiver.withdrawn', by: fixture.by, data: { kind: 'golden', reason: 'the probe is mended' } },
      ]);
    });

    it('tells events in order, from where somebody left off', async () => {
      await operations.release(await aReleaseRequest(fixture.blobs, 1));
      await operations.release(await aReleaseRequest(fixture.blobs, 2));
      const all = await operations.events({ service, environment });
      const seen = all[0]?.seq ?? 0;
      expect(await operations.events({ service, environment, afterSeq: seen })).toEqual(all.slice(1));
      expect(await operations.events({ service, environment, last: 1 })).toEqual(all.slice(-1));
      expect(all.map((event) => event.seq)).toEqual([...all.map((event) => event.seq)].sort((a, b) => a - b));
    });

    it('shows the evidence table as it is judged', async () => {
      expect(Array.isArray(await operations.evidence(service, environment))).toBe(true);
    });
  });
}

const codeWith = (section: object) => ({
  code: { command: ['plimsoll', 'serve-model'], args: ['c1'], ...section },
});

const ofAnotherRuntime = (golden: Evidence): Evidence => ({
  ...golden,
  subjects: { ...golden.subjects, runtime: digestOf('another runtime') },
});

const failingGolden: NonNullable<BundleOver['lock']> = (locked) => {
  const { golden } = locked.evidence;
  if (golden === undefined) throw new Error('the lock of tests has golden evidence');
  const measurements = { ...golden.measurements, reproducedCases: 2 };
  return { ...locked, evidence: { golden: { ...golden, measurements } } };
};

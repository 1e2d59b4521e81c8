import { emptyDrift } from '../../core/monitoring/watch/drift-state.ts';
import { bundleBytes, type Bundle } from '../../core/bundle/bundle.ts';
import { emptyLabelMemory } from '../../core/monitoring/labels/label-memory.ts';
import { beginNotifying } from '../../core/monitoring/notify/notify-state.ts';
import { emptyReplays } from '../../core/monitoring/replay/replay-state.ts';
import type { ModelVersion } from '../../core/registry/model-version.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Store } from '../../ports/records/store.ts';
import {
  aCanary,
  aCanarySample,
  aDeployment,
  aModel,
  anEvent,
  aRelease,
  aTable,
  fenceOf,
  someData,
} from './store-builders.ts';

/** More than are read at once. */
const events = 450;
const scope = ['digits', 'prod'] as const;
/** What JSON, SQL or a reader of lines might change: quotes, ends of lines of all kinds, another plane, a backslash. */
const anyText = 'it\'s "said"\n\r\u2028\u2029 \u00e9 \u{1F6A2} \\n';

/** Puts rows into every table, and the blobs that they name. Resolves with the blobs that must be kept, sorted. */
export async function fillStore(store: Store, blobs: Blobs): Promise<readonly Digest[]> {
  const kept: Digest[] = [];
  const put = async (words: string): Promise<ModelVersion['files'][number]> => {
    const stored = await blobs.put(new TextEncoder().encode(words));
    kept.push(stored.digest);
    return { path: words, ...stored };
  };
  const [model, data, profile, code] = [await put('model'), await put('data'), await put('profile'), await put('code')];
  const bundle: Bundle = {
    ...{ bundleVersion: 1, service: 'digits', environment: 'prod' },
    files: [{ ...(await put('serve.py')), role: 'code' }],
    model: { name: 'digits', digest: digestOf('m'), files: [await put('weights')], place: null },
  };
  const asked = (await put(new TextDecoder().decode(bundleBytes(bundle)))).digest;
  await blobs.put(new TextEncoder().encode('named by nobody'));
  const bar = { axis: 'model' as const, digest: digestOf('two'), reason: anyText, by: 'ada', atMs: 3 };
  const moved = { environment: 'prod', name: 'digits', alias: 'candidate', reason: anyText, by: 'ada', atMs: 1 };
  await store.transaction(await fenceOf(store), async (tx) => {
    await tx.addModelVersion({ ...aModel(), files: [model] });
    await tx.moveAlias({ ...moved, from: null, to: 1 });
    await tx.moveAlias({ ...moved, from: 1, to: null });
    await tx.addDataVersion({ ...someData(), files: [data], profile: profile.digest });
    await tx.addRelease({ ...aRelease(), code: { ...aRelease().code, files: [code] } });
    await tx.addRelease(aRelease());
    await tx.setDeployment(aDeployment(1), null);
    await tx.setRouting(aTable(7));
    await tx.setCanary(aCanary(), null);
    await tx.addCanarySample(aCanarySample(2, 5));
    await tx.setArrivalDay(...scope, { fromMs: 0, lengthMs: 600_000, counts: [1, null, 3] });
    await tx.addScalingRecord(...scope, 3, { decided: 2 });
    await tx.setScalingMemory(...scope, { remembered: anyText });
    await tx.addJournaled('entry', 4);
    await tx.addBar({ ...bar, service: 'digits', environment: 'prod' });
    await tx.addWaiver(...scope, { kind: 'cost', reason: 'later', untilMs: 9, by: 'ada', atMs: 2 });
    await tx.addInvalidation('digits', {
      ...{ kind: 'hardware', environment: 'prod', reason: 'driver moved', remedy: 'plimsoll verify', atMs: 3 },
    });
    await tx.admit({ service: 'digits', environment: 'prod', replicaId: 'r1', golden: null, atMs: 2 ** 52 });
    await tx.setReleaseAsk({
      ...{ id: 'one', service: 'digits', environment: 'prod', bundle: asked, waivers: [], again: false, by: 'ada' },
      ...{ atMs: 5, state: 'requested', reason: 'asked', release: null, changedAtMs: 5, progress: null },
    });
    await tx.seeEvidence(...scope, [{ kind: 'cost', digest: digestOf('evidence') }], 'ada', 6);
    await tx.setReleaseEvidence(...scope, 2, asked);
    await tx.setHeldService({ service: scope[0], environment: scope[1], origin: 'released', sinceMs: 5 });
    await tx.setIsolations(...scope, [
      { replicaId: 'r1', stage: 'waiting', reason: anyText, by: 'ada', askedAtMs: 5, sinceMs: null, untilMs: 2 ** 52 },
    ]);
    await tx.setNotifyState(...scope, beginNotifying(1, 6));
    await tx.setReplayState(...scope, { ...emptyReplays, seen: [anyText] });
    await tx.setEnvironmentRecord({ environment: scope[1], by: 'ada', atMs: 6, pool: { name: anyText } });
    const { model: ofRelease, createdBy, createdAtMs } = aRelease();
    await tx.setArtifactClaim({
      ...{ environment: scope[1], kind: 'model', name: ofRelease.name, service: scope[0] },
      ...{ standing: 'owner', by: createdBy, atMs: createdAtMs },
    });
    await tx.setServiceClaim({
      ...{ service: scope[0], environment: scope[1], by: 'ada', atMs: 5 },
      scope: { service: scope[0], environment: null },
    });
    await tx.setDriftRecord(...scope, { state: emptyDrift, cursors: { [anyText]: 3 } }, null);
    await tx.addDriftWindow(...scope, { number: 1, fromMs: 0, toMs: 5, rows: 20, tallies: {} });
    const captured = { requestId: anyText, atMs: 5, release: 1, replicaId: null, drawn: null, values: { a: anyText } };
    await tx.addDriftSamples(...scope, [captured], 0);
    await tx.addHistory(...scope, 'minute', {
      ...{ fromMs: 60_000, toMs: 120_000, requests: 10, failed: 1, latency: { 60: 9 }, queueDepth: 3 },
      ...{ inFlight: 0.1 + 0.2, batchFillShare: null },
    });
    await tx.addPredictions(
      ...scope,
      [{ requestId: anyText, atMs: 6, release: 1, replicaId: null, prediction: anyText, confidence: 0.1 + 0.2 }],
      60_001,
    );
    await tx.addLabels(...scope, [{ requestId: anyText, truth: { label: 3 } }], 60_002);
    await tx.appendLedgerRecords([
      { atMs: 9, recorder: 'control plane 1', sequence: 1, kind: 'heartbeat', fact: null },
    ]);
    await tx.appendLedgerEntry({
      ...{ hourMs: 3_600_000, entry: 1, derivedAtMs: 9, rows: [], newErrors: [], withdrawnErrors: [] },
    });
    await tx.addLabelAsk(...scope, {
      ...{ askId: anyText, askedAtMs: 60_003, toSeq: 1, by: anyText, bets: true, lastBettingMs: null, releases: [1] },
      ...{ planDigest: digestOf(anyText), rows: 1, activeShare: 0.25, chosen: [] },
    });
    await tx.setLabelMemory(...scope, emptyLabelMemory);
    await tx.appendEvent(anEvent('release.live', 1, { release: 1 }));
    await tx.appendEvent(anEvent('release.failed', 2, { release: 2, why: anyText }));
    for (let count = 2; count < events; count += 1) await tx.appendEvent(anEvent(`event.${count}`));
  });
  return kept.sort();
}

import type { CanaryRecord, CanarySample } from '../../core/rollout/judge/canary.ts';
import type { DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { Deployment, Release } from '../../core/rollout/release.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import type { Lease, Store } from '../../ports/records/store.ts';
import type { EventForm, NewEvent } from '../../core/records/event.ts';

/** Builders with every field filled, so that a field which a store forgets is seen. */
export const aModel = (digest: Digest = digestOf('one'), name = 'digits'): Omit<ModelVersion, 'version'> => ({
  environment: 'prod',
  name,
  digest,
  format: 'onnx',
  files: [{ path: 'model.onnx', digest, bytes: 12 }],
  signature: {
    inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 784] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
  },
  facts: { irVersion: 8, opsets: { 'ai.onnx': 17 } },
  lineage: { trainedOn: { data: 'digits-train:1', digest: digestOf('data') }, note: 'first "try" \u00e9 \u{1F6A2}' },
  createdAtMs: 1_700_000_000_123,
  createdBy: 'ada',
});

export const someData = (digest: Digest = digestOf('rows'), name = 'digits-train'): Omit<DataVersion, 'version'> => ({
  environment: 'prod',
  name,
  digest,
  files: [{ path: 'digits.jsonl', digest: digestOf('file'), bytes: 5_000_000_000 }],
  rows: 3_000_000_000,
  columns: [{ name: 'image', type: 'number[784]' }],
  profile: digestOf('profile'),
  source: 'digits.jsonl',
  createdAtMs: 5,
  createdBy: 'ada',
});

export const aRelease = (): Omit<Release, 'number'> => ({
  service: 'digits',
  environment: 'prod',
  code: {
    digest: digestOf('code'),
    section: { args: [], files: [], env: {}, secrets: {}, protocol: 'open-inference-v2' },
    files: [],
  },
  model: { name: 'digits', version: 1, digest: digestOf('one'), format: 'onnx', files: [], signature: null },
  golden: null,
  pair: digestOf('pair'),
  unprovenPair: false,
  replicas: { min: 1, max: 2 },
  keepPreviousMs: 1000,
  steps: [1],
  cause: { kind: 'release' },
  waivers: [],
  createdAtMs: 1,
  createdBy: 'ada',
});

export const aDeployment = (live: number | null): Omit<Deployment, 'revision'> => ({
  service: 'digits',
  environment: 'prod',
  live,
  incoming: null,
  phase: 'live',
  step: 0,
  previous: null,
  reason: 'test',
  changedAtMs: 1,
});

export const aTable = (generation: number): RoutingTable => ({
  service: 'digits',
  environment: 'prod',
  generation,
  protocol: 'open-inference-v2',
  model: 'digits',
  splits: [{ release: 1, modelVersion: 1, share: 1, replicas: [{ replicaId: 'r', endpoint: 'http://127.0.0.1:1' }] }],
  starting: false,
  issuedAtMs: 1,
});

/** Of any kind and with any facts, as another version might have made it. */
export const anEvent = (
  kind: string,
  atMs = 1,
  data: EventForm['data'] = { nested: { list: [1, 'two', null] } },
): NewEvent => {
  const event = { service: 'digits', environment: 'prod', kind, summary: `${kind} happened`, by: 'ada', atMs, data };
  return event as unknown as NewEvent;
};

export async function fenceOf(store: Store, holder = 'a', lease = 'control-plane/digits/prod'): Promise<Lease> {
  const held = await store.leases.acquire({ lease, holder, ttlMs: 60_000, nowMs: 1_000 });
  if (held === null) throw new Error(`${lease} is held by somebody else`);
  return held;
}

export const aCanary = (release = 2): Omit<CanaryRecord, 'revision'> => ({
  service: 'digits',
  environment: 'prod',
  release,
  against: 1,
  step: 0,
  startedAtMs: 1_700_000_000_000,
  pausedMs: 0,
  pause: null,
  promote: null,
  lookedAtMs: 1_700_000_001_000,
  taken: { 'g1@5': 7 },
  policy: {
    alphaShare: 0.05,
    steps: 2,
    metrics: ['errors', 'latency'],
    errorMarginShare: 0.005,
    latency: { quantile: 0.99, marginShare: 0.1 },
    agreementAtLeastShare: 0.99,
    labelMarginShare: 0.01,
    minMs: 60_000,
    timeLimitMs: 3_600_000,
  },
  state: { canaryVersion: 1, seen: 12 },
  judgement: null,
});

export const aCanarySample = (release: number, atMs: number): CanarySample => ({
  service: 'digits',
  environment: 'prod',
  release,
  step: 0,
  judgement: {
    outcome: 'hold',
    atMs,
    elapsedMs: 5_000,
    metrics: [],
    coldUnits: { live: 0, canary: 3 },
    reasons: ['not decided yet'],
  },
});

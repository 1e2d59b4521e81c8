import { createHash } from 'node:crypto';
import type { EvidenceState, SubjectState } from '../../src/core/evidence/lock/lock.ts';
import type { ReadinessAnswer } from '../../src/core/readiness/readiness.ts';
import type { MeasuredPhase } from '../../src/core/rollout/replica.ts';
import type { Digest } from '../../src/core/units/digest.ts';
import type { ReleaseSummary, ServiceView } from '../../src/schemas/view/view.ts';

/** What a view is made of, made up: for the look of the page and for its tests. Nothing here is measured. */
export const digestOf = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export const codeOf = (label: string): ReleaseSummary['code'] => ({ label, digest: digestOf(`code ${label}`) });
export const modelOf = (version: number, name = 'digits'): ReleaseSummary['model'] => ({
  name,
  version,
  digest: digestOf(`model ${name} ${version}`),
});

export const digitsSignature: NonNullable<ServiceView['signature']> = {
  inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 784] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
};

export const tabularSignature: NonNullable<ServiceView['signature']> = {
  inputs: [
    { name: 'age', datatype: 'INT64', shape: [-1, 1] },
    { name: 'income', datatype: 'FP32', shape: [-1, 1] },
    { name: 'region', datatype: 'BYTES', shape: [-1, 1] },
  ],
  outputs: [{ name: 'score', datatype: 'FP32', shape: [-1, 1] }],
};

/** A start like those that are measured here: weights and engine are one call of the runtime, so they are merged. */
export function phasesOf(slowness: number): readonly MeasuredPhase[] {
  const starts: MeasuredPhase[] = [];
  let atMs = 0;
  const parts: readonly [MeasuredPhase['phases'], number, number][] = [
    [['process-start'], 182, 0],
    [['weights-fetch'], 21, 4],
    [['weights-load', 'engine-init'], 96, 2],
    [['warm-up'], 38, 31],
  ];
  for (const [phases, tookMs, gapMs] of parts) {
    atMs += gapMs * slowness;
    starts.push({ phases, startMs: atMs, durationMs: tookMs * slowness });
    atMs += tookMs * slowness;
  }
  return starts;
}

const asked = (state: Omit<EvidenceState, 'available'>, available = true): EvidenceState => ({ ...state, available });
const notAsked = (kind: EvidenceState['kind'], key: string): EvidenceState =>
  asked({ kind, freshness: 'not-asked', verdict: 'unknown', reasons: [`the contract does not write ${key}`] });

const same = (subject: string, knownBy: SubjectState['knownBy']): SubjectState => {
  const digest = digestOf(subject);
  return { subject, knownBy, measured: digest, present: digest };
};
const moved = (subject: string, knownBy: SubjectState['knownBy']): SubjectState => ({
  ...same(subject, knownBy),
  measured: digestOf(`${subject} before`),
});
const notKnown = (subject: string, unknown: string): SubjectState => ({
  ...same(subject, 'nodes'),
  present: null,
  unknown,
});
const pair = [same('code', 'bundle'), same('model', 'bundle')];
const place = [same('runtime', 'nodes'), same('device-classes', 'nodes')];

/** What is seen where no replica reports its runtime, and where the bundle of the release cannot be read. */
export function unknownEvidence(nowMs: number): readonly EvidenceState[] {
  const unread = 'no replica of release 5 reports its runtime';
  const measuredAtMs = nowMs - 47 * 60_000;
  return [
    asked({
      kind: 'golden',
      freshness: 'unknown',
      verdict: 'unknown',
      reasons: [`the present runtime is not known: ${unread}`],
      renew: 'plimsoll golden record',
      measuredAtMs,
      subjects: [same('golden-set', 'claimed'), ...pair, notKnown('runtime', unread), same('device-classes', 'nodes')],
    }),
    asked({
      kind: 'evaluation',
      freshness: 'unknown',
      verdict: 'unknown',
      reasons: ['the bundle of release 5 cannot be read: a blob of it is gone'],
      renew: 'plimsoll release',
    }),
  ];
}

export function evidenceOf(nowMs: number, asksForSteps: boolean): readonly EvidenceState[] {
  return [
    asked(
      {
        kind: 'hardware',
        freshness: 'missing',
        verdict: 'unknown',
        reasons: ['not yet available in this version'],
        renew: 'plimsoll release --waive hardware --reason TEXT --until DATE',
        waiver: {
          kind: 'hardware',
          reason: 'one CPU class in this environment',
          untilMs: nowMs + 26 * 86_400_000,
          by: 'ada',
          atMs: nowMs - 86_400_000,
        },
      },
      false,
    ),
    asked({
      kind: 'golden',
      freshness: 'fresh',
      verdict: 'pass',
      reasons: ['64 of 64 cases reproduced; largest difference 3.6e-7 of a band of 1e-4'],
      renew: 'plimsoll golden record',
      measuredAtMs: nowMs - 47 * 60_000,
      subjects: [same('golden-set', 'claimed'), ...pair, ...place],
    }),
    asked({
      kind: 'evaluation',
      freshness: 'stale',
      verdict: 'unknown',
      reasons: [
        'model moved from 77ab01d2f3c4 to 19e05bb7a6d1 since it was measured',
        'dataset digits-holdout moved from version 1 to version 2',
      ],
      renew: 'plimsoll evaluate',
      measuredAtMs: nowMs - 9 * 86_400_000,
      subjects: [
        same('code', 'bundle'),
        moved('model', 'bundle'),
        moved('dataset', 'claimed'),
        same('evaluation-question', 'bundle'),
        moved('runtime', 'nodes'),
        { ...moved('previous-model', 'store'), measured: null },
      ],
    }),
    asked({
      kind: 'cold-start',
      freshness: 'fresh',
      verdict: 'inconclusive',
      reasons: ['p90 is between 388ms and 640ms; the budget 500ms is not decided (8 starts from process)'],
      renew: 'plimsoll coldstart',
      measuredAtMs: nowMs - 3 * 3_600_000,
      subjects: [...pair, moved('device-classes', 'nodes'), same('tier', 'bundle')],
    }),
    notAsked('capacity', 'scaling with min < max'),
    notAsked('scaling', 'scaling with min < max'),
    notAsked('monitoring', 'monitoring.falseAlarms'),
    asksForSteps
      ? asked({
          kind: 'rollback',
          freshness: 'fresh',
          verdict: 'pass',
          reasons: ['back on version 1 in 212 ms, warm; 0 of 1,204 requests failed meanwhile'],
          renew: 'plimsoll rollback --drill',
          measuredAtMs: nowMs - 26 * 3_600_000,
        })
      : notAsked('rollback', 'rollout.steps'),
    notAsked('cost', 'cost'),
  ];
}

export const readiness: readonly ReadinessAnswer[] = [
  {
    question: 'hardware-verified',
    text: 'Is the hardware contract verified on the target nodes?',
    answer: 'not-measured',
    reason: 'hardware evidence is missing; waived by ada',
    command: 'plimsoll verify',
  },
  {
    question: 'cold-start-budgeted',
    text: 'Is the cold-start budget known, and is scaling aware of it?',
    answer: 'yes',
    reason: 'p90 of 412 ms measured over 8 starts against a budget of 500 ms',
  },
  {
    question: 'signal-not-cpu',
    text: 'Is the scaling signal something other than CPU?',
    answer: 'yes',
    reason: 'scaling.signal is queue-depth',
  },
  {
    question: 'output-quality-monitored',
    text: 'Is output quality monitored?',
    answer: 'yes',
    reason: 'the golden set digits-golden is replayed on every replica before it gets traffic',
  },
  {
    question: 'model-rolls-back-alone',
    text: 'Can the model be rolled back independently of the code?',
    answer: 'yes',
    reason: 'release 3 is kept warm with model version 1 on the same code',
  },
  {
    question: 'accelerator-seconds-attributed',
    text: 'Are accelerator-seconds attributed, with idle visible?',
    answer: 'no',
    reason: 'the contract writes no cost section',
    command: 'plimsoll explain cost',
  },
];

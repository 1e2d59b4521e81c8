import { createHash } from 'node:crypto';
import type { EvidenceState } from '../../src/core/evidence/lock/lock.ts';
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
    }),
    asked({
      kind: 'evaluation',
      freshness: 'stale',
      verdict: 'pass',
      reasons: [
        'model moved from 77ab01d2f3c4 to 19e05bb7a6d1 since it was measured',
        'dataset digits-holdout moved from version 1 to version 2',
      ],
      renew: 'plimsoll evaluate',
      measuredAtMs: nowMs - 9 * 86_400_000,
    }),
    asked({
      kind: 'cold-start',
      freshness: 'fresh',
      verdict: 'inconclusive',
      reasons: ['p90 is between 388ms and 640ms; the budget 500ms is not decided (8 starts from process)'],
      renew: 'plimsoll coldstart',
      measuredAtMs: nowMs - 3 * 3_600_000,
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

/**
 * One decision of each scaling policy about 1,000 replicas, against writing the same input as JSON in the same run, which reads
 * every number of it once: on a busy machine the ratio says more than the milliseconds. Windows are full when it is timed, and
 * starts so fast that the history which Plimsoll's own policy replays is as long as it gets.
 *
 *   npm run bench -- scaling-decision [--json]
 */
import type { Policy, PolicyInput } from '../../src/core/scaling/policy.ts';
import { baselinePolicies } from '../../src/core/scaling/policies/baselines.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { median } from '../median.ts';

const replicas = 1_000;
const batches = 15;
const decisionsInBatch = 200;
/** The longest window of any policy. */
const longestWindowMs = 80 * 60_000;
const aimMs = 1;
const aimRatio = 1;

interface Measured {
  readonly policy: string;
  readonly medianMs: number;
  /** Of the time that `JSON.stringify` takes for the input. */
  readonly ratio: number;
  readonly stateBytes: number;
  /** Last count, so that a rule that decided nothing shows. */
  readonly desired: number;
}

/** A service in the middle of its work; the numbers move a little so that no two inputs are alike. */
function inputAt(nowMs: number): PolicyInput {
  const turn = nowMs / 1000;
  const ids = Array.from({ length: replicas }, (_, index) => `digits-7f9c-${index}`);
  return {
    nowMs,
    signals: {
      atMs: nowMs - 1_000,
      queueDepth: 400 + (turn % 7),
      oldestWaitMs: 300,
      inFlight: 6_500 + (turn % 11),
      arrivalsPerSecond: 6_400,
      completionsPerSecond: 6_380,
      serviceMs: 950,
      batchFillShare: 0.8,
      acceleratorMemoryShare: 0.62,
      replicas: ids.map((replicaId, index) => ({
        replicaId,
        queueDepth: index % 3,
        inFlight: 6 + (index % 2),
        acceleratorMemoryShare: 0.5 + (index % 20) / 100,
      })),
    },
    replicas: ids.map((replicaId) => ({ replicaId, state: 'ready', orderedAtMs: 0, readyAtMs: 60_000 })),
    starts: { timesMs: [3_000, 5_000], shares: [0.5, 1], failureShare: 0, starts: 40 },
    capacity: {
      curve: { kind: 'slots', slots: 8, speeds: Array<number>(8).fill(1), meanWorkMs: 1_000 },
      ratePerSecond: 7,
      concurrency: 7,
      serviceMs: 1_000,
    },
    terms: {
      // What would go below is held: a rule that waits for its last decision to be carried out would do nothing else.
      minReplicas: replicas,
      maxReplicas: 5_000,
      toZero: false,
      warmPool: 0,
      latencyMs: 5_000,
      attainmentShare: 0.99,
      acceleratorSecondPrice: 1,
      lateRequestPrice: 1,
    },
  };
}

function measure(policy: Policy): Measured {
  const inputs = Array.from({ length: decisionsInBatch }, (_, index) => inputAt((index + 1) * policy.periodMs));
  const decisionMs: number[] = [];
  const writeMs: number[] = [];
  let state: unknown = policy.begin(0);
  let desired = 0;
  let written = 0;
  const batchMs = decisionsInBatch * policy.periodMs;
  const warmUps = Math.ceil(longestWindowMs / batchMs);
  for (let batch = 0; batch < warmUps + batches; batch += 1) {
    const shifted = inputs.map((input) => later(input, batch * batchMs));
    const decidedFrom = performance.now();
    for (const input of shifted) {
      const made = policy.decide(input, state);
      state = made.state;
      desired = made.decision.desired;
    }
    if (batch < warmUps) continue;
    decisionMs.push((performance.now() - decidedFrom) / decisionsInBatch);
    const writtenFrom = performance.now();
    for (const input of shifted.slice(0, 20)) written += JSON.stringify(input).length;
    writeMs.push((performance.now() - writtenFrom) / 20);
  }
  if (written === 0) throw new Error('nothing was written');
  const medianMs = median(decisionMs);
  const stateBytes = JSON.stringify(state).length;
  return { policy: policy.name, medianMs, ratio: medianMs / median(writeMs), stateBytes, desired };
}

const later = ({ signals, nowMs, ...input }: PolicyInput, byMs: number): PolicyInput => ({
  ...input,
  nowMs: nowMs + byMs,
  signals: { ...signals, atMs: signals.atMs + byMs },
});

export async function main(argv: readonly string[]): Promise<number> {
  const measured = [plimsollPolicy, ...baselinePolicies.map(({ make }) => make())].map(measure);
  const met = measured.every(({ medianMs, ratio }) => medianMs < aimMs && ratio < aimRatio);
  if (argv.includes('--json')) {
    const about = {
      bench: 'scaling-decision',
      node: process.version,
      replicas,
      batches,
      decisionsInBatch,
      aimMs,
      aimRatio,
    };
    console.log(JSON.stringify({ ...about, measured }, null, 2));
  } else {
    for (const { policy, medianMs, ratio, stateBytes, desired } of measured) {
      console.log(
        `${policy.padEnd(12)}${medianMs.toFixed(4).padStart(8)} ms a decision ${ratio.toFixed(3).padStart(7)} of writing its input ` +
          `${String(stateBytes).padStart(6)} B of state, ${desired} replicas`,
      );
    }
    console.log(
      `aims at ${replicas} replicas: under ${aimMs} ms and under ${aimRatio} of writing the input: ${met ? 'met' : 'missed'}`,
    );
  }
  return met ? 0 : 1;
}

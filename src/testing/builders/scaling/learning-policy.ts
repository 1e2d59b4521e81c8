import type { PolicyInput, LearnedRatio, Policy, ScaledReplica } from '../../../core/scaling/policy.ts';
import type { ReplicaSignals } from '../../../core/scaling/signals.ts';

export interface LearningState {
  readonly atMs: number | null;
  /** Answers that were seen, and those that the told curve foretells for what was under way. */
  readonly answers: number;
  readonly foretold: number;
}

/** Of the answers that count as known beforehand. */
const priorAnswers = 4;
/** What a replica carries is not learned while it is fresh. */
const coldMs = 2_000;

/**
 * A policy for tests that learns what a replica carries, and sizes by it: answers that were seen over those that the told slots
 * foretell for the requests that were under way. It is as plain as that, so that it shows whether the signals are right.
 *
 * @param usedShare of the learned rate that may be used
 */
export function learningPolicy(usedShare: number): Policy<LearningState> {
  return {
    name: 'learning',
    periodMs: 1_000,
    begin: () => ({ atMs: null, answers: 0, foretold: 0 }),
    decide(input, before) {
      const state = learn(input, before);
      const capacity = ratioOf(state);
      const { signals, terms } = input;
      const carried = mostPerSecond(input) * capacity.estimate * usedShare;
      const wanted = Math.ceil((signals.arrivalsPerSecond ?? 0) / carried);
      return {
        decision: {
          desired: Math.min(terms.maxReplicas, Math.max(terms.minReplicas, 1, wanted)),
          reason: `${signals.arrivalsPerSecond} requests/s at ${carried.toFixed(1)} each want ${wanted}`,
          terms: { carried },
          learned: {
            capacity,
            starts: { estimate: 1, lower: 0.5, upper: 2, samples: 0 },
            trusted: true,
            distrustedSinceMs: null,
          },
        },
        state,
      };
    },
  };
}

function learn({ signals, replicas, capacity: { curve }, nowMs }: PolicyInput, before: LearningState): LearningState {
  const { atMs, completionsPerSecond } = signals;
  const tookMs = before.atMs === null ? 0 : atMs - before.atMs;
  const next = { ...before, atMs };
  const ready = replicas.filter(({ state }) => state === 'ready');
  const isCold = ({ readyAtMs }: ScaledReplica): boolean => nowMs - (readyAtMs ?? nowMs) < coldMs;
  if (tookMs <= 0 || completionsPerSecond === null || ready.some(isCold) || curve.kind !== 'slots') return next;
  const underWay = signals.replicas.reduce((sum, { inFlight }: ReplicaSignals) => sum + (inFlight ?? 0), 0);
  const foretoldPerSecond = (1_000 * Math.min(underWay, ready.length * curve.slots)) / curve.meanWorkMs;
  return {
    atMs,
    answers: before.answers + (completionsPerSecond * tookMs) / 1_000,
    foretold: before.foretold + (foretoldPerSecond * tookMs) / 1_000,
  };
}

function ratioOf({ answers, foretold }: LearningState): LearnedRatio {
  const estimate = (answers + priorAnswers) / (foretold + priorAnswers);
  const halfWidth = 2 / Math.sqrt(answers + priorAnswers);
  const [lower, upper] = [estimate * Math.exp(-halfWidth), estimate * Math.exp(halfWidth)];
  return { estimate, lower, upper, samples: Math.floor(answers) };
}

function mostPerSecond({ capacity: { curve, ratePerSecond } }: PolicyInput): number {
  return curve.kind === 'slots' ? (1_000 * curve.slots) / curve.meanWorkMs : ratePerSecond;
}

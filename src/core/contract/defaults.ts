import type { CaptureSection, Contract, JudgeSection, RolloutSection, ScalingSection } from './contract.ts';

/** The labels have no limit by themselves: where none arrive, nothing could ever be proven of them. */
export type EffectiveJudge = Required<Omit<JudgeSection, 'labelMarginShare'>> & Pick<JudgeSection, 'labelMarginShare'>;

const judgeDefaults: EffectiveJudge = {
  falseRollbacksShare: 0.05,
  errorMarginShare: 0.005,
  latency: { quantile: 0.99, marginShare: 0.1 },
  agreementAtLeastShare: 0.99,
  atLeastMs: 120_000,
  withinMs: 3_600_000,
  onInconclusive: 'hold',
};

/** What holds where a contract does not write a key. `plimsoll explain KEY` prints the same in words. */
export const defaults = {
  modelVersion: 'candidate',
  protocol: 'open-inference-v2',
  devices: 1,
  sharing: ['exclusive'],
  allow: ['native', 'minor-version', 'forward'],
  startTier: 'node-disk',
  startConfidenceShare: 0.95,
  signal: 'queue-depth',
  minReplicas: 1,
  toZero: 'never',
  warmPool: 0,
  actuator: 'plimsoll',
  sleepPriceShare: 1,
  gateConfidenceShare: 0.95,
  evaluationLabel: 'label',
  userMetricTimeoutMs: 600_000,
  featureTimeoutMs: 1_000,
  keepPreviousMs: 3_600_000,
  judge: judgeDefaults,
  capture: { content: false, retentionMs: 7 * 86_400_000, maxBytes: 64 * 1024 * 1024 },
  replay: { everyMs: 3_600_000, atMostShare: 0.01 },
  controlShare: 0.1,
  driftWindowMs: 300_000,
  actAtMostOncePerMs: 6 * 3_600_000,
  horizonMs: 120_000,
  environment: 'default',
} as const;

/** Scaling as it holds; a contract without the section runs one replica and moves nothing. */
export function effectiveScaling(contract: Contract): ScalingSection {
  return (
    contract.scaling ?? {
      signal: defaults.signal,
      replicas: { min: defaults.minReplicas, max: defaults.minReplicas },
      toZero: defaults.toZero,
      warmPool: defaults.warmPool,
      actuator: defaults.actuator,
    }
  );
}

type EffectiveRollout = Omit<RolloutSection, 'judge'> & {
  readonly steps: readonly number[];
  readonly shadowShare: number;
  readonly judge: EffectiveJudge;
};

/** Rollout as it holds: `steps` always there, its last entry 1; the judge with every limit but that of labels. */
export function effectiveRollout(contract: Pick<Contract, 'rollout'>): EffectiveRollout {
  const rollout: RolloutSection = contract.rollout ?? { keepPreviousMs: defaults.keepPreviousMs };
  return {
    ...rollout,
    steps: rollout.steps ?? [1],
    shadowShare: rollout.shadowShare ?? 0,
    judge: { ...defaults.judge, ...rollout.judge },
  };
}

export interface EffectiveCapture extends Required<CaptureSection> {
  /** Share of the requests that are sent to a replica drawn at random. */
  readonly controlShare: number;
}

/**
 * Capture as it holds; null where no request is captured.
 *
 * | `capture` or `falseAlarms` | `control` | random share |
 * |---|---|---|
 * | not written | not written | 0 |
 * | written | not written | 10% |
 * | either | written | that |
 */
export function effectiveCapture({ monitoring = {} }: Pick<Contract, 'monitoring'>): EffectiveCapture | null {
  const { capture, falseAlarms } = monitoring;
  const isWatched = capture !== undefined || falseAlarms !== undefined;
  const controlShare = monitoring.controlShare ?? (isWatched ? defaults.controlShare : 0);
  const sampleShare = capture?.sampleShare ?? 0;
  if (sampleShare === 0 && controlShare === 0) return null;
  return { ...defaults.capture, redact: [], ...capture, sampleShare, controlShare };
}

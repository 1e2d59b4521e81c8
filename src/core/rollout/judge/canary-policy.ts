import { PlimsollError } from '../../units/errors.ts';
import { canaryMetrics, type CanaryMetric, type CanaryPolicy } from './canary.ts';
import { marginShifts } from './canary-latency.ts';

/**
 * What a step is held to where nobody wrote anything.
 *
 * | default | why |
 * |---|---|
 * | alpha 5% | one rollout of twenty, at the very most, is rolled back without cause; it is split over metrics and steps, so that it holds for the whole rollout. A release outside a margin passes a step as seldom |
 * | errors +0.2 points | at a step of 5% that is one request of 10,000 more that fails, a tenth of what an objective of 99.9% allows; a smaller margin asks for more units than a step of an hour has below some 100 requests/s |
 * | p99 +10% | less than clients see, more than two builds of the same code differ by |
 * | agreement 99% | what two versions of one classifier that differ by training data alone show |
 * | labels -1 point | that of the digits example's gate |
 * | at least 1 minute | a release has to live through one period of what runs every minute |
 * | at most 1 hour | somebody waits for it; after an hour without a proof a person is the better judge |
 */
export const canaryDefaults = {
  alphaShare: 0.05,
  metrics: ['errors', 'latency'],
  errorMarginShare: 0.002,
  latency: { quantile: 0.99, marginShare: 0.1 },
  agreementAtLeastShare: 0.99,
  labelMarginShare: 0.01,
  minMs: 60_000,
  timeLimitMs: 3_600_000,
} as const satisfies Omit<CanaryPolicy, 'steps'>;

/** What a contract may say of a canary; what it leaves out is `canaryDefaults`. */
export interface CanarySettings {
  /** Shares of traffic as in `rollout.steps`, the last 1. */
  readonly steps: readonly number[];
  readonly alphaShare?: number | undefined;
  readonly metrics?: readonly CanaryMetric[] | undefined;
  readonly errorMarginShare?: number | undefined;
  readonly latency?: { readonly quantile?: number | undefined; readonly marginShare?: number | undefined } | undefined;
  readonly agreementAtLeastShare?: number | undefined;
  readonly labelMarginShare?: number | undefined;
  readonly minMs?: number | undefined;
  readonly timeLimitMs?: number | undefined;
}

/** @throws PlimsollError `canary-policy-impossible` that names the field, where nothing could ever be proven. */
export function canaryPolicyOf(settings: CanarySettings): CanaryPolicy {
  const policy: CanaryPolicy = {
    alphaShare: settings.alphaShare ?? canaryDefaults.alphaShare,
    steps: Math.max(1, settings.steps.filter((share) => share < 1).length),
    metrics: canaryMetrics.filter((metric) => (settings.metrics ?? canaryDefaults.metrics).includes(metric)),
    errorMarginShare: settings.errorMarginShare ?? canaryDefaults.errorMarginShare,
    latency: {
      quantile: settings.latency?.quantile ?? canaryDefaults.latency.quantile,
      marginShare: settings.latency?.marginShare ?? canaryDefaults.latency.marginShare,
    },
    agreementAtLeastShare: settings.agreementAtLeastShare ?? canaryDefaults.agreementAtLeastShare,
    labelMarginShare: settings.labelMarginShare ?? canaryDefaults.labelMarginShare,
    minMs: settings.minMs ?? canaryDefaults.minMs,
    timeLimitMs: settings.timeLimitMs ?? canaryDefaults.timeLimitMs,
  };
  const problem = impossible(policy);
  if (problem === null) return policy;
  throw new PlimsollError({
    code: 'canary-policy-impossible',
    category: 'input',
    message: `the policy of the canary cannot be kept to: ${problem.field} is ${String(problem.is)}, and must be ${problem.must}`,
    next: `write ${problem.field} anew, or leave it out for the default`,
    details: { field: problem.field, is: problem.is, must: problem.must },
  });
}

interface Problem {
  readonly field: string;
  readonly is: unknown;
  readonly must: string;
}

function impossible(policy: CanaryPolicy): Problem | null {
  const inside = (field: string, is: number, low: number, high: number, must: string): Problem | null =>
    is > low && is < high ? null : { field, is, must };
  const { latency } = policy;
  return (
    inside('alphaShare', policy.alphaShare, 0, 1, 'above 0 and below 1') ??
    (policy.metrics.length === 0 ? { field: 'metrics', is: '[]', must: 'at least one metric' } : null) ??
    // At a margin of 0 two equal releases are never proven to be equal.
    inside('errorMarginShare', policy.errorMarginShare, 0, 1, 'above 0 and below 1') ??
    inside('labelMarginShare', policy.labelMarginShare, 0, 1, 'above 0 and below 1') ??
    inside('latency.quantile', latency.quantile, 0, 1, 'above 0 and below 1') ??
    (latency.marginShare < 9 && marginShifts(latency.marginShare).better >= 1
      ? null
      : {
          field: 'latency.marginShare',
          is: latency.marginShare,
          must: 'at least 0.0443 (one bin of latency) and below 9',
        }) ??
    inside('agreementAtLeastShare', policy.agreementAtLeastShare, 0, 1, 'above 0 and below 1') ??
    inside('minMs', policy.minMs, -1, Infinity, 'at least 0') ??
    inside('timeLimitMs', policy.timeLimitMs, policy.minMs, Infinity, 'longer than minMs')
  );
}

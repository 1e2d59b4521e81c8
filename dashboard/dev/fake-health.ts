import type { Promises } from '../../src/core/contract/promises.ts';
import type { HealthChange, ServiceHealth } from '../../src/core/health/health.ts';
import { judgeHealth } from '../../src/core/health/judge-health.ts';
import type { OutcomeSpan } from '../../src/core/health/outcomes.ts';
import { latencyBinOf } from '../../src/core/rollout/judge/latency-bins.ts';
import type { ServiceView, SignalSample } from '../../src/schemas/view/view.ts';

export const fakePromises: Promises = {
  availabilityShare: 0.99,
  latency: [{ quantile: 'p99', share: 0.99, limitMs: 12 }],
  starts: [{ quantile: 'p90', share: 0.9, limitMs: 22_000 }],
};

/** The health that the samples show, by the judge of the real one. */
export function fakeHealth(
  { nowMs, deployment, replicas, gateways }: Omit<ServiceView, 'health'>,
  samples: readonly SignalSample[],
  change: HealthChange | null,
): ServiceHealth {
  return judgeHealth({
    nowMs,
    live: deployment?.live ?? null,
    incoming: deployment?.incoming ?? null,
    replicas: { ready: replicas.filter(({ state }) => state === 'ready').length, starting: 0, wanted: 1 },
    promises: fakePromises,
    spans: samples.flatMap(spanOf),
    heardAtMs: gateways.length === 0 ? null : nowMs - 300,
    problem: null,
    trouble: null,
    change,
    rollback: change === null ? null : 'plimsoll rollback --model',
  });
}

/** Ninety of a hundred at the p50, the rest at the p99. */
function spanOf(sample: SignalSample): readonly OutcomeSpan[] {
  const { atMs, requestsPerSecond, errorsPerSecond, latencyP50Ms, latencyP99Ms } = sample;
  if (requestsPerSecond === null) return [];
  const requests = Math.round(requestsPerSecond);
  const failed = Math.min(requests, Math.round(errorsPerSecond ?? 0));
  const answered = requests - failed;
  const slow = Math.round(answered * 0.1);
  return [
    {
      fromMs: atMs - 1000,
      toMs: atMs,
      requests,
      failed,
      latency: { [latencyBinOf(latencyP50Ms ?? 0)]: answered - slow, [latencyBinOf(latencyP99Ms ?? 0)]: slow },
    },
  ];
}

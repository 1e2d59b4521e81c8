import { beginLatency, observeLatency, type Histogram } from './canary-latency.ts';
import { judgeMetric, type MetricLevels } from './canary-metrics.ts';
import { beginShares, observeShares } from './canary-shares.ts';
import type { KnownCanaryState, PartsState } from './canary-state.ts';
import type { ArmInterval, CanaryInterval, CanaryPolicy, MetricJudgement } from './canary.ts';

/** Clients are in so many parts, each in one, by a hash of who they are. */
export const clientParts = 8;
/** Units of others below which a service counts as one with a single client. */
const unitsOfOthers = 20;

export function beginParts({
  errorMarginShare,
  latency,
  metrics,
}: Pick<CanaryPolicy, 'errorMarginShare' | 'latency' | 'metrics'>): PartsState {
  const begun = {
    errors: metrics.includes('errors') ? beginShares(errorMarginShare) : null,
    latency: metrics.includes('latency') ? beginLatency(latency.quantile, latency.marginShare, true) : null,
  };
  const parts = Array.from({ length: clientParts }, () => begun);
  return { units: parts.map(() => 0), allUnits: 0, without: parts };
}

/** Adds an interval. Units that no part is told of, as by an older gateway, are in the evidence without any part. */
export function observeParts(state: PartsState, interval: CanaryInterval): PartsState {
  const { live, canary, durationMs, parts = [] } = interval;
  const nothing = { live: none, canary: none };
  const ofPart = state.without.map((_, part) => parts.find((each) => each.part === part) ?? nothing);
  return {
    units: state.units.map(
      (units, part) => units + (ofPart[part]?.live.units ?? 0) + (ofPart[part]?.canary.units ?? 0),
    ),
    allUnits: state.allUnits + live.units + canary.units,
    without: state.without.map(({ errors, latency }, part) => {
      const left = ofPart[part] ?? nothing;
      const [ofLive, ofCanary] = [withoutArm(live, left.live), withoutArm(canary, left.canary)];
      const hits = {
        live: { units: ofLive.units, hits: ofLive.errors },
        canary: { units: ofCanary.units, hits: ofCanary.errors },
      };
      return {
        errors: errors && observeShares(errors, hits, durationMs),
        latency: latency && observeLatency(latency, { live: ofLive.latency, canary: ofCanary.latency }, durationMs),
      };
    }),
  };
}

/**
 * Returns the judgement of a metric, held back where it does not hold without one part of the clients:
 *
 * | all clients say | without each part that has units | the judgement |
 * |---|---|---|
 * | hold | anything | hold |
 * | roll-back or promote | the same | that |
 * | roll-back or promote | something else, and the others have 20 units or more | hold, and the reason says so |
 * | roll-back or promote | the others have fewer units | that: there is one client |
 */
export function holdWithoutEachPart(
  state: KnownCanaryState,
  judged: MetricJudgement,
  levels: MetricLevels,
): MetricJudgement {
  const { parts } = state;
  const isOfClients = judged.metric === 'errors' || judged.metric === 'latency';
  if (parts === undefined || !isOfClients || judged.outcome === 'hold') return judged;
  const held = parts.without.some(({ errors, latency }, part) => {
    const units = parts.units[part] ?? 0;
    if (units === 0 || parts.allUnits - units < unitsOfOthers) return false;
    return judgeMetric({ ...state, errors, latency }, judged.metric, levels).outcome !== judged.outcome;
  });
  if (!held) return judged;
  const reason = `${judged.reason}; without the clients of one part it is not proven, and no single client decides`;
  return { ...judged, outcome: 'hold', reason };
}

const none: ArmInterval = { units: 0, errors: 0, latency: {} };

function withoutArm(all: ArmInterval, part: ArmInterval): ArmInterval {
  if (part.units === 0) return all;
  return {
    units: all.units - part.units,
    errors: all.errors - part.errors,
    latency: withoutHistogram(all.latency, part.latency),
  };
}

function withoutHistogram(all: Histogram, part: Histogram): Histogram {
  const left = Object.entries(all).map(([bin, count]) => [bin, count - (part[Number(bin)] ?? 0)] as const);
  return Object.fromEntries(left.filter(([, count]) => count > 0));
}

import type { Limits } from '../../src/core/packing/plan-ahead/service-need.ts';
import type { CapacityPlanAnswer } from '../../src/schemas/http/fleet/http-capacity-plan.ts';

const dayMs = 86_400_000;
const weeks = 26;
const [devices, devicesDown, perReplica, atMost] = [24, 4, 14, 22] as const;
const shares: Readonly<Record<string, number>> = { recorded: 0.041, '0%/week': 0, '2%/week': 0.02, '10%/week': 0.1 };

/** A plan of half a year, made up: a rate that grows, and one device for each replica. */
export function fakePlan(scenario: string, growth: string | null, nowMs: number): CapacityPlanAnswer {
  if (scenario === 'scaling-held') {
    return {
      plan: null,
      missing: {
        reason: 'nothing says what one replica of digits/default sustains: capacity evidence is stale: model moved',
        next: 'plimsoll capacity, or state it: --per-replica digits/default=14/s',
      },
    };
  }
  const share = shares[growth ?? 'recorded'] ?? 0.05;
  const startMs = Math.floor(nowMs / dayMs) * dayMs;
  const dayOf = (day: number): string => new Date(startMs + day * dayMs).toISOString().slice(0, 10);
  const need = (week: number, factor: number): number =>
    Math.max(1, Math.ceil((60 * factor * (1 + share) ** week * 2.4) / perReplica));
  const limitsOf = (week: number): Limits => {
    const spread = 0.05 + 0.02 * Math.sqrt(week);
    return { lower: need(week, 1 - spread), estimate: need(week, 1), upper: need(week, 1 + spread) };
  };
  const scaled = ({ lower, estimate, upper }: Limits, factor: number): Limits => ({
    lower: lower * factor,
    estimate: estimate * factor,
    upper: upper * factor,
  });
  const all = Array.from({ length: weeks }, (_, week) => limitsOf(week));
  const most = devices - devicesDown;
  const firstOf = (of: (limits: Limits) => number): string | null => {
    const at = all.findIndex((limits) => of(limits) > most);
    return at === -1 ? null : dayOf(7 * at);
  };
  const notFound = firstOf(({ estimate }) => estimate);
  return {
    missing: null,
    plan: {
      pool: 'h100-eu',
      from: dayOf(0),
      until: dayOf(7 * weeks - 1),
      nodesDown: 1,
      nodes: 6,
      ...{ devices, devicesDown, currency: 'EUR' },
      services: [
        {
          name: 'digits/default',
          from: [
            `60 requests/s now (mean of the last week of 56 recorded days), ${(100 * share).toFixed(1)}% a week more`,
            '14 (12.9 to 15.2) requests/s of one replica (capacity evidence)',
            'at the peak 2.4 (1.9 to 2.9) times the replicas of the mean, on average 1.5 times (scaling evidence, requests.csv)',
          ],
          ...{ floor: 1, atMost, maxReached: null },
        },
      ],
      weeks: all.map((limits, week) => ({
        from: dayOf(7 * week),
        days: 7,
        replicas: [limits],
        devices: limits,
        micros: scaled(limits, 2.6 * 168 * 1_000_000 * 0.62),
        allPlaced: limits.estimate > most ? 'impossible' : 'yes',
        fullShare: limits.lower > most ? 1 : limits.upper > most ? 0.4 : 0,
      })),
      full: {
        notFound,
        proven: notFound,
        early: firstOf(({ upper }) => upper),
        late: firstOf(({ lower }) => lower),
        share: notFound === null ? 0.12 : 0.97,
      },
      binding: notFound === null ? [] : [{ lost: ['gpu-a1'], alike: 6, proven: true }],
      remedies: [],
      ...{ draws: 100, seed: 1, intervalShare: 0.9 },
      notes: ['digits/default: Friday has 1.3 times the mean; weekdays make the error on later days 34% smaller'],
    },
  };
}

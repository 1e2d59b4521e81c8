import { judgeCanary, observe } from './canary-judge.ts';
import { stepElapsedMs } from './canary-step.ts';
import { clientParts } from './client-parts.ts';
import type {
  AgreementInterval,
  ArmInterval,
  CanaryInterval,
  CanaryRecord,
  LabelInterval,
  MissedPairs,
} from './canary.ts';
import type { RoutingCanary } from '../routing/routing.ts';

/** Counts of one closed interval of one gateway process, as its report brings them. */
export interface GatewayCounts {
  /** `gatewayId@startedAtMs`. */
  readonly source: string;
  /** From 1 in each gateway process, without a gap. */
  readonly sequence: number;
  readonly step: RoutingCanary;
  readonly releases: readonly {
    readonly release: number;
    readonly units: { readonly warm: ArmInterval; readonly cold: ArmInterval };
    /** Of `warm`, what came from each part of the clients; absent from an older gateway. */
    readonly parts?: readonly { readonly part: number; readonly units: ArmInterval }[];
  }[];
  /** Absent from an older gateway, and where none was counted. */
  readonly missedPairs?: readonly MissedPairs[];
  readonly agreement?: AgreementInterval;
}

export interface StepLabels {
  readonly live: LabelInterval;
  readonly canary: LabelInterval;
}

/** The judge is asked this often, and the record is written as often. */
const lookEveryMs = 1_000;
/** Nobody looked for longer than this: that was no time of the step. A clock that was set counts the same. */
const gapMs = 15_000;

/**
 * Adds what gateways counted since the last look to a step, and judges it. The very same record when it is not time to.
 * Counts of another step and counts that are in it already are left out, so that one which is told twice, by a gateway
 * that was not heard to the end or after a crash, is in it once.
 */
export function lookAtStep(
  record: CanaryRecord,
  counts: readonly GatewayCounts[],
  labels: StepLabels | null,
  nowMs: number,
): CanaryRecord {
  const sinceMs = nowMs - record.lookedAtMs;
  if (sinceMs >= 0 && sinceMs < lookEveryMs) return record;
  const isGap = sinceMs < 0 || sinceMs > gapMs;
  const fresh = eachOnce(counts.filter((one) => isCounted(record, one)));
  const state = observe(record.state, intervalOf(record, fresh, labels, nowMs, isGap ? lookEveryMs : sinceMs));
  const looked = {
    ...record,
    state,
    lookedAtMs: nowMs,
    pausedMs: record.pausedMs + (isGap && record.pause === null ? sinceMs : 0),
    taken: takenAfter(record.taken, counts, fresh),
  };
  return {
    ...looked,
    judgement: judgeCanary(state, record.policy, { nowMs, elapsedMs: stepElapsedMs(looked, nowMs) }),
  };
}

function isCounted(record: CanaryRecord, { step, source, sequence }: GatewayCounts): boolean {
  return (
    step.release === record.release &&
    step.against === record.against &&
    step.step === record.step &&
    step.startedAtMs === record.startedAtMs &&
    sequence > (record.taken[source] ?? 0)
  );
}

/** The first of those that are told twice at one time. */
function eachOnce(counts: readonly GatewayCounts[]): readonly GatewayCounts[] {
  const told = new Set<string>();
  return counts.filter(({ source, sequence }) => {
    const one = `${sequence} ${source}`;
    if (told.has(one)) return false;
    told.add(one);
    return true;
  });
}

/** Gateways that are gone are forgotten when there are many of them, so that a record stays small. */
const sourcesAtMost = 400;

function takenAfter(
  before: CanaryRecord['taken'],
  counts: readonly GatewayCounts[],
  fresh: readonly GatewayCounts[],
): CanaryRecord['taken'] {
  const taken: Record<string, number> = { ...before };
  for (const { source, sequence } of fresh) taken[source] = Math.max(taken[source] ?? 0, sequence);
  if (Object.keys(taken).length <= sourcesAtMost) return taken;
  const heard = new Set(counts.map(({ source }) => source));
  return Object.fromEntries(Object.entries(taken).filter(([source]) => heard.has(source)));
}

function intervalOf(
  record: CanaryRecord,
  counts: readonly GatewayCounts[],
  labels: StepLabels | null,
  nowMs: number,
  durationMs: number,
): CanaryInterval {
  const of = (release: number, part: 'warm' | 'cold'): ArmInterval =>
    sumArms(
      counts.flatMap(({ releases }) => releases.filter((one) => one.release === release).map((one) => one.units[part])),
    );
  const missedPairs = counts.flatMap((one) => one.missedPairs ?? []);
  const compared = counts.flatMap(({ agreement }) => (agreement === undefined ? [] : [agreement]));
  return {
    atMs: nowMs,
    durationMs,
    live: of(record.against, 'warm'),
    canary: of(record.release, 'warm'),
    cold: { live: of(record.against, 'cold'), canary: of(record.release, 'cold') },
    ...partsField(record, counts),
    ...(missedPairs.length === 0 ? {} : { missedPairs }),
    ...(compared.length === 0
      ? {}
      : { agreement: { compared: sum(compared.map((a) => a.compared)), agreed: sum(compared.map((a) => a.agreed)) } }),
    ...(labels === null ? {} : { labels }),
  };
}

function partsField(
  { against, release }: CanaryRecord,
  counts: readonly GatewayCounts[],
): Pick<CanaryInterval, 'parts'> {
  const told = counts.flatMap(({ releases }) => releases);
  if (told.every(({ parts }) => parts === undefined)) return {};
  const of = (of: number, part: number): ArmInterval =>
    sumArms(
      told
        .flatMap((one) => (one.release === of ? (one.parts ?? []) : []))
        .filter((one) => one.part === part)
        .map(({ units }) => units),
    );
  const all = Array.from({ length: clientParts }, (_, part) => ({
    part,
    live: of(against, part),
    canary: of(release, part),
  }));
  return { parts: all.filter(({ live, canary }) => live.units + canary.units > 0) };
}

function sumArms(arms: readonly ArmInterval[]): ArmInterval {
  const latency: Record<number, number> = {};
  for (const arm of arms) {
    for (const [bin, units] of Object.entries(arm.latency)) latency[Number(bin)] = (latency[Number(bin)] ?? 0) + units;
  }
  return { units: sum(arms.map((arm) => arm.units)), errors: sum(arms.map((arm) => arm.errors)), latency };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

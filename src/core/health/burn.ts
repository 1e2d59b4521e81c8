import type { Promises, QuantilePromise } from '../contract/promises.ts';
import { addOutcomes, countLate, countTimed, type Outcomes, type OutcomeSpan, type TimedPart } from './outcomes.ts';

/** A part of the objective that is not kept now. */
export interface Burn {
  readonly state: 'failing' | 'degraded';
  /** Null: requests failed. Else the promise that answers, or their first tokens, were late for. */
  readonly late: TimedPromise | null;
  /** Of the requests since then, and of those of the hour: how many broke it. */
  readonly lasting: Broken;
  readonly hour: Broken;
  /** Share of the requests that may break it. */
  readonly allowedShare: number;
  /** Whether the contract says so, or only everybody would expect it. */
  readonly isPromised: boolean;
  /** Where the unbroken row of spans begins in which it was broken as badly. */
  readonly sinceMs: number;
}

export interface TimedPromise extends QuantilePromise {
  readonly part: TimedPart;
}

export interface Broken {
  readonly of: number;
  readonly broken: number;
}

/**
 * A month's allowance that is spent at this many times its pace is gone in two days, and 2% of it in an hour: the pace at which
 * people are woken (Google, The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts").
 */
const emergencyPace = 14.4;
/** Whatever is promised: a service of which every other request fails is failing. */
const failingShare = 0.5;
/** Where nothing is promised, nobody would call a service healthy beyond this. */
const expectedShare = 0.01;
/** One or two of many may be chance. */
const leastBroken = 3;

interface Windows {
  readonly recent: readonly OutcomeSpan[];
  readonly hour: readonly OutcomeSpan[];
}

/**
 * Which part of the objective is not kept, the worst first; null where all is kept. Two windows have to agree: the hour says that
 * it matters, the recent one that it still goes on. Only when at least half of the recent requests are broken the hour is not asked.
 *
 * | recent | hour | state |
 * |---|---|---|
 * | at least half, of three or more | any | failing |
 * | 14.4 times what is allowed | 14.4 times | failing |
 * | more than is allowed, three or more, or all there are | more | degraded |
 */
export function findBurn({ promises }: { readonly promises: Promises | null }, windows: Windows): Burn | null {
  const promised = promises?.availabilityShare ?? null;
  const burns = [
    judgePart(null, promised === null ? expectedShare : 1 - promised, promised !== null, windows),
    ...timedPromises(promises).map((promise) => judgePart(promise, 1 - promise.share, true, windows)),
  ].filter((burn) => burn !== null);
  return burns.find(({ state }) => state === 'failing') ?? burns[0] ?? null;
}

function timedPromises(promises: Promises | null): readonly TimedPromise[] {
  const { latency = [], ttft = [] } = promises ?? {};
  return [
    ...latency.map((promise) => ({ ...promise, part: 'latency' as const })),
    ...ttft.map((promise) => ({ ...promise, part: 'ttft' as const })),
  ];
}

function judgePart(
  late: TimedPromise | null,
  allowedShare: number,
  isPromised: boolean,
  windows: Windows,
): Burn | null {
  const count = (outcomes: Outcomes): Broken =>
    late === null
      ? { of: outcomes.requests, broken: outcomes.failed }
      : { of: countTimed(outcomes, late.part), broken: countLate(outcomes, late.limitMs, late.part) };
  const recent = count(addOutcomes(windows.recent));
  const hour = count(addOutcomes(windows.hour));
  const emergency = Math.min(failingShare, emergencyPace * allowedShare);
  const enough = recent.broken >= leastBroken;
  const made = (state: Burn['state'], atShare: number): Burn => {
    const sinceMs = beganAtMs(windows.hour, count, atShare);
    const lasting = count(addOutcomes(windows.hour.filter(({ fromMs }) => fromMs >= sinceMs)));
    return { state, late, lasting: lasting.of === 0 ? recent : lasting, hour, allowedShare, isPromised, sinceMs };
  };
  if (enough && shareOf(recent) >= failingShare) return made('failing', failingShare);
  if (enough && shareOf(recent) >= emergency && shareOf(hour) >= emergency) return made('failing', emergency);
  const some = enough || (recent.broken > 0 && recent.broken === recent.of);
  if (some && isAbove(recent, allowedShare) && isAbove(hour, allowedShare)) return made('degraded', allowedShare);
  return null;
}

export const shareOf = ({ of, broken }: Broken): number => (of === 0 ? 0 : broken / of);

/** 0.1 + 0.2 is not 0.3: of 1,000 requests, one is not more than 0.1%. */
const isAbove = (broken: Broken, share: number): boolean => broken.broken > share * broken.of + 1e-9;

/** From the newest span back, as long as each with requests was broken as badly. */
function beganAtMs(spans: readonly OutcomeSpan[], count: (outcomes: Outcomes) => Broken, atShare: number): number {
  let beganMs = spans.at(-1)?.toMs ?? 0;
  for (const span of spans.toReversed()) {
    const broken = count(span);
    if (broken.of === 0) continue;
    if (shareOf(broken) < atShare) break;
    beganMs = span.fromMs;
  }
  return beganMs;
}

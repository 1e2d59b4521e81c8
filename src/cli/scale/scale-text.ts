import { readyTimeMs } from '../../core/coldstart/start-times.ts';
import {
  describeCapacity,
  describeShape,
  describeStarts,
  describeTrust,
  describeWork,
  type ToldNumbers,
} from '../../core/scaling/departure/learned-text.ts';
import type { LearnedEvidence, PolicyInput, ScaledReplica } from '../../core/scaling/policy.ts';
import type { ScalingSignals, WorkSignals } from '../../core/scaling/signals.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';

/** What is not known is said, and not shown as zero. */
export function signalsText(signals: ScalingSignals): string {
  const { queueDepth, oldestWaitMs, inFlight, arrivalsPerSecond, completionsPerSecond, serviceMs } = signals;
  const { batchFillShare, acceleratorMemoryShare: memoryShare, work } = signals;
  const parts = [
    told('queue', queueDepth, count),
    ...(queueDepth === 0 ? [] : [told('oldest waits', oldestWaitMs, (ms) => `${Math.round(ms)} ms`)]),
    told('in flight', inFlight, count),
    told('arrivals', arrivalsPerSecond, (rate) => `${short(rate)}/s`),
    told('answers', completionsPerSecond, (rate) => `${short(rate)}/s`),
    told('with a replica', serviceMs, (ms) => `${short(ms)} ms`),
    ...(batchFillShare === null ? [] : [`batches ${Math.round(batchFillShare * 100)}% full`]),
    ...(memoryShare === null ? [] : [`memory ${Math.round(memoryShare * 100)}% used`]),
    ...(work === undefined || work === null ? [] : [workText(work)]),
  ];
  return parts.join(', ');
}

/** `a ready for 14 s, b starting for 2 s`. */
export function scaledReplicasText(replicas: readonly ScaledReplica[], nowMs: number): string {
  if (replicas.length === 0) return 'none';
  return replicas
    .map(({ replicaId, state, orderedAtMs, readyAtMs, ofSpare }) => {
      const from = ofSpare === true && state !== 'ready' ? ' of a spare' : '';
      return `${replicaId} ${state}${from} for ${formatElapsed(Math.max(0, nowMs - (readyAtMs ?? orderedAtMs)))}`;
    })
    .join(', ');
}

/** What a decision rested on beside the signals, one row each. */
export function groundRows({ starts, capacity, terms, ahead, spares }: PolicyInput): readonly (readonly string[])[] {
  const middle = starts.timesMs[starts.shares.findIndex((share) => share >= 0.5)];
  const slowest = starts.timesMs.at(-1) ?? 0;
  const zero = terms.toZero ? ', the last one may stop' : '';
  return [
    [
      'start',
      `${middle === undefined ? '' : `half within ${short(middle / 1000)} s, `}all known within ${short(slowest / 1000)} s (${starts.starts === 0 ? 'stated' : `${starts.starts} starts`})`,
    ],
    ...(spares === undefined ? [] : [['', sparesText(spares)]]),
    [
      'capacity',
      `${short(capacity.ratePerSecond)} requests/s by one replica, ${short(capacity.concurrency)} under way`,
    ],
    [
      'terms',
      `${terms.minReplicas} to ${terms.maxReplicas} replicas${zero}; ${short(terms.attainmentShare * 100)}% within ${terms.latencyMs} ms`,
    ],
    ...(ahead === undefined || ahead === null ? [] : [['calendar', aheadText(ahead)]]),
  ];
}

/** `with a spare: half within 4.8 s, 90% within 5.6 s (12 starts); 2 free for this service, 1 nearly always`. */
function sparesText({ free, found, starts }: NonNullable<PolicyInput['spares']>): string {
  const within = (share: number): string => `within ${short(readyTimeMs(starts, share) / 1_000)} s`;
  const times = `half ${within(0.5)}, 90% ${within(0.9)} (${starts.starts} starts)`;
  return `with a spare: ${times}; ${free} free for this service, ${found} nearly always`;
}

/** `12 requests/s by the season; the schedule states 6 replicas`. */
function aheadText({ ratePerSecond, why, replicas }: NonNullable<PolicyInput['ahead']>): string {
  const stated =
    replicas === undefined ? [] : [`the schedule states ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`];
  const rate = ratePerSecond > 0 || stated.length === 0 ? [`${short(ratePerSecond)} requests/s by the ${why}`] : [];
  return [...rate, ...stated].join('; ');
}

/** `rows 80/s arrived, 60/s answered`. */
function workText({ unit, arrivedPerSecond, completedPerSecond }: WorkSignals): string {
  const arrived = arrivedPerSecond === null ? '' : `${short(arrivedPerSecond)}/s arrived, `;
  return `${unit} ${arrived}${short(completedPerSecond)}/s answered`;
}

/** What live data say of the evidence, one row each; none where the policy learns nothing. */
export function learnedRows(
  learned: LearnedEvidence | undefined,
  told: ToldNumbers,
  nowMs: number,
): readonly (readonly string[])[] {
  if (learned === undefined) return [];
  return [
    ['learned', describeCapacity(learned, told)],
    ...(learned.shape === undefined ? [] : [['', describeShape(learned.shape, learned.capacity.estimate)]]),
    ['', describeStarts(learned, told)],
    ...(learned.work === undefined ? [] : [['', describeWork(learned.work)]]),
    ['evidence', describeTrust(learned, nowMs)],
  ];
}

export const toldOf = ({ capacity, starts }: Pick<PolicyInput, 'capacity' | 'starts'>): ToldNumbers => ({
  ratePerSecond: capacity.ratePerSecond,
  startMs: readyTimeMs(starts, 0.5),
});

/** Why the capacity evidence no longer holds, and what decides in its place; none while it holds. */
export function doubtRows(doubt: string | undefined): readonly (readonly string[])[] {
  if (doubt === undefined) return [];
  return [
    ['capacity', `no longer holds: ${doubt}`],
    ['', 'decided by what was told and what is learned of it; next: plimsoll capacity'],
  ];
}

/** Three digits, as far as they say something. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

/** Engines may tell a mean, which is no whole number. */
const count = (value: number): string => (Number.isInteger(value) ? String(value) : short(value));

function told(name: string, value: number | null, text: (value: number) => string): string {
  return `${name} ${value === null ? 'unknown' : text(value)}`;
}

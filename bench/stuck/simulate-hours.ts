import { judgeLiveness, findStuckLimit } from '../../src/core/rollout/liveness/judge-liveness.ts';
import type { Random } from '../../src/core/statistics/random.ts';
import { ReplicaWatch } from '../../src/control-plane/turn/liveness/replica-watch.ts';
import { WatchedTime } from '../../src/control-plane/turn/liveness/watched-time.ts';
import { SimulatedReplica, type Hang } from './simulated-replica.ts';

export const situations = [
  'steady',
  'saturation',
  'slow batches',
  'long prefill',
  'suspension',
  'paused control plane',
] as const;
export type Situation = (typeof situations)[number];

const stuckAfterMs = 60_000;
const turnMs = 1_000;
const deadlineMs = 30_000;
const concurrency = 128;
const probeEveryMs = 15_000;

export interface Hour {
  readonly situation: Situation;
  readonly tellsCounters: boolean;
  /** When it stands still, and how; null: it never does. */
  readonly hang: { readonly atMs: number; readonly kind: Hang } | null;
}

export interface HourOutcome {
  /** When it was judged stuck; null: it was not. */
  readonly judgedMs: number | null;
  readonly limitMs: number;
  /** How long nobody had been answered by then, neither a client nor the probe. */
  readonly silentMs: number;
  readonly lost: number;
}

/** Plays an hour of one replica, a second a turn, through the evidence and the decision that the control plane uses. */
export function playHour({ situation, tellsCounters, hang }: Hour, random: Random): HourOutcome {
  const replica = new SimulatedReplica();
  const time = new WatchedTime();
  const watch = new ReplicaWatch(0);
  const serviceMs = 20 + 180 * random.nextShare();
  const drawTime = [drawConstant, drawExponential, drawHeavy][Math.floor(3 * random.nextShare())] ?? drawConstant;
  const isStream = random.nextShare() < 0.3;
  // Its client asks for more time, or the prefill is large and has the deadline of all.
  const isPatient = random.nextShare() < 0.5;
  const rate =
    ((situation === 'saturation' ? 1.2 + random.nextShare() : 0.2 + 0.6 * random.nextShare()) * turnMs) / serviceMs;
  const troubleMs = 600_000 + 1_200_000 * random.nextShare();
  const pauseMs = 30_000 + 570_000 * random.nextShare();
  const suspensionIsSeen = random.nextShare() < 0.5;
  let monotonicMs = 0;
  let probeSentMs: number | null = null;
  let probedMs = -Infinity;
  let limitMs = stuckAfterMs;
  for (let nowMs = turnMs; nowMs <= 3_600_000; nowMs += turnMs) {
    const isTrouble = nowMs >= troubleMs && nowMs < troubleMs + pauseMs;
    if (situation === 'suspension' && isTrouble) {
      // Machine, replica and control plane stand still; some clocks count it.
      if (suspensionIsSeen) monotonicMs += turnMs;
      continue;
    }
    monotonicMs += turnMs;
    if (hang !== null && nowMs >= hang.atMs) replica.hang = hang.kind;
    const slowness = situation === 'slow batches' && isTrouble ? 10 : 1;
    if (situation === 'long prefill' && isTrouble && Math.floor(nowMs / turnMs) % 120 === 0) {
      const longMs = 20_000 + 60_000 * random.nextShare();
      const allowedMs = isPatient ? 1.5 * longMs : deadlineMs;
      replica.send({ sentMs: nowMs, serviceMs: longMs, allowedMs, bytes: isPatient ? 1_000 : 400_000 });
    }
    for (let count = drawCount(rate, random); count > 0 && replica.outstanding < concurrency; count -= 1)
      replica.send({
        ...{ sentMs: nowMs, allowedMs: deadlineMs, isStream },
        serviceMs: drawTime(serviceMs, random) * slowness,
      });
    replica.run(nowMs, turnMs);
    for (const tookMs of replica.takeProbes()) {
      watch.probeAnswered(tookMs, time.nowMs);
      probeSentMs = null;
    }
    if (situation === 'paused control plane' && isTrouble) continue;
    const { stepMs, isGap } = time.look(monotonicMs);
    if (isGap) {
      watch.startAnew(time.nowMs);
      probeSentMs = null;
      probedMs = -Infinity;
    }
    watch.reported('gateway', 1, replica.report(nowMs), replica.busyMs, time.nowMs);
    if (tellsCounters) watch.counted(String(replica.batches), time.nowMs);
    watch.passed(stepMs);
    const evidence = { ...watch.evidence(time.nowMs), isProbed: true };
    limitMs = findStuckLimit(evidence, stuckAfterMs);
    if (judgeLiveness(evidence, stuckAfterMs).verdict === 'stuck')
      return {
        judgedMs: nowMs,
        limitMs,
        silentMs: watch.answeredAgoMs(time.nowMs),
        lost: replica.lost + replica.outstanding,
      };
    if (probeSentMs !== null && time.nowMs - probeSentMs >= limitMs) probeSentMs = null;
    if (probeSentMs === null && watch.answeredAgoMs(time.nowMs) >= 2_500 && time.nowMs - probedMs >= probeEveryMs) {
      probedMs = time.nowMs;
      probeSentMs = time.nowMs;
      watch.probeBegan(time.nowMs, false);
      replica.send({ sentMs: nowMs, serviceMs: serviceMs * slowness, allowedMs: Infinity, isProbe: true });
    }
  }
  return { judgedMs: null, limitMs, silentMs: 0, lost: replica.lost };
}

const drawConstant = (meanMs: number): number => meanMs;

const drawExponential = (meanMs: number, random: Random): number => -meanMs * Math.log(1 - random.nextShare());

/** Pareto of exponent 1.5, up to 50 times its mean: up to 10 s. */
const drawHeavy = (meanMs: number, random: Random): number =>
  Math.min(50 * meanMs, meanMs / 3 / (1 - random.nextShare()) ** (1 / 1.5));

function drawCount(mean: number, random: Random): number {
  const least = Math.exp(-mean);
  let product = random.nextShare();
  let count = 0;
  while (product > least && count < 1_000) {
    product *= random.nextShare();
    count += 1;
  }
  return count;
}

import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { scaleCapacity } from '../../src/core/capacity/scale-capacity.ts';
import type { LearnedEvidence, Policy, PolicyInput } from '../../src/core/scaling/policy.ts';
import { pacedRelease } from '../../src/testing/rigs/paced-release.ts';
import { ScalingWorld } from '../../src/testing/rigs/scaling/scaling-world.ts';
import {
  capacity,
  deadlineMs,
  drawArrivals,
  endOf,
  objective,
  pacedWords,
  prices,
  queueLimit,
  replicas,
  statedStarts,
  type Scenario,
} from './scenario.ts';
import { sendArrivals, type SentRequest } from './send-arrivals.ts';

/** What was seen of one run; times in milliseconds since its first arrival. */
export interface LiveRun {
  readonly policy: string;
  readonly seed: number;
  readonly requests: readonly SentRequest[];
  /** Replicas that requests went to at the beginning. */
  readonly initialReplicas: number;
  /** Accelerator-seconds of the scored time: lifetimes of the processes, looked at ten times a second. */
  readonly acceleratorSeconds: number;
  /** From the order of a replica until requests went to it, of those ordered after the beginning. */
  readonly startsMs: readonly number[];
  readonly decisions: readonly { readonly atMs: number; readonly desired: number }[];
  /** By the last decision of each ten seconds; empty where the policy learns nothing. */
  readonly learned: readonly (LearnedEvidence & { readonly atMs: number })[];
  /** Time with a replica, as the gateway told it; null where it told none. */
  readonly serviceMs: number | null;
  /** Mean load of the machine over a minute, before and at the end. */
  readonly load: readonly [number, number];
}

const lookEveryMs = 100;

interface LiveRunOptions {
  readonly seed: number;
  /** Replicas that serve before the first arrival. */
  readonly beginsWith: number;
  /** Told over real capacity. */
  readonly told: number;
  /** Ends the run, its replicas with it. */
  readonly signal: AbortSignal;
}

/** One run of the scenario on a platform, gateway and control plane of its own. */
export async function liveRun(
  policy: Policy,
  scenario: Scenario,
  { seed, beginsWith, told, signal }: LiveRunOptions,
): Promise<LiveRun> {
  const loadBefore = loadavg()[0] ?? NaN;
  const asked: Asked[] = [];
  const watched: Policy = {
    ...policy,
    decide(input, state) {
      const decided = policy.decide(input, state);
      const { desired, learned } = decided.decision;
      asked.push({ input, desired, learned: learned ?? null });
      return decided;
    },
  };
  const world = await ScalingWorld.open({
    policy: watched,
    facts: {
      ...{ actuator: 'plimsoll', warmPool: 0, zeroProven: false, objective, starts: statedStarts, prices },
      capacity: scaleCapacity(capacity, told),
    },
    gateway: { deadlineMs, queueLimit, replicaConcurrency: capacity.concurrency },
  });
  const look = { ended: false };
  try {
    await world.release(pacedRelease(pacedWords, replicas));
    await world.until(`${beginsWith} replicas serve`, () => world.routed().length >= beginsWith);
    const beganMs = Date.now();
    const routedAtMs = new Map(world.routed().map((replicaId) => [replicaId, -Infinity]));
    const initialReplicas = routedAtMs.size;
    const looking = lookOn(world, beganMs, scenario, routedAtMs, look);
    const url = `${world.gatewayUrl}/v2/models/paced/infer`;
    const requests = await sendArrivals(url, drawArrivals(scenario, seed), deadlineMs + 10_000, signal);
    await delay(Math.max(0, beganMs + endOf(scenario) - Date.now()), undefined, { signal });
    look.ended = true;
    const during = asked.filter(({ input }) => input.nowMs >= beganMs);
    return {
      policy: policy.name,
      seed,
      requests,
      initialReplicas,
      acceleratorSeconds: await looking,
      startsMs: startsOf(during, routedAtMs),
      decisions: during.map(({ input, desired }) => ({ atMs: input.nowMs - beganMs, desired })),
      learned: learnedOf(during, beganMs),
      serviceMs: meanServiceMs(during),
      load: [loadBefore, loadavg()[0] ?? NaN],
    };
  } finally {
    look.ended = true;
    await world.close();
  }
}

/** Notes when each replica was first routed to, and sums the lifetimes of processes over the scored time. */
async function lookOn(
  world: ScalingWorld,
  beganMs: number,
  { settleMs }: Scenario,
  routedAtMs: Map<string, number>,
  look: { readonly ended: boolean },
): Promise<number> {
  let seconds = 0;
  let [beforeMs, processes] = [Date.now(), world.processes()];
  while (!look.ended) {
    await delay(lookEveryMs);
    const [nowMs, present] = [Date.now(), world.processes()];
    const scoredMs = Math.max(0, nowMs - Math.max(beforeMs, beganMs + settleMs));
    seconds += (scoredMs / 1_000) * ((processes + present) / 2);
    for (const replicaId of world.routed()) if (!routedAtMs.has(replicaId)) routedAtMs.set(replicaId, nowMs);
    [beforeMs, processes] = [nowMs, present];
  }
  return seconds;
}

interface Asked {
  readonly input: PolicyInput;
  readonly desired: number;
  readonly learned: LearnedEvidence | null;
}

const learnedEveryMs = 10_000;

function learnedOf(asked: readonly Asked[], beganMs: number): LiveRun['learned'] {
  const last = new Map<number, LiveRun['learned'][number]>();
  for (const { input, learned } of asked) {
    const atMs = input.nowMs - beganMs;
    if (learned !== null) last.set(Math.floor(atMs / learnedEveryMs), { ...learned, atMs });
  }
  return [...last.values()];
}

function startsOf(
  asked: readonly { readonly input: PolicyInput }[],
  routedAtMs: ReadonlyMap<string, number>,
): readonly number[] {
  const orderedAtMs = new Map(
    asked.flatMap(({ input }) => input.replicas.map((replica) => [replica.replicaId, replica.orderedAtMs] as const)),
  );
  return [...orderedAtMs].flatMap(([replicaId, atMs]) => {
    const tookMs = (routedAtMs.get(replicaId) ?? -Infinity) - atMs;
    return tookMs >= 0 ? [tookMs] : [];
  });
}

/** Weighted by the requests of each report. */
function meanServiceMs(asked: readonly { readonly input: PolicyInput }[]): number | null {
  let [answered, sumMs] = [0, 0];
  for (const { signals } of asked.map(({ input }) => input)) {
    if (signals.serviceMs === null || signals.completionsPerSecond === null) continue;
    answered += signals.completionsPerSecond;
    sumMs += signals.completionsPerSecond * signals.serviceMs;
  }
  return answered === 0 ? null : sumMs / answered;
}

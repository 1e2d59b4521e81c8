import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { replicaSetName, temporaryEnvironment, pairDigest } from '../../core/rollout/names.ts';
import type { ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Platform, ReplicaOwner, ReplicaSetSpec } from '../../ports/serving/platform.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { ProvingPorts } from '../ports.ts';
import { awaitStart, startProgress } from './await-start.ts';

export interface TemporaryReplica {
  readonly replica: ObservedReplica;
  readonly endpoint: string;
}

const startTimeoutMs = 600_000;
const drainTimeoutMs = 10_000;
const defaultPollMs = 100;

/**
 * Runs one replica of a pair while `work` lasts, in an environment of its own that nothing routes to, and stops it
 * afterwards whatever happened.
 */
export async function withTemporaryReplica<T>(
  context: Pick<ProvingPorts, 'clock' | 'random' | 'signal' | 'terminal'>,
  platform: Platform,
  service: string,
  pair: { readonly code: ReleasedCode; readonly model: ReleasedModel },
  work: (replica: TemporaryReplica) => Promise<T>,
  purpose: 'golden' | 'evaluate' | 'capacity' = 'golden',
): Promise<T> {
  const owner = { service, environment: temporaryEnvironment(purpose, context.random.hex(4)) };
  try {
    await platform.apply(owner, [makeTemporarySpec(owner, pair, startTimeoutMs, drainTimeoutMs)], context.signal);
    return await work(await waitUntilReady(context, platform, owner));
  } finally {
    await stopTemporary(context, platform, owner);
  }
}

export function makeTemporarySpec(
  owner: ReplicaOwner,
  { code, model }: { readonly code: ReleasedCode; readonly model: ReleasedModel },
  startTimeoutMs: number,
  drainTimeoutMs: number,
): ReplicaSetSpec {
  const pair = pairDigest(code, model);
  return {
    set: replicaSetName(owner.service, owner.environment, pair),
    pair,
    release: 0,
    replicas: 1,
    stopFirst: [],
    workload: makeWorkload(code, model),
    drainTimeoutMs,
    startTimeoutMs,
  };
}

async function waitUntilReady(
  context: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  platform: Platform,
  owner: ReplicaOwner,
): Promise<TemporaryReplica> {
  const tell = startProgress(context, 'replica', startTimeoutMs);
  const start = await awaitStart(context, platform, owner, {
    ...{ timeoutMs: startTimeoutMs, pollMs: defaultPollMs, tell },
  });
  if (start.outcome === 'failed') throw start.failure;
  const { replica } = start;
  if (start.outcome === 'ready' && replica?.endpoint) return { replica, endpoint: replica.endpoint };
  throw tooSlow(replica);
}

function tooSlow(replica: ObservedReplica | null): PlimsollError {
  return new PlimsollError({
    code: 'replica-not-ready',
    category: 'unavailable',
    message: `the replica was not ready within ${startTimeoutMs / 1000} s: ${replica?.reason ?? 'none was seen'}`,
    next: nextStep(proveSteps, 'replica-not-ready'),
  });
}

/** Waits until nothing of it is left, for a bounded time. */
export async function stopTemporary(
  { clock }: Pick<ProvingPorts, 'clock'>,
  platform: Platform,
  owner: ReplicaOwner,
  pollMs = defaultPollMs,
): Promise<void> {
  const bound = AbortSignal.timeout(drainTimeoutMs + 5_000);
  try {
    await platform.apply(owner, [], bound);
    while ((await platform.observe(owner, bound)).some((replica) => replica.state !== 'stopped')) {
      await clock.sleep(pollMs, bound);
    }
  } catch (thrown) {
    if (!bound.aborted) throw thrown;
  }
}

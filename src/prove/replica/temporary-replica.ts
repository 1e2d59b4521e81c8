import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { replicaSetName, temporaryEnvironment, pairDigest } from '../../core/rollout/names.ts';
import type { ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Platform, ReplicaOwner, ReplicaSetSpec } from '../../ports/serving/platform.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { ProvingPorts } from '../ports.ts';
import { waitProgress } from '../progress.ts';
import { awaitStart, withOutput } from './await-start.ts';

export interface TemporaryReplica {
  readonly replica: ObservedReplica;
  readonly endpoint: string;
}

const startTimeoutMs = 600_000;
const drainTimeoutMs = 10_000;
const stopTimeoutMs = drainTimeoutMs + 5_000;
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
    const replica = await waitUntilReady(context, platform, owner);
    return await work(replica).catch((thrown: unknown) => sayWithOutput(context, platform, replica, thrown));
  } finally {
    await stopTemporary(context, platform, owner);
  }
}

/** A replica that stops answering says why, if anybody does. */
async function sayWithOutput(
  { signal }: Pick<ProvingPorts, 'signal'>,
  platform: Platform,
  { replica }: TemporaryReplica,
  thrown: unknown,
): Promise<never> {
  signal.throwIfAborted();
  const cause = asPlimsollError(thrown);
  if (cause.code !== 'replica-unreachable') throw thrown;
  const message = `the replica stopped answering; nothing was recorded: ${cause.message}`;
  const fields = await withOutput(platform, replica, message, signal);
  throw new PlimsollError({ code: 'replica-died', category: 'unavailable', ...fields, cause });
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
  const tell = waitProgress(context, 'replica', startTimeoutMs, 0);
  const start = await awaitStart(context, platform, owner, {
    ...{ timeoutMs: startTimeoutMs, pollMs: defaultPollMs, tell },
  });
  if (start.outcome === 'failed') throw start.failure;
  const { replica } = start;
  if (start.outcome === 'ready' && replica?.endpoint) return { replica, endpoint: replica.endpoint };
  const late = `the replica was not ready within ${formatElapsed(startTimeoutMs)}`;
  const fields =
    replica === null
      ? { message: `${late}: none was seen`, next: nextStep(proveSteps, 'replica-not-ready') }
      : await withOutput(platform, replica, `${late}: ${replica.reason}`, context.signal);
  throw new PlimsollError({ code: 'replica-not-ready', category: 'unavailable', ...fields });
}

/** Waits until nothing of it is left, for a bounded time. What is left then is named. */
export async function stopTemporary(
  { clock, terminal }: Pick<ProvingPorts, 'clock' | 'terminal'>,
  platform: Platform,
  owner: ReplicaOwner,
  pollMs = defaultPollMs,
): Promise<void> {
  const bound = AbortSignal.timeout(stopTimeoutMs);
  const beganMs = clock.monotonicMs();
  const tell = waitProgress({ terminal }, 'replica', stopTimeoutMs);
  let left = 'is not asked to stop yet';
  try {
    await platform.apply(owner, [], bound);
    for (let lastedMs = 0; lastedMs < stopTimeoutMs; lastedMs = clock.monotonicMs() - beganMs) {
      const replica = (await platform.observe(owner, bound)).find(({ state }) => state !== 'stopped');
      if (replica === undefined) return;
      left = `has not stopped yet: ${replica.state}: ${replica.reason}`;
      tell(left, lastedMs);
      await clock.sleep(pollMs, bound);
    }
  } catch (thrown) {
    if (!bound.aborted) throw thrown;
  }
  terminal.note(
    `  replica ${left}; given up after ${formatElapsed(stopTimeoutMs)}; next: plimsoll up, or the next command, stops it`,
  );
}

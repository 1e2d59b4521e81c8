import { replicaSetName, temporaryEnvironment, pairDigest } from '../../core/rollout/names.ts';
import type { ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Platform, ReplicaOwner, ReplicaSetSpec } from '../../ports/serving/platform.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { ProvingPorts } from '../ports.ts';

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
  { clock, signal, terminal }: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  platform: Platform,
  owner: ReplicaOwner,
): Promise<TemporaryReplica> {
  const giveUpMs = clock.monotonicMs() + startTimeoutMs;
  let told = '';
  for (;;) {
    const replicas = await platform.observe(owner, signal);
    const ready = replicas.find((replica) => replica.state === 'ready' && replica.endpoint !== null);
    if (ready !== undefined && ready.endpoint !== null) return { replica: ready, endpoint: ready.endpoint };
    const failed = replicas.find((replica) => replica.state === 'failed');
    if (failed !== undefined) throw await didNotStart(platform, failed, signal);
    if (clock.monotonicMs() >= giveUpMs) throw tooSlow(replicas[0]);
    const text = replicas[0] === undefined ? '' : `${replicas[0].state}: ${replicas[0].reason}`;
    if (text !== told && text !== '') terminal.note(`  replica ${text}`);
    told = text;
    await clock.sleep(defaultPollMs, signal);
  }
}

export async function didNotStart(
  platform: Platform,
  failed: ObservedReplica,
  signal: AbortSignal,
): Promise<PlimsollError> {
  const lines = await platform.logs(failed.replicaId, 10, signal).catch(() => []);
  return new PlimsollError({
    code: 'replica-failed',
    category: 'refused',
    message: `the replica did not start: ${failed.reason}${lines.length === 0 ? '' : `\n${lines.map((line) => `    ${line}`).join('\n')}`}`,
    next: 'mend what the output says, then run the command again',
    details: { replicaId: failed.replicaId, output: lines },
  });
}

function tooSlow(replica: ObservedReplica | undefined): PlimsollError {
  return new PlimsollError({
    code: 'replica-not-ready',
    category: 'unavailable',
    message: `the replica was not ready within ${startTimeoutMs / 1000} s: ${replica?.reason ?? 'none was seen'}`,
    next: 'plimsoll status',
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

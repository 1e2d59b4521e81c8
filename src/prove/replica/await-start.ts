import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { PlimsollError, type ErrorFields } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Platform, ReplicaOwner } from '../../ports/serving/platform.ts';
import type { ProvingPorts } from '../ports.ts';
import type { TellWait } from '../progress.ts';

export interface StartWait {
  readonly timeoutMs: number;
  readonly pollMs: number;
  /** Told of its state each time that it is looked at. */
  readonly tell: TellWait;
}

export type AwaitedStart =
  | { readonly outcome: 'ready'; readonly replica: ObservedReplica; readonly lastedMs: number }
  | { readonly outcome: 'failed'; readonly failure: PlimsollError; readonly lastedMs: number }
  /** The time is over. */
  | { readonly outcome: 'running'; readonly replica: ObservedReplica | null; readonly lastedMs: number };

/**
 * A server that answers like another kind of server may still boot: some answer 404 until their routes are there. One that
 * goes on for so long is not waited for (docs/decisions/0200).
 */
export const foreignAtMostMs = 10_000;

/**
 * Waits until the only replica of this owner is ready, has failed or the time is over. One whose port answers as another kind of
 * server for 10 s on end has failed: more waiting does not change that.
 */
export async function awaitStart(
  { clock, signal }: Pick<ProvingPorts, 'clock' | 'signal'>,
  platform: Pick<Platform, 'observe' | 'logs'>,
  owner: ReplicaOwner,
  { timeoutMs, pollMs, tell }: StartWait,
): Promise<AwaitedStart> {
  const beganMs = clock.monotonicMs();
  let foreignSinceMs: number | null = null;
  for (;;) {
    const replicas = await platform.observe(owner, signal);
    const nowMs = clock.monotonicMs();
    const lastedMs = nowMs - beganMs;
    const ready = replicas.find(({ state, endpoint }) => state === 'ready' && endpoint !== null);
    if (ready !== undefined) return { outcome: 'ready', replica: ready, lastedMs };
    const failed = replicas.find(({ state }) => state === 'failed');
    if (failed !== undefined) {
      return { outcome: 'failed', failure: await didNotStart(platform, failed, signal), lastedMs };
    }
    const foreign = replicas.find((replica) => replica.foreign !== undefined)?.foreign;
    foreignSinceMs = foreign === undefined ? null : (foreignSinceMs ?? nowMs);
    if (foreign !== undefined && nowMs - (foreignSinceMs ?? nowMs) >= foreignAtMostMs) {
      return { outcome: 'failed', failure: otherServer(foreign), lastedMs };
    }
    if (lastedMs >= timeoutMs) return { outcome: 'running', replica: replicas[0] ?? null, lastedMs };
    const foreignLeftMs = foreignAtMostMs - (nowMs - (foreignSinceMs ?? nowMs));
    tell(stateText(replicas[0]), lastedMs, foreign === undefined ? undefined : foreignLeftMs);
    await clock.sleep(pollMs, signal);
  }
}

function stateText(replica: ObservedReplica | undefined): string {
  if (replica === undefined) return 'is not there yet';
  const { state, reason, foreign } = replica;
  const given = foreign === undefined ? '' : '; given up unless that changes';
  return `${state}: ${reason}${given}`;
}

async function didNotStart(
  platform: Pick<Platform, 'logs'>,
  failed: ObservedReplica,
  signal: AbortSignal,
): Promise<PlimsollError> {
  return new PlimsollError({
    code: 'replica-failed',
    category: 'refused',
    ...(await withOutput(platform, failed, `the replica did not start: ${failed.reason}`, signal)),
  });
}

/** Returns a message with the last lines that a replica has written below it, and what to do with them. */
export async function withOutput(
  platform: Pick<Platform, 'logs'>,
  { replicaId }: ObservedReplica,
  message: string,
  signal: AbortSignal,
): Promise<Pick<ErrorFields, 'message' | 'next' | 'details'>> {
  const output = await platform.logs(replicaId, 10, signal).catch(() => []);
  return {
    message: [message, ...output.map((line) => `    ${line}`)].join('\n'),
    next: `mend what ${output.length === 0 ? 'it says of the replica' : 'the output says'}, then run the command again`,
    details: { replicaId, output },
  };
}

function otherServer(foreign: string): PlimsollError {
  return new PlimsollError({
    code: 'replica-foreign',
    category: 'refused',
    message: `${foreign}; it went on for ${formatElapsed(foreignAtMostMs)}`,
    next: nextStep(proveSteps, 'replica-foreign'),
  });
}

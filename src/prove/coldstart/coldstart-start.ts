import type { MeasuredStart, MeasuredStartPhase } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { mergedPhases } from '../../core/coldstart/live-starts.ts';
import { temporaryEnvironment } from '../../core/rollout/names.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { asPlimsollError, type PlimsollError } from '../../core/units/errors.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { Pair } from '../evaluate/evaluate-predictions.ts';
import { awaitStart } from '../replica/await-start.ts';
import { makeTemporarySpec, stopTemporary } from '../replica/temporary-replica.ts';
import type { ProvingPorts } from '../ports.ts';
import type { TellWait } from '../progress.ts';

export interface StartQuestion {
  readonly platform: Platform;
  readonly service: string;
  readonly pair: Pair;
  /** A start that has lasted so long is ended, and is censored. */
  readonly timeoutMs: number;
  /** Told now and then while it lasts. */
  readonly tell: TellWait;
}

export interface EndedStart {
  readonly start: MeasuredStart;
  /** Why it failed; null where it did not. */
  readonly failure: PlimsollError | null;
}

const pollMs = 20;
const drainTimeoutMs = 2_000;
/** The platform's own limit counts from the process: it is there in case this command dies. */
const platformSlackMs = 60_000;

/** One real start of one replica, in an environment of its own, stopped again whatever became of it. */
export async function measureStart(
  context: Pick<ProvingPorts, 'clock' | 'random' | 'signal' | 'terminal'>,
  { platform, service, pair, timeoutMs, tell }: StartQuestion,
): Promise<EndedStart> {
  const { clock, signal } = context;
  const owner = { service, environment: temporaryEnvironment('coldstart', context.random.hex(4)) };
  const beganMs = clock.monotonicMs();
  try {
    const spec = makeTemporarySpec(owner, pair, timeoutMs + platformSlackMs, drainTimeoutMs);
    await platform.apply(owner, [spec], signal);
    const awaited = await awaitStart(context, platform, owner, { timeoutMs, pollMs, tell });
    const totalMs = clock.monotonicMs() - beganMs;
    if (awaited.outcome === 'ready') return { start: readyStart(awaited.replica, totalMs), failure: null };
    const failure = awaited.outcome === 'failed' ? awaited.failure : null;
    return { start: { totalMs, outcome: awaited.outcome, phases: [] }, failure };
  } catch (thrown) {
    signal.throwIfAborted();
    throw asPlimsollError(thrown);
  } finally {
    await stopTemporary(context, platform, owner, pollMs);
  }
}

/** The platform's own times, unless its wall clock was moved meanwhile. */
function readyStart({ startedAtMs, readyAtMs, phases }: ObservedReplica, lastedMs: number): MeasuredStart {
  const toldMs = (readyAtMs ?? 0) - startedAtMs;
  const isPlausible = toldMs >= 0 && toldMs <= lastedMs + 1;
  return { totalMs: isPlausible ? toldMs : lastedMs, outcome: 'ready', phases: mergedPhases(phases) };
}

/** The same start with what came before the platform's part of it: a fetch of the weights. */
export function afterFetch({ start, failure }: EndedStart, fetchMs: number): EndedStart {
  const fetch: MeasuredStartPhase = { phases: ['weights-fetch'], durationMs: fetchMs };
  const phases = start.outcome === 'ready' ? mergedPhases([fetch, ...start.phases]) : start.phases;
  return { start: { ...start, totalMs: start.totalMs + fetchMs, phases }, failure };
}

import type { MeasuredStart, MeasuredStartPhase } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { mergedPhases } from '../../core/coldstart/live-starts.ts';
import { temporaryEnvironment } from '../../core/rollout/names.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { asPlimsollError, type PlimsollError } from '../../core/units/errors.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { Pair } from '../evaluate/evaluate-predictions.ts';
import { didNotStart, makeTemporarySpec, stopTemporary } from '../replica/temporary-replica.ts';
import type { ProvingPorts } from '../ports.ts';

export interface StartQuestion {
  readonly platform: Platform;
  readonly service: string;
  readonly pair: Pair;
  /** A start that has lasted so long is ended, and is censored. */
  readonly timeoutMs: number;
  /** Told now and then while it lasts. */
  readonly tell: (state: string, lastedMs: number) => void;
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
  context: Pick<ProvingPorts, 'clock' | 'random' | 'signal'>,
  { platform, service, pair, timeoutMs, tell }: StartQuestion,
): Promise<EndedStart> {
  const { clock, signal } = context;
  const owner = { service, environment: temporaryEnvironment('coldstart', context.random.hex(4)) };
  const beganMs = clock.monotonicMs();
  try {
    const spec = makeTemporarySpec(owner, pair, timeoutMs + platformSlackMs, drainTimeoutMs);
    await platform.apply(owner, [spec], signal);
    for (;;) {
      const replicas = await platform.observe(owner, signal);
      const lastedMs = clock.monotonicMs() - beganMs;
      const ready = replicas.find((replica) => replica.state === 'ready');
      if (ready !== undefined) return { start: readyStart(ready, lastedMs), failure: null };
      const failed = replicas.find((replica) => replica.state === 'failed');
      if (failed !== undefined) {
        const failure = await didNotStart(platform, failed, signal);
        return { start: { totalMs: lastedMs, outcome: 'failed', phases: [] }, failure };
      }
      if (lastedMs >= timeoutMs) return { start: { totalMs: lastedMs, outcome: 'running', phases: [] }, failure: null };
      tell(replicas[0] === undefined ? 'is not there yet' : replicas[0].reason, lastedMs);
      await clock.sleep(pollMs, signal);
    }
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

import type { SleepTarget } from '../../core/rollout/sleep/sleep-stage.ts';

/**
 * Puts one replica to sleep and wakes it, by the endpoints of its own server: its process stays, and its weights leave the accelerator.
 * Every call is bounded in time and may be repeated.
 *
 * @throws PlimsollError `replica-unreachable` (unavailable), `sleep-refused` (refused) with the words of the server.
 */
export interface ReplicaSleeper {
  isAsleep(target: SleepTarget, signal: AbortSignal): Promise<boolean>;
  /** Resolves once it sleeps. */
  sleep(target: SleepTarget, signal: AbortSignal): Promise<void>;
  /** Resolves once its weights are loaded again. */
  wake(target: SleepTarget, signal: AbortSignal): Promise<void>;
}

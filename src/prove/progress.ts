import { formatBytes } from '../core/units/quantity/quantity-bytes.ts';
import { formatElapsed } from '../core/units/quantity/quantity-duration.ts';
import type { ProvingPorts } from './ports.ts';

const firstMs = 1_000;

/**
 * Says how far a long read is: after the first second, so that whatever takes less says nothing, and then as often as the
 * news is worth it (each wait is a quarter of the time so far). Returns what to call with the bytes done so far.
 */
export function byteProgress(
  { terminal, clock }: Pick<ProvingPorts, 'terminal' | 'clock'>,
  doing: string,
  totalBytes: number,
): (doneBytes: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (doneBytes) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    const leftMs = ((nowMs - startMs) / Math.max(1, doneBytes)) * (totalBytes - doneBytes);
    terminal.note(
      `${doing}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}, about ${formatElapsed(leftMs)} left`,
    );
  };
}

/** The same for things whose number is not known before. */
export function countProgress(
  { terminal, clock }: Pick<ProvingPorts, 'terminal' | 'clock'>,
  doing: string,
  things: string,
): (count: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (count) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    terminal.note(`${doing}: ${count.toLocaleString('en-US')} ${things} so far`);
  };
}

/** The same for steps of about the same length, whose number is known before. */
export function stepProgress(
  { terminal, clock }: Pick<ProvingPorts, 'terminal' | 'clock'>,
  doing: string,
  total: number,
): (done: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (done) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    const leftMs = ((nowMs - startMs) / Math.max(1, done)) * Math.max(0, total - done);
    terminal.note(`${doing}: ${done} of ${total}, about ${formatElapsed(leftMs)} left`);
  };
}

/**
 * Told of the state of what is waited for each time that it is looked at, and how long the wait has lasted. A state with an end
 * of its own says how long is left.
 */
export type TellWait = (state: string, lastedMs: number, leftMs?: number) => void;

const sameEveryMs = 5_000;
/** A state that changes to and fro, or counts, fills no log: soon after the beginning it is said less often. */
const newEveryMs = (lastedMs: number): number => Math.min(2_000, Math.max(500, lastedMs / 10));
/** A wait that ends sooner says nothing. */
const quietWaitMs = 2_000;

/**
 * Says what is waited for: each new state as it comes and the same one every 5 s, with how long already and how long at most.
 * @param atMostMs null where somebody else ends the wait.
 * @param quietMs so long nothing is said.
 */
export function waitProgress(
  { terminal }: { readonly terminal: Pick<ProvingPorts['terminal'], 'note'> },
  name: string,
  atMostMs: number | null,
  quietMs = quietWaitMs,
): TellWait {
  let [told, toldMs] = ['', -Infinity];
  return (state, lastedMs, leftMs = atMostMs === null ? undefined : atMostMs - lastedMs) => {
    if (lastedMs < quietMs || lastedMs - toldMs < (state === told ? sameEveryMs : newEveryMs(lastedMs))) return;
    [told, toldMs] = [state, lastedMs];
    const left = leftMs === undefined ? '' : `, at most ${formatElapsed(Math.max(0, leftMs))} more`;
    terminal.note(`  ${name} ${state}${lastedMs < firstMs ? '' : `; waited ${formatElapsed(lastedMs)}${left}`}`);
  };
}

/** A request that takes longer is told of. */
const slowMs = 5_000;

/**
 * Says of requests that are under way how long the oldest of them waits for its answer, every 5 s, and how long at most. Those
 * that are answered sooner say nothing. Returns what each request is made by.
 */
export function tellSlowAnswers(
  {
    terminal,
    clock,
  }: { readonly terminal: Pick<ProvingPorts['terminal'], 'note'>; readonly clock: ProvingPorts['clock'] },
  atMostMs: number,
): <T>(ask: () => Promise<T>) => Promise<T> {
  interface UnderWay {
    readonly sinceMs: number;
    readonly tell: TellWait;
  }
  const underWay = new Set<UnderWay>();
  const look = (): void => {
    const [oldest] = underWay;
    const others = underWay.size === 1 ? '' : ` and ${underWay.size - 1} more requests`;
    oldest?.tell(`has not answered a request${others} yet`, clock.monotonicMs() - oldest.sinceMs);
  };
  let looking: ReturnType<typeof setInterval> | undefined;
  return async (ask) => {
    const request = { sinceMs: clock.monotonicMs(), tell: waitProgress({ terminal }, 'the replica', atMostMs, slowMs) };
    underWay.add(request);
    looking ??= setInterval(look, 1_000);
    try {
      return await ask();
    } finally {
      underWay.delete(request);
      if (underWay.size === 0) {
        clearInterval(looking);
        looking = undefined;
      }
    }
  };
}

/**
 * When a process that ended is started again. A capped exponential backoff, so that a server that cannot start costs
 * little, and one that ran well and died once is back at once.
 *
 * | what ended | failures in a row | delay |
 * |---|---|---|
 * | it had been ready for at least `resetAfterReadyMs` | 1 | 0 |
 * | anything else, n-th time in a row | n | firstDelayMs * 2^(n-1), at most maxDelayMs |
 *
 * With the defaults: 1 s, 2 s, 4 s, ... 60 s.
 */
export interface RestartPolicy {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly resetAfterReadyMs: number;
}

export const defaultRestartPolicy: RestartPolicy = {
  firstDelayMs: 1_000,
  maxDelayMs: 60_000,
  resetAfterReadyMs: 10_000,
};

/** How a process, or the attempt to start one, came to its end. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** Seen to be gone by somebody who is not its parent: whoever started it took the exit status along. */
  | { readonly kind: 'unknown' }
  /** Alive, but not ready in time; it was killed. */
  | { readonly kind: 'start-timeout'; readonly timeoutMs: number; readonly waitingFor: string }
  /** It was ready, and nothing moved any more; it was ended. */
  | { readonly kind: 'stuck' }
  /** It never became a process: a corrupt blob, a missing program, an unknown secret. */
  | { readonly kind: 'not-started'; readonly why: string };

export interface EndedRun {
  readonly end: ProcessEnd;
  /** From its start to its end; ignored for `not-started`. */
  readonly ranMs: number;
  /** From the last time it became ready to its end; null when it was not ready. */
  readonly readyForMs: number | null;
  /** Failures in a row before this one. */
  readonly failuresInRow: number;
  /** What it last said on stderr, one line or several, without secrets; null when it said nothing. */
  readonly lastLine: string | null;
}

export interface RestartDecision {
  readonly delayMs: number;
  readonly failuresInRow: number;
  /** `exit status 1 after 0.4 s: "no such file"; next start in 2 s`. */
  readonly reason: string;
}

export function decideRestart(run: EndedRun, policy: RestartPolicy = defaultRestartPolicy): RestartDecision {
  const stable = run.readyForMs !== null && run.readyForMs >= policy.resetAfterReadyMs;
  const failuresInRow = stable ? 1 : run.failuresInRow + 1;
  const delayMs = stable ? 0 : backoffDelayMs(failuresInRow, policy);
  const next = delayMs === 0 ? 'next start at once' : `next start in ${seconds(delayMs)}`;
  return { delayMs, failuresInRow, reason: `${describeEnd(run)}; ${next}` };
}

/** The reason of a decision without what was to follow: for when nothing follows any more. */
export function withoutNextStart(reason: string): string {
  return reason.replace(/; next start (?:at once|in [\d.]+ s)$/, '');
}

/** Milliseconds before the start that follows the n-th failure in a row (n from 1). */
export function backoffDelayMs(failuresInRow: number, policy: RestartPolicy): number {
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.min(failuresInRow - 1, 30));
}

/** How it ended, in words, without what follows: `signal SIGKILL after 12 s`. */
export function describeEnd(run: Pick<EndedRun, 'end' | 'ranMs' | 'lastLine'>): string {
  const { end } = run;
  if (end.kind === 'not-started') return end.why;
  const lines = (run.lastLine ?? '').split('\n').filter((line) => line !== '');
  const said = lines.length === 0 ? '' : `: "${lines.map(clipped).join(' | ')}"`;
  return `${endWords(end, run.ranMs)}${said}`;
}

function endWords(end: Exclude<ProcessEnd, { kind: 'not-started' }>, ranMs: number): string {
  switch (end.kind) {
    case 'exit':
      return `exit status ${end.status} after ${seconds(ranMs)}`;
    case 'signal':
      return `signal ${end.signal} after ${seconds(ranMs)}`;
    case 'unknown':
      return `gone after ${seconds(ranMs)}, exit status unknown (it was adopted)`;
    case 'stuck':
      return `stuck after ${seconds(ranMs)}, ended`;
    case 'start-timeout':
      return `not ready after ${seconds(end.timeoutMs)} (${end.waitingFor}), killed`;
  }
}

const lastLineLimit = 200;
function clipped(line: string): string {
  return line.length <= lastLineLimit ? line : `${line.slice(0, lastLineLimit)}...`;
}

function seconds(durationMs: number): string {
  const value = durationMs / 1000;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`;
}

/** Progress on stderr of work that takes seconds: one line that rewrites itself on a terminal, a line now and then elsewhere. */
export interface Progress {
  task(name: string): ProgressTask;
  note(text: string): void;
  /** Takes the line that rewrites itself off the terminal, so that something else can be written. */
  clear(): void;
  /** Forgets all tasks, and clears. */
  done(): void;
}

export interface ProgressTask {
  /** `share` 0..1 of the work done. */
  report(share: number, what: string): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface TaskState {
  readonly name: string;
  readonly startedAtMs: number;
  share: number;
  what: string;
}

const lineEveryMs = 5_000;

export function progressOn(stream: ProgressStream, monotonicMs: () => number): Progress {
  const tasks: TaskState[] = [];
  let writtenAtMs = monotonicMs();
  let open = false;
  const clear = (): void => {
    if (open) stream.write('\r\u001b[K');
    open = false;
  };
  const show = (finished: TaskState | null): void => {
    const nowMs = monotonicMs();
    if (stream.isTTY === true) {
      const text = tasks.filter(isUnderWay).map((task) => describe(task, nowMs));
      clear();
      stream.write(text.join('; ').slice(0, (stream.columns ?? 100) - 1));
      open = text.length > 0;
    } else if (nowMs - writtenAtMs >= lineEveryMs || finished !== null) {
      writtenAtMs = nowMs;
      for (const task of finished === null ? tasks.filter(isUnderWay) : [finished]) {
        stream.write(`  ${describe(task, nowMs)}\n`);
      }
    }
  };
  return {
    task(name) {
      const state: TaskState = { name, startedAtMs: monotonicMs(), share: 0, what: '' };
      tasks.push(state);
      return {
        report(share, what) {
          state.share = share;
          state.what = what;
          show(share >= 1 ? state : null);
        },
      };
    },
    note(text) {
      clear();
      stream.write(`  ${text}\n`);
    },
    clear,
    done() {
      clear();
      tasks.length = 0;
    },
  };
}

/** Something was reported and something is left. */
function isUnderWay({ share }: TaskState): boolean {
  return share > 0 && share < 1;
}

function describe({ name, startedAtMs, share, what }: TaskState, nowMs: number): string {
  const elapsedMs = nowMs - startedAtMs;
  if (share >= 1) return `${name}: ${what}, ${seconds(elapsedMs)}`;
  const left = share > 0 ? `, about ${seconds((elapsedMs * (1 - share)) / share)} left` : '';
  return `${name}: ${what}${left}`;
}

/** `0.4 s`, `14 s`, `75 s`: a digit after the point only where it says something. */
export function seconds(durationMs: number): string {
  return durationMs < 9_950 ? `${(durationMs / 1000).toFixed(1)} s` : `${Math.round(durationMs / 1000)} s`;
}

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import {
  decideRestart,
  type EndedRun,
  type ProcessEnd,
  type RestartPolicy,
} from '../../core/rollout/deployment/restart.ts';
import { digestOf } from '../../core/units/digest.ts';
import { replicaEnvironment } from '../../schemas/replica/replica-environment.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { adoptProcess, endProcess, spawnDetached, type DetachedProcess } from './detached-process.ts';
import { lastWords, OutputTail } from './output-file.ts';
import type { ProcessTable } from './process-table/process-table.ts';
import { programMarks, programsOf } from './process-table/programs-of.ts';

export interface ProgramSpec {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly version: string;
  /** What else makes it another program than one that runs: settings that come by the environment. No secrets. */
  readonly settings?: string;
  /** Answers `{ identity }` once the program serves. */
  readonly identityUrl: string;
  readonly drainTimeoutMs: number;
}

export interface SupervisorPlace {
  /** Absolute. */
  readonly stateFolder: string;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly restart: RestartPolicy;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type ProgramEvent =
  | { readonly kind: 'adopted' | 'started' | 'answers'; readonly pid: number }
  /** An adopted one that was started with another command line or by another version: it is replaced. */
  | { readonly kind: 'replaced'; readonly pid: number }
  | { readonly kind: 'ended'; readonly reason: string }
  /** It says that its input is wrong: starting it again would not help. */
  | { readonly kind: 'gave-up'; readonly reason: string };

const pollMs = 100;
/** Of one that answers: only its log is looked at, and its end wakes us. */
const answeringPollMs = 1_000;
/** As many MiB of its log are read in one look. */
const readsOfLook = 16;
const answerTimeoutMs = 2_000;
const wrongInputStatus = 2;
const quotedLines = 5;

/**
 * Keeps one of Plimsoll's own programs running. The program is a detached process: it outlives this one, and the next
 * supervisor adopts it by the marks it was started with.
 */
export class SupervisedProgram {
  readonly spec: ProgramSpec;
  readonly #place: SupervisorPlace;
  readonly #report: (event: ProgramEvent) => void;
  readonly #stopping = new AbortController();
  readonly #log: OutputTail;
  readonly #logFile: string;
  #process: DetachedProcess | null = null;
  #failuresInRow = 0;
  #answersSinceMs: number | null = null;
  #over: Promise<void> = Promise.resolve();

  constructor(spec: ProgramSpec, place: SupervisorPlace, report: (event: ProgramEvent) => void) {
    this.spec = spec;
    this.#place = place;
    this.#report = report;
    const folder = path.join(place.stateFolder, 'logs');
    mkdirSync(folder, { recursive: true });
    this.#logFile = path.join(folder, `${spec.name}.log`);
    this.#log = new OutputTail(this.#logFile);
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get answers(): boolean {
    return this.#answersSinceMs !== null;
  }

  /** Adopts or starts it, and keeps it running until `stop`. */
  begin(): void {
    this.#over = this.#keepRunning();
  }

  /** Asks it to finish and leave, kills it when it does not; resolves when it is gone. */
  async stop(forced: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const { table, clock } = this.#place;
    if (this.#process !== null) await endProcess(this.#process, this.spec.drainTimeoutMs, table, clock, forced);
    await this.#over;
  }

  async #keepRunning(): Promise<void> {
    const { clock } = this.#place;
    const stopping = this.#stopping.signal;
    await this.#log.skip();
    let found = await this.#adopt();
    while (!stopping.aborted) {
      const startedMs = clock.monotonicMs();
      let end: ProcessEnd;
      try {
        this.#process = found ?? (await this.#start());
        end = await this.#untilEnd(this.#process);
      } catch (thrown) {
        end = { kind: 'not-started', why: thrown instanceof Error ? thrown.message : String(thrown) };
      }
      found = null;
      this.#process = null;
      if (stopping.aborted) return;
      const waitMs = this.#afterEnd(end, clock.monotonicMs() - startedMs);
      if (waitMs === null) return;
      await clock.sleep(waitMs, stopping).catch(() => undefined);
    }
  }

  /** Null: it is not started again. */
  #afterEnd(end: ProcessEnd, ranMs: number): number | null {
    const nowMs = this.#place.clock.monotonicMs();
    const run: EndedRun = {
      end,
      ranMs,
      readyForMs: this.#answersSinceMs === null ? null : nowMs - this.#answersSinceMs,
      failuresInRow: this.#failuresInRow,
      lastLine: lastWords(this.#log.recent),
    };
    const never = this.#answersSinceMs === null;
    this.#answersSinceMs = null;
    const decision = decideRestart(run, this.#place.restart);
    if (never && end.kind === 'exit' && end.status === wrongInputStatus) {
      this.#report({ kind: 'gave-up', reason: this.#log.recent.slice(-quotedLines).join('\n') });
      return null;
    }
    this.#failuresInRow = decision.failuresInRow;
    this.#report({ kind: 'ended', reason: decision.reason });
    return decision.delayMs;
  }

  async #adopt(): Promise<DetachedProcess | null> {
    const { table, clock, stateFolder } = this.#place;
    const never = new AbortController().signal;
    const [first, ...more] = programsOf(stateFolder, this.spec.name, table).map((found) => ({
      line: found.line,
      process: adoptProcess(found.identity, found.pid, table, clock, pollMs, never),
    }));
    const fits = first !== undefined && (first.line === null || first.line === this.#line());
    const surplus = fits || first === undefined ? more : [first, ...more];
    for (const { process } of surplus) {
      this.#report({ kind: 'replaced', pid: process.pid });
      await endProcess(process, this.spec.drainTimeoutMs, table, clock);
    }
    if (first === undefined || !fits) return null;
    this.#report({ kind: 'adopted', pid: first.process.pid });
    return first.process;
  }

  async #start(): Promise<DetachedProcess> {
    const { stateFolder, table, environment } = this.#place;
    const { file, args, name } = this.spec;
    const env = { ...definedOnly(environment), ...programMarks(stateFolder, name, this.#line()) };
    const started = await spawnDetached(
      { file, args, env, folder: stateFolder, stdout: this.#logFile, stderr: this.#logFile },
      table,
    );
    this.#report({ kind: 'started', pid: started.pid });
    return started;
  }

  /** Looks at it until it is gone: whether it answers, and that its log stays within its bound. */
  async #untilEnd(process: DetachedProcess): Promise<ProcessEnd> {
    const { clock } = this.#place;
    let end: ProcessEnd | null = null;
    const gone = new AbortController();
    const ended = process.ended.then((how) => {
      end = how;
      gone.abort();
    });
    while (end === null) {
      await this.#keepLogBounded();
      if (this.#answersSinceMs === null && (await this.#asks(process))) {
        this.#answersSinceMs = clock.monotonicMs();
        this.#report({ kind: 'answers', pid: process.pid });
      }
      await clock.sleep(this.answers ? answeringPollMs : pollMs, gone.signal).catch(() => undefined);
    }
    await ended;
    await this.#keepLogBounded();
    return end;
  }

  /** An answer counts only when it comes from this very process: somebody else may have its port. */
  async #asks(process: DetachedProcess): Promise<boolean> {
    try {
      const answer = await fetch(this.spec.identityUrl, { signal: AbortSignal.timeout(answerTimeoutMs) });
      const body: unknown = await answer.json();
      return typeof body === 'object' && body !== null && 'identity' in body && body.identity === process.identity;
    } catch {
      return false;
    }
  }

  async #keepLogBounded(): Promise<void> {
    try {
      for (let read = 0; read < readsOfLook && (await this.#log.read()).length > 0;) read += 1;
      await this.#log.bound();
    } catch {
      // A full disk must not end the supervision.
    }
  }

  #line(): string {
    return digestOf({ args: this.spec.args.slice(), version: this.spec.version, settings: this.spec.settings ?? null });
  }
}

/** A program is no replica, even when it was started from within one. */
function definedOnly(environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== replicaEnvironment.replicaId,
    ),
  );
}

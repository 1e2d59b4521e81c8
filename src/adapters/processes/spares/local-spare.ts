import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../../ports/process/clock.ts';
import { replicaLineSchema } from '../../../schemas/replica/replica-line.ts';
import { adoptProcess, endProcess, type DetachedProcess } from '../detached-process.ts';
import { OutputTail } from '../output-file.ts';
import type { LocalMachine } from '../local-machine.ts';
import { removeSpareFolder, spareFolder, writeSpareRecord, type SpareRecord } from './spare-record.ts';

/** A spare has nothing to finish. */
const endTimeoutMs = 5_000;
/** The runtime of one that does not get ready in this time hangs. */
const startTimeoutMs = 120_000;

/** A spare whose process runs: from its start, or its adoption, until it is taken or has ended. */
export class LocalSpare {
  /** Resolves once its process is gone; what is left of it on disk is then removed unless it was taken. */
  readonly over: Promise<void>;
  readonly #machine: LocalMachine;
  readonly #process: DetachedProcess;
  readonly #watched = new AbortController();
  #record: SpareRecord;
  #isTaken = false;

  private constructor(machine: LocalMachine, record: SpareRecord, process: DetachedProcess) {
    this.#machine = machine;
    this.#record = record;
    this.#process = process;
    this.over = this.#live();
  }

  static run(machine: LocalMachine, record: SpareRecord, process: DetachedProcess): LocalSpare {
    return new LocalSpare(machine, record, process);
  }

  /** `record.pid` and `record.identity` are those of a process that is alive now. */
  static adopt(machine: LocalMachine, record: SpareRecord): LocalSpare {
    const { table, clock, timing, closed } = machine;
    const { pid, identity } = record;
    return new LocalSpare(
      machine,
      record,
      adoptProcess(identity ?? '', pid ?? 0, table, clock, timing.adoptedPollMs, closed),
    );
  }

  get record(): SpareRecord {
    return this.#record;
  }

  get process(): DetachedProcess {
    return this.#process;
  }

  get isFree(): boolean {
    return this.#record.port !== null && !this.#isTaken;
  }

  /** A replica takes it: nobody else gets it, and nothing here watches it any more. */
  take(): void {
    this.#isTaken = true;
    this.#watched.abort();
  }

  /** It was not used after all. Returns whether its process still runs. */
  giveBack(): boolean {
    const { pid, identity } = this.#process;
    this.#isTaken = false;
    return identity !== null && this.#machine.table.identity(pid) === identity;
  }

  async end(): Promise<void> {
    const { table, clock } = this.#machine;
    await endProcess(this.#process, endTimeoutMs, table, clock);
  }

  async #live(): Promise<void> {
    const signal = AbortSignal.any([this.#watched.signal, this.#machine.closed]);
    void this.#awaitFree(this.#machine.clock, signal).catch(() => undefined);
    await this.#process.ended;
    this.#watched.abort();
    const { stateFolder, desk, closed } = this.#machine;
    if (this.#isTaken || closed.aborted) return;
    desk?.free(this.#record.spareId);
    await removeSpareFolder(stateFolder, this.#record.spareId).catch(() => undefined);
  }

  /** Its output is read until it says where it takes its order. */
  async #awaitFree(clock: Clock, signal: AbortSignal): Promise<void> {
    const tail = new OutputTail(spareFolder(this.#machine.stateFolder, this.#record.spareId).stdout);
    const giveUpMs = clock.monotonicMs() + startTimeoutMs;
    while (this.#record.port === null && !signal.aborted) {
      const port = (await tail.read()).map(readPort).find((each) => each !== null);
      if (port !== undefined) {
        this.#record = { ...this.#record, port };
        // Where that cannot be written, the next control plane reads the output again.
        await writeSpareRecord(this.#machine, this.#record).catch(() => undefined);
      } else if (clock.monotonicMs() > giveUpMs) return void (await this.end());
      else await clock.sleep(this.#machine.timing.startingPollMs, signal);
    }
  }
}

function readPort(line: string): number | null {
  if (!line.includes('"plimsoll"')) return null;
  try {
    const parsed = replicaLineSchema.safeParse(JSON.parse(line));
    return parsed.success && parsed.data.plimsoll === 'spare' ? parsed.data.port : null;
  } catch {
    return null;
  }
}

/** Makes the folder of a spare, which nobody else may look into: its token lies there. */
export async function makeSpareFolder(machine: LocalMachine, spareId: string, token: string): Promise<void> {
  const folder = spareFolder(machine.stateFolder, spareId);
  await mkdir(folder.root, { recursive: true, mode: 0o700 });
  await machine.writeDurably(folder.token, `${token}\n`, { doing: 'writing the token of a spare', mode: 0o600 });
}

import type { FactClock, LedgerFact, WorkAccount } from '../../../core/cost/ledger/fact.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { LedgerReader, LedgerRecord, LedgerWriter } from '../../../ports/records/ledger-records.ts';
import { LedgerClock } from './ledger-clock.ts';
import type { NewFact } from './new-fact.ts';
import { beginOf, readRecords } from '../hours/read-facts.ts';
import type { ResumedWork } from './work-counts.ts';
import { StandingFacts, standingKinds } from './standing-facts.ts';
import { UseBook } from './use-book.ts';

export interface LedgerRecorderParts {
  readonly store: LedgerReader;
  readonly clock: Clock;
  /** Of this run of this process. */
  readonly identity: string;
}

type Ledger = LedgerReader & LedgerWriter;

/** The recorder before was there until this long before: what lies between is no gap. */
const gapFromMs = 5_000;
/** How far back the last account of a claim is looked for. */
const accountsReadMs = 360_000;

/**
 * Records facts in transactions of others, and knows what stands by all facts that are recorded. Nothing that it knows is
 * ahead of the store: after a transaction that failed it reads again.
 */
export class LedgerRecorder {
  readonly #parts: LedgerRecorderParts;
  readonly #clock: LedgerClock;
  #standing = new StandingFacts();
  /** What replicas used, as it was read by this process. */
  readonly uses = new UseBook();
  /** A replica waits: the inventory does not have its devices. */
  missesDevices = false;
  #sequence = 0;
  #isKnown = false;
  #reading: Promise<void> | null = null;
  /** Accounts of an earlier process, by claim: the last one of each. */
  #lastAccounts: ReadonlyMap<string, WorkAccount> = new Map();
  /** From when on nobody recorded before this process began; null where there was no such time. */
  #gapBegan: FactClock | null = null;
  /** Claims that stood when this process began, and that it did not see yet. */
  #unseen = new Set<string>();
  /** Of the last checkpoint, wall milliseconds. */
  #checkpointMs = -Infinity;
  /** Appends so far: what was read while one was made may lack it. */
  #appends = 0;

  constructor(parts: LedgerRecorderParts) {
    this.#parts = parts;
    this.#clock = new LedgerClock(parts.clock, parts.identity);
  }

  get standing(): StandingFacts {
    return this.#standing;
  }

  get recorder(): string {
    return this.#clock.recorder;
  }

  now(): FactClock {
    return this.#clock.stamp();
  }

  /** Records from when to when nobody recorded, and what stands. Called with the lease, before anything else is recorded. */
  async begin(tx: Ledger): Promise<void> {
    const last = await tx.lastLedgerRecord(Number.MAX_SAFE_INTEGER);
    await this.#read(tx);
    if (last !== null) await this.#readLastAccounts(tx, last.atMs);
    this.#gapBegan = await this.recordGap(tx, last?.atMs ?? null);
    this.#unseen = new Set(this.#standing.claims.keys());
    await this.checkpoint(tx, this.now());
  }

  /** Records that nobody saw anything since a time; nothing, and null, where that is shorter than 5 s ago. @returns its begin */
  async recordGap(tx: Ledger, sinceMs: number | null): Promise<FactClock | null> {
    const at = this.now();
    if (sinceMs === null || at.wallMs - sinceMs < gapFromMs) return null;
    const gap = `control-plane-down/${this.recorder}/${this.#sequence}`;
    const began = this.#clock.stampOfWall(sinceMs);
    await this.append(tx, [
      { kind: 'gap-began', gap, cause: 'control-plane-down', scope: { of: 'all' }, at: began },
      { kind: 'gap-ended', gap, at },
    ]);
    return began;
  }

  /** A replica is there, so that its claim went on while nobody recorded. */
  see(claim: string): void {
    this.#unseen.delete(claim);
  }

  /** Whether a time is before this process began. */
  isEarlier(at: FactClock): boolean {
    return this.#gapBegan !== null && at.monotonicMs <= this.#gapBegan.monotonicMs;
  }

  /**
   * When a claim that is there no more ended. One that this process never saw is taken to have ended when the recording stopped:
   * what nobody saw belongs to nobody.
   */
  endOf(claim: string): FactClock {
    return this.#unseen.has(claim) && this.#gapBegan !== null ? this.#gapBegan : this.now();
  }

  /** Resolves when what stands is known; reads it again after a transaction that failed. */
  async ready(): Promise<void> {
    if (this.#isKnown) return;
    this.#reading ??= this.#read(this.#parts.store).finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  /** Returns what an earlier process accounted last of a claim; null where it did not. */
  resumedWork(claim: string): ResumedWork | null {
    const account = this.#lastAccounts.get(claim);
    if (account?.counters === undefined) return null;
    return { atMs: this.#clock.stampOfWall(account.at.wallMs).monotonicMs, counters: account.counters };
  }

  /** A transaction that facts were appended in failed: what stands is not known any more. */
  outdate(): void {
    this.#isKnown = false;
  }

  async append(tx: LedgerWriter, facts: readonly NewFact[]): Promise<void> {
    if (facts.length === 0) return;
    this.#appends += 1;
    const records = facts.flatMap((fact): readonly LedgerRecord[] => {
      this.#sequence += 1;
      const recorded: LedgerFact = { ...fact, id: `${this.recorder}/${String(this.#sequence).padStart(9, '0')}` };
      this.#standing.apply(recorded);
      const record = this.#place(fact.at.wallMs, recorded);
      if (fact.at.wallMs >= this.#checkpointMs) return [record];
      // Said again for whoever begins to read at the checkpoint: a fact that comes twice counts once.
      this.#sequence += 1;
      return [record, this.#place(this.now().wallMs, recorded)];
    });
    await tx.appendLedgerRecords(records);
  }

  /** Says that the recorder is there: all that it saw up to this time is recorded. */
  async beat(tx: LedgerWriter, at: FactClock): Promise<void> {
    await tx.appendLedgerRecords([this.#mark('heartbeat', at)]);
  }

  /** Says again what stands, so that readers may begin here. It counts as a heartbeat. */
  async checkpoint(tx: LedgerWriter, at: FactClock): Promise<void> {
    const mark = this.#mark('checkpoint', at);
    this.#checkpointMs = mark.atMs;
    const again = this.#standing.list().map((fact) => {
      this.#sequence += 1;
      return this.#place(mark.atMs, fact);
    });
    await tx.appendLedgerRecords([mark, ...again]);
  }

  #mark(kind: 'heartbeat' | 'checkpoint', at: FactClock): LedgerRecord {
    this.#sequence += 1;
    return { recorder: this.recorder, sequence: this.#sequence, atMs: at.wallMs, kind, fact: null };
  }

  #place(atMs: number, fact: LedgerFact): LedgerRecord {
    return { recorder: this.recorder, sequence: this.#sequence, atMs, kind: fact.kind, fact };
  }

  /** Accounts cover a minute, or some more where a gateway was silent. */
  async #readLastAccounts(reader: LedgerReader, lastMs: number): Promise<void> {
    const accounts = new Map<string, WorkAccount>();
    for await (const page of readRecords(reader, lastMs - accountsReadMs, Number.MAX_SAFE_INTEGER, ['work-account']))
      for (const { fact } of page) if (fact?.kind === 'work-account') accounts.set(fact.claim, fact);
    this.#lastAccounts = accounts;
  }

  async #read(reader: LedgerReader): Promise<void> {
    let appends: number;
    do {
      appends = this.#appends;
      this.#isKnown = true;
      const standing = new StandingFacts();
      const fromMs = await beginOf(reader, Number.MAX_SAFE_INTEGER);
      for await (const page of readRecords(reader, fromMs, Number.MAX_SAFE_INTEGER, standingKinds))
        for (const { fact } of page) if (fact !== null) standing.apply(fact);
      this.#standing = standing;
    } while (appends !== this.#appends);
  }
}

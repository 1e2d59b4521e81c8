import { shortDigest, type Digest } from '../../units/digest.ts';
import { chainStart, sealOf, type ChainHead, type EventSeal, type SealedEvent } from './event-chain.ts';

/** What a store has under one number: an event, its seal, or both. */
export interface AuditEntry {
  readonly seq: number;
  readonly event: SealedEvent | null;
  readonly seal: EventSeal | null;
}

/** A head that was kept outside of the store. */
export interface ChainAnchor extends ChainHead {
  readonly atMs: number;
}

export interface ChainReport {
  /** One sentence each, at most `problemsShown`. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** Events whose seals were verified. */
  readonly sealed: number;
  /** Of these, events that were sealed after their transaction. */
  readonly sealedLate: number;
  /** Events that are older than the chain. */
  readonly before: number;
  /** Events after the newest seal. The next event seals them. */
  readonly open: number;
  readonly head: ChainHead | null;
  readonly anchorsChecked: number;
}

const problemsShown = 20;

/** Verifies a chain while it is read; memory does not grow with it. */
export class ChainCheck {
  readonly #anchors: ReadonlyMap<number, readonly ChainAnchor[]>;
  /** Numbers of anchors that no seal was found for yet. */
  readonly #awaited: Set<number>;
  readonly #problems: string[] = [];
  #problemCount = 0;
  #head: ChainHead | null = null;
  #previous: Digest = chainStart;
  #lastSeq: number | null = null;
  #sealed = 0;
  #sealedLate = 0;
  #before = 0;
  #open: number[] = [];
  #openCount = 0;
  #anchorsChecked = 0;

  constructor(anchors: readonly ChainAnchor[]) {
    this.#anchors = Map.groupBy(anchors, ({ seq }) => seq);
    this.#awaited = new Set(this.#anchors.keys());
  }

  /**
   * Takes entries in order of their numbers.
   *
   * | event | seal | it is |
   * |---|---|---|
   * | there | of this event after the one before | good |
   * | there | another | changed, moved, or one before it was removed |
   * | gone | there | removed |
   * | there | none, before the first seal | older than the chain |
   * | there | none, and a later one has | put in, or its seal was removed |
   * | there | none, and no later one has | not sealed yet |
   */
  take(entries: readonly AuditEntry[]): void {
    for (const entry of entries) this.#takeOne(entry);
  }

  #takeOne({ seq, event, seal }: AuditEntry): void {
    if (seal === null) {
      if (this.#head === null) this.#before += 1;
      else {
        this.#openCount += 1;
        if (this.#open.length < problemsShown) this.#open.push(seq);
      }
      return;
    }
    this.#tellUnsealed();
    if (event === null) this.#tell(`event ${seq} was removed: its seal is there`);
    else if (sealOf(this.#previous, event) === seal.hash) {
      this.#sealed += 1;
      if (seal.late) this.#sealedLate += 1;
    } else this.#tell(this.#brokenText(seq));
    this.#awaited.delete(seq);
    for (const anchor of this.#anchors.get(seq) ?? []) this.#holdAgainst(anchor, seal.hash);
    // Later seals are held against what stands here, so that each place that was changed is named and not only the first.
    this.#previous = seal.hash;
    this.#head = { seq, hash: seal.hash };
    this.#lastSeq = seq;
  }

  #brokenText(seq: number): string {
    if (this.#lastSeq === null)
      return `event ${seq} is not the beginning of the chain: it was changed, or events before it were removed`;
    const missing = seq - this.#lastSeq - 1;
    if (missing > 0)
      return `event ${seq} does not follow event ${this.#lastSeq}: ${missing === 1 ? 'one event' : `${missing} events`} between them ${missing === 1 ? 'is' : 'are'} missing, or it was changed`;
    return `event ${seq} does not follow event ${this.#lastSeq}: one of them was changed or moved`;
  }

  #holdAgainst({ atMs, hash, seq }: ChainAnchor, found: Digest): void {
    this.#anchorsChecked += 1;
    if (found === hash) return;
    const when = new Date(atMs).toISOString();
    this.#tell(
      `event ${seq} has the hash ${shortDigest(found)}, and the anchor of ${when} says ${shortDigest(hash)}: the chain was made anew`,
    );
  }

  /** Events without a seal between sealed ones. */
  #tellUnsealed(): void {
    for (const seq of this.#open) this.#tell(`event ${seq} has no seal: it was put in, or its seal was removed`);
    this.#problemCount += this.#openCount - this.#open.length;
    this.#open = [];
    this.#openCount = 0;
  }

  #tell(problem: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < problemsShown) this.#problems.push(problem);
  }

  /** What was found, after the last entry: anchors of events that are not there tell that the end was cut off. */
  finish(): ChainReport {
    const last = this.#head?.seq ?? 0;
    for (const seq of [...this.#awaited].sort((a, b) => a - b)) {
      const [anchor] = this.#anchors.get(seq) ?? [];
      if (anchor === undefined) continue;
      const when = new Date(anchor.atMs).toISOString();
      this.#tell(
        seq > last
          ? `the chain ends at event ${last}, and the anchor of ${when} says that event ${seq} was there: the end was cut off`
          : `event ${seq}, of the anchor of ${when}, was removed with its seal`,
      );
    }
    return {
      problems: this.#problems,
      problemCount: this.#problemCount,
      sealed: this.#sealed,
      sealedLate: this.#sealedLate,
      before: this.#before,
      open: this.#openCount,
      head: this.#head,
      anchorsChecked: this.#anchorsChecked,
    };
  }
}

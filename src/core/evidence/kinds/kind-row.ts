import type { Contract } from '../../contract/contract.ts';
import type { Digest } from '../../units/digest.ts';
import type { Judgement } from '../../units/verdict.ts';

/** One kind of evidence: all that the program knows of it. `kinds/table.ts` has one row for each kind. */
export interface KindRow {
  /** What fresh and passing evidence of this kind shows, as the end of a sentence. */
  readonly proves: string;
  readonly askedBy: Asking;
  readonly subjects: readonly SubjectRule[];
  /** Subjects that earlier versions stored among the measurements, so that what they recorded still says what it is of. */
  readonly earlierSubjects?: (measurements: Readonly<Record<string, unknown>>) => Readonly<Record<string, Digest>>;
  /** Null while this version cannot measure the kind: it reads missing, and has to be waived to release. */
  readonly judge: Judge | null;
  /**
   * Nothing is measured beforehand: the watch judges the kind while a release is live. No release waits for it, and
   * outside of a control plane it is unknown.
   */
  readonly judgedLive?: true;
  /** The command that measures the kind again, without `--environment`. */
  readonly renewal: string;
  /**
   * What has to be there before a new measurement can decide what a fresh one left open, as the beginning of a sentence
   * that ends in the renewal. Left out where measuring again may decide by itself.
   */
  readonly undecidedWithout?: (contract: Contract) => string | null;
  /** The kinds of recorded event after which the evidence no longer holds; empty where no watch records one yet. */
  readonly invalidatedBy: readonly string[];
}

export interface Asking {
  /** The key of the contract that asks for the kind. */
  readonly key: string;
  readonly isAsked: (contract: Contract) => boolean;
  /** Why a contract with the key still does not ask; left out where the key alone asks. */
  readonly whyNot?: (contract: Contract) => string | null;
}

/** Recomputes the verdict from what was measured and the contract as it is now. */
export type Judge = (measurements: Readonly<Record<string, unknown>>, contract: Contract) => Judgement;

/** Who knows the present digest of a subject. */
export const knowers = {
  tree: 'the checkout alone, so the command line and CI',
  bundle: 'whoever has the bundle of the release: contract, lock, code and small files',
  store: 'the store of the control plane: aliases, releases, ledger, records of the environment',
  nodes: 'whoever sees the nodes and the replicas on them',
  tables: 'this version of the program, by its own rule tables',
  claimed: 'the lock alone: datasets and traces are too large for a bundle, and a Feast registry lies elsewhere',
} as const;

export type Knower = keyof typeof knowers;

/**
 * One thing that evidence is *of*. A section of the contract is the subject `contract.<section>`. Other evidence is the
 * subject `evidence.<kind>`, which makes staleness transitive.
 *
 * | stale when | meaning |
 * |---|---|
 * | moved | its digest is another than when measured (also: it appeared, or went away) |
 * | gone | it is no longer there; another digest in its place does not matter |
 */
export interface SubjectRule {
  readonly subject: string;
  readonly knownBy: Knower;
  readonly staleWhen: 'moved' | 'gone';
  /** Evidence without this subject says nothing, so that its absence now is stale even if it was absent then. */
  readonly required: boolean;
  /** Another digest is right as well where golden evidence carries the answers there (core/evidence/carried.ts). */
  readonly carried?: true;
}

/** A subject that evidence of the kind always has. */
export const must = (subject: string, knownBy: Knower): SubjectRule => ({
  subject,
  knownBy,
  staleWhen: 'moved',
  required: true,
});

/** A subject that not every service has. */
export const may = (subject: string, knownBy: Knower): SubjectRule => ({
  subject,
  knownBy,
  staleWhen: 'moved',
  required: false,
});

/** Other evidence of the same lock; the lock is in the bundle. */
export const buildsOn = (kind: string): SubjectRule => may(`evidence.${kind}`, 'bundle');

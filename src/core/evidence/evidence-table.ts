import type { Contract } from '../contract/contract.ts';
import { asksFor, whyNotAsked } from './asked-for.ts';
import type { FeatureSources } from './features/feature-view.ts';
import { freshness, withEarlierSubjects, type FreshnessAnswer, type FreshnessQuestion } from './freshness.ts';
import { judgeEvidence } from './judge-evidence.ts';
import { kindsOf, kindTable, type EvidenceKind, type KindTable } from './kinds/table.ts';
import type { Evidence, EvidenceState, Freshness, Invalidation, Waiver } from './lock/lock.ts';
import { chooseWaiver, coversState } from './lock/waiver.ts';
import { decideCommand, isAvailable, notYetAvailable, renewCommand } from './renewal.ts';
import { digestOfMeasured } from './sighting.ts';
import { dependenciesOf, type SubjectDigests } from './subjects.ts';
import type { Digest } from '../units/digest.ts';

export interface EvidenceFacts {
  readonly contract: Contract;
  readonly environment: string;
  /** Evidence of this environment in the lock. */
  readonly evidence: Readonly<Partial<Record<EvidenceKind, Evidence>>>;
  readonly present: SubjectDigests;
  /** As `Present` has them. */
  readonly unknown?: Readonly<Record<string, string>>;
  readonly later?: readonly string[];
  /** As `FreshnessQuestion` has them. */
  readonly features?: FeatureSources | undefined;
  /** When the store first saw a piece of evidence, by `digestOfMeasured`; undefined for a judge without a store. */
  readonly firstSeenAtMs?: ReadonlyMap<Digest, number> | undefined;
  /** Of this environment. */
  readonly waivers: readonly Waiver[];
  readonly invalidations: readonly Invalidation[];
  readonly nowMs: number;
}

/** The whole evidence table: one row per kind, in the fixed order, also for kinds that are not asked for. */
export function evidenceTable(facts: EvidenceFacts, table: KindTable = kindTable): readonly EvidenceState[] {
  const answers = freshnessTable(facts, table);
  return kindsOf(table).map((kind) => stateOf(kind, answers.get(kind) ?? null, facts, table));
}

/** Freshness of every kind, those that this version cannot measure yet included; null for one that is not asked for. */
export function freshnessTable(
  facts: EvidenceFacts,
  table: KindTable = kindTable,
): ReadonlyMap<EvidenceKind, FreshnessAnswer | null> {
  const answers = new Map<EvidenceKind, FreshnessAnswer | null>();
  for (const kind of kindsOf(table)) answerOf(kind, facts, table, answers);
  return answers;
}

/** Null for a kind that is not asked for. Dependencies are answered first; the table of kinds has no cycle. */
function answerOf(
  kind: EvidenceKind,
  facts: EvidenceFacts,
  table: KindTable,
  answers: Map<EvidenceKind, FreshnessAnswer | null>,
): FreshnessAnswer | null {
  const known = answers.get(kind);
  if (known !== undefined) return known;
  const dependencies: Partial<Record<EvidenceKind, Freshness>> = {};
  for (const dependency of dependenciesOf(kind, table)) {
    const answer = answerOf(dependency, facts, table, answers);
    if (answer !== null) dependencies[dependency] = answer.freshness;
  }
  const isCarried = table[kind].subjects.some(({ carried }) => carried === true);
  const golden = isCarried ? (answerOf('golden', facts, table, answers)?.freshness ?? 'not-asked') : null;
  const question = questionOf(kind, facts, dependencies, golden);
  const answer = asksFor(facts.contract, kind, table) ? freshness(question, table) : null;
  answers.set(kind, answer);
  return answer;
}

function questionOf(
  kind: EvidenceKind,
  { contract, evidence, present, unknown, features, firstSeenAtMs, invalidations, nowMs }: EvidenceFacts,
  dependencies: Readonly<Partial<Record<EvidenceKind, Freshness>>>,
  goldenFreshness: Freshness | null,
): FreshnessQuestion {
  const maxAgeMs = contract.maxAgeMs[kind];
  const measured = evidence[kind];
  const seen = measured === undefined ? undefined : firstSeenAtMs?.get(digestOfMeasured(measured));
  const question: FreshnessQuestion = {
    kind,
    evidence: measured,
    present,
    invalidations,
    nowMs,
    maxAgeMs,
    dependencies,
    features,
    ...(unknown === undefined ? {} : { unknown }),
    ...(firstSeenAtMs === undefined ? {} : { firstSeenAtMs: seen ?? nowMs }),
  };
  if (goldenFreshness === null) return question;
  return { ...question, golden: { freshness: goldenFreshness, evidence: evidence.golden } };
}

function stateOf(
  kind: EvidenceKind,
  answer: FreshnessAnswer | null,
  facts: EvidenceFacts,
  table: KindTable,
): EvidenceState {
  const available = isAvailable(kind, table);
  if (answer === null) {
    const reasons = [whyNotAsked(facts.contract, kind, table)];
    const unasked = standingUnasked(kind, facts, table);
    return { kind, freshness: 'not-asked', verdict: 'unknown', reasons, available, ...(unasked && { unasked }) };
  }
  const waived = (state: EvidenceState): EvidenceState => {
    const waiver = validWaiver(state, facts);
    return waiver === null ? state : { ...state, waiver };
  };
  const several = Object.keys(facts.contract.environments).length > 1;
  const renew = answer.remedy ?? renewCommand(kind, several ? facts.environment : undefined, table);
  if (!available) {
    const reasons = [notYetAvailable];
    return waived({ kind, available, freshness: 'missing', verdict: 'unknown', reasons, renew });
  }
  if (table[kind].judgedLive === true) {
    const reasons = ['judged while the release is live'];
    return waived({ kind, available, freshness: 'unknown', verdict: 'unknown', reasons, renew, judgedLive: true });
  }
  const evidence = facts.evidence[kind];
  const shared = { kind, available, ...(evidence === undefined ? {} : measuredOf(evidence, facts, table)) };
  // What was measured of something else proves nothing of what is there now, so a stale kind has no verdict.
  if (answer.freshness !== 'fresh' || evidence === undefined) {
    return waived({ ...shared, freshness: answer.freshness, verdict: 'unknown', reasons: answer.reasons, renew });
  }
  const { verdict, reasons } = judgeEvidence(evidence, facts.contract, table);
  const judged = { ...shared, freshness: 'fresh', verdict, reasons } as const;
  if (verdict === 'pass') return waived(judged);
  const next = verdict === 'inconclusive' ? decideCommand(kind, facts.contract, renew, table) : renew;
  return waived({ ...judged, renew: next });
}

/** How evidence stands that was measured though nothing asks for it: it counts for no release, and it is known all the same. */
function standingUnasked(
  kind: EvidenceKind,
  facts: EvidenceFacts,
  table: KindTable,
): NonNullable<EvidenceState['unasked']> | null {
  const evidence = facts.evidence[kind];
  if (evidence === undefined || !isAvailable(kind, table)) return null;
  const { freshness: standing } = freshness(questionOf(kind, facts, {}, null), table);
  if (standing !== 'fresh') return { freshness: standing, verdict: 'unknown' };
  return { freshness: standing, verdict: judgeEvidence(evidence, facts.contract, table).verdict };
}

/** When and of what it was measured, beside what is there now. */
function measuredOf(
  evidence: Evidence,
  { present, unknown = {}, later = [] }: EvidenceFacts,
  table: KindTable,
): Pick<EvidenceState, 'measuredAtMs' | 'subjects' | 'judgedOnRelease'> {
  const { kind, subjects, measuredAtMs } = withEarlierSubjects(evidence, table);
  const rules = table[kind].subjects;
  const judgedOnRelease = rules.filter(({ subject }) => later.includes(subject)).map(({ subject }) => subject);
  return {
    measuredAtMs,
    subjects: rules
      .map(({ subject, knownBy }) => ({
        subject,
        knownBy,
        measured: subjects[subject] ?? null,
        present: present[subject] ?? null,
        ...(unknown[subject] === undefined ? {} : { unknown: unknown[subject] }),
      }))
      .filter(({ measured, present: now }) => measured !== null || now !== null),
    ...(judgedOnRelease.length === 0 ? {} : { judgedOnRelease }),
  };
}

/** The waiver in force that covers the row; one that does not is shown too, and does not count. */
function validWaiver(state: EvidenceState, { waivers, nowMs }: EvidenceFacts): Waiver | null {
  const valid = waivers.filter((waiver) => waiver.kind === state.kind && waiver.untilMs > nowMs);
  return chooseWaiver(valid, state);
}

/**
 * Whether a row lets a release through: not asked for, fresh and passing, covered by its waiver, or of a kind that is only
 * judged while a release is live.
 */
export function countsAsPassing(state: EvidenceState): boolean {
  const { freshness: standing, verdict, waiver, judgedLive } = state;
  if (judgedLive === true && standing !== 'fresh') return true;
  if (standing === 'not-asked' || (standing === 'fresh' && verdict === 'pass')) return true;
  return waiver !== undefined && coversState(waiver, state);
}

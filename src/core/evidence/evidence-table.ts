import type { Contract } from '../contract/contract.ts';
import { askingKey, asksFor } from './asked-for.ts';
import { freshness, type FreshnessAnswer } from './freshness.ts';
import { judgeEvidence } from './judges.ts';
import {
  evidenceKinds,
  type Evidence,
  type EvidenceKind,
  type EvidenceState,
  type Freshness,
  type Invalidation,
  type Waiver,
} from './lock/lock.ts';
import { isAvailable, notYetAvailable, renewCommand } from './renewal.ts';
import { dependenciesOf, subjectsOf, type SubjectDigests } from './subjects.ts';

export interface EvidenceFacts {
  readonly contract: Contract;
  readonly environment: string;
  /** Evidence of this environment in the lock. */
  readonly evidence: Readonly<Partial<Record<EvidenceKind, Evidence>>>;
  readonly present: SubjectDigests;
  /** Of this environment. */
  readonly waivers: readonly Waiver[];
  readonly invalidations: readonly Invalidation[];
  readonly nowMs: number;
}

/** The whole evidence table: one row per kind, in the fixed order, also for kinds that are not asked for. */
export function evidenceTable(facts: EvidenceFacts): readonly EvidenceState[] {
  const answers = freshnessTable(facts);
  return evidenceKinds.map((kind) => stateOf(kind, answers.get(kind) ?? null, facts));
}

/** Freshness of every kind, those that this version cannot measure yet included; null for one that is not asked for. */
export function freshnessTable(facts: EvidenceFacts): ReadonlyMap<EvidenceKind, FreshnessAnswer | null> {
  const answers = new Map<EvidenceKind, FreshnessAnswer | null>();
  for (const kind of evidenceKinds) answerOf(kind, facts, answers);
  return answers;
}

/** Null for a kind that is not asked for. Dependencies are answered first; the table of subjects has no cycle. */
function answerOf(
  kind: EvidenceKind,
  facts: EvidenceFacts,
  answers: Map<EvidenceKind, FreshnessAnswer | null>,
): FreshnessAnswer | null {
  const known = answers.get(kind);
  if (known !== undefined) return known;
  const dependencies: Partial<Record<EvidenceKind, Freshness>> = {};
  for (const dependency of dependenciesOf(kind)) {
    const answer = answerOf(dependency, facts, answers);
    if (answer !== null) dependencies[dependency] = answer.freshness;
  }
  const golden = mayBeCarried(kind) ? (answerOf('golden', facts, answers)?.freshness ?? 'not-asked') : null;
  const answer = asksFor(facts.contract, kind) ? askFreshness(kind, facts, dependencies, golden) : null;
  answers.set(kind, answer);
  return answer;
}

function askFreshness(
  kind: EvidenceKind,
  { contract, evidence, present, invalidations, nowMs }: EvidenceFacts,
  dependencies: Readonly<Partial<Record<EvidenceKind, Freshness>>>,
  goldenFreshness: Freshness | null,
): FreshnessAnswer {
  const maxAgeMs = contract.maxAgeMs[kind];
  const question = { kind, evidence: evidence[kind], present, invalidations, nowMs, maxAgeMs, dependencies };
  if (goldenFreshness === null) return freshness(question);
  return freshness({ ...question, golden: { freshness: goldenFreshness, evidence: evidence.golden } });
}

const mayBeCarried = (kind: EvidenceKind): boolean => subjectsOf[kind].some(({ carried }) => carried === true);

function stateOf(kind: EvidenceKind, answer: FreshnessAnswer | null, facts: EvidenceFacts): EvidenceState {
  const available = isAvailable(kind);
  if (answer === null) {
    return { kind, freshness: 'not-asked', verdict: 'unknown', reasons: [notAsked(kind, facts.contract)], available };
  }
  const waiver = validWaiver(kind, facts);
  const shared = { kind, available, ...(waiver === null ? {} : { waiver }) };
  const several = Object.keys(facts.contract.environments).length > 1;
  const renew = answer.remedy ?? renewCommand(kind, several ? facts.environment : undefined);
  if (!available) return { ...shared, freshness: 'missing', verdict: 'unknown', reasons: [notYetAvailable], renew };
  const evidence = facts.evidence[kind];
  const measured = evidence === undefined ? {} : { measuredAtMs: evidence.measuredAtMs };
  // What was measured of something else proves nothing of what is there now, so a stale kind has no verdict.
  if (answer.freshness !== 'fresh' || evidence === undefined) {
    return { ...shared, ...measured, freshness: answer.freshness, verdict: 'unknown', reasons: answer.reasons, renew };
  }
  const { verdict, reasons } = judgeEvidence(evidence, facts.contract);
  return { ...shared, ...measured, freshness: 'fresh', verdict, reasons, ...(verdict === 'pass' ? {} : { renew }) };
}

function notAsked(kind: EvidenceKind, { scaling }: Contract): string {
  const fixed = (kind === 'scaling' || kind === 'capacity') && scaling !== undefined;
  return fixed ? 'the number of replicas is fixed' : `the contract does not write \`${askingKey[kind]}\``;
}

/** The waiver that lasts longest, if any still does. */
function validWaiver(kind: EvidenceKind, { waivers, nowMs }: EvidenceFacts): Waiver | null {
  const valid = waivers.filter((waiver) => waiver.kind === kind && waiver.untilMs > nowMs);
  return valid.toSorted((a, b) => b.untilMs - a.untilMs)[0] ?? null;
}

/** Whether a row lets a release through: not asked for, waived, or fresh and passing. */
export function countsAsPassing({ freshness: state, verdict, waiver }: EvidenceState): boolean {
  return state === 'not-asked' || waiver !== undefined || (state === 'fresh' && verdict === 'pass');
}

import { formatDuration, formatElapsed } from '../units/quantity/quantity-duration.ts';
import { shortDigest, type Digest } from '../units/digest.ts';
import { movedPlace, notCarried, type GoldenCarrier } from './carried.ts';
import { featureChanges } from './features/feature-changes.ts';
import type { FeatureSources } from './features/feature-view.ts';
import { readFeatureSources } from './features/read-feature-sources.ts';
import { findInvalidation } from './invalidation.ts';
import type { SubjectRule } from './kinds/kind-row.ts';
import { kindTable, type KindTable } from './kinds/table.ts';
import type { Evidence, EvidenceKind, Freshness, Invalidation } from './lock/lock.ts';
import { dependenciesOf, type SubjectDigests } from './subjects.ts';

export interface FreshnessQuestion {
  /** Undefined when nothing was measured. */
  readonly evidence: Evidence | undefined;
  readonly kind: EvidenceKind;
  /** Every subject as it is now. */
  readonly present: SubjectDigests;
  /** Subjects that could be known and are not, with the reason. */
  readonly unknown?: Readonly<Record<string, string>>;
  /** Of this environment, any kind. */
  readonly invalidations: readonly Invalidation[];
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** When the store first saw this evidence; undefined for a judge without a store. */
  readonly firstSeenAtMs?: number | undefined;
  /** `maxAge.<kind>` of the contract. */
  readonly maxAgeMs?: number | undefined;
  /** What is known of the kinds that this one depends on; those that are not asked for have no entry. */
  readonly dependencies?: Readonly<Partial<Record<EvidenceKind, Freshness>>>;
  /** What computes features now: a reason says which of it moved. */
  readonly features?: FeatureSources | undefined;
  /** Golden evidence of the same environment: what may carry this evidence to another runtime or device class. */
  readonly golden?: GoldenCarrier;
}

export interface FreshnessAnswer {
  readonly freshness: Exclude<Freshness, 'not-asked'>;
  /** Empty for fresh; else which subject moved or is not known, from what to what, one sentence each. */
  readonly reasons: readonly string[];
  /** What the watch names as the remedy, when an invalidation made it stale. */
  readonly remedy?: string;
}

/** How the reason begins that only a running watch can know. */
export const invalidatedByWatch = 'invalidated by the watch: ';

/** Clocks of two machines may differ by this much before a time of measuring counts as one in the future. */
const clockSkewMs = 86_400_000;

/** Whether evidence still holds. Nothing else in the program decides this. */
export function freshness(question: FreshnessQuestion, table: KindTable = kindTable): FreshnessAnswer {
  if (question.evidence === undefined) return { freshness: 'missing', reasons: ['nothing was measured'] };
  const evidence = withEarlierSubjects(question.evidence, table);
  const since = heldSinceMs(question, evidence);
  const invalidation = findInvalidation(question.evidence, question.invalidations, since);
  const reasons = [
    ...movedSubjects(evidence, question, table[evidence.kind].subjects),
    ...staleDependencies(question, table),
    ...ageReasons(evidence, question),
    ...(invalidation === undefined ? [] : [invalidationReason(invalidation)]),
  ];
  const unknown = [...unknownSubjects(question, table), ...unknownDependencies(question, table)];
  if (reasons.length === 0 && unknown.length > 0) return { freshness: 'unknown', reasons: unknown };
  if (reasons.length === 0) return { freshness: 'fresh', reasons: [] };
  return { freshness: 'stale', reasons, ...(invalidation === undefined ? {} : { remedy: invalidation.remedy }) };
}

/** A time of measuring is the word of whoever measured; what was seen first after an invalidation is what lifts it. */
const heldSinceMs = ({ firstSeenAtMs }: FreshnessQuestion, { measuredAtMs }: Evidence): number =>
  Math.min(measuredAtMs, firstSeenAtMs ?? measuredAtMs);

/** Evidence with the subjects that a version before wrote into its measurements. */
export function withEarlierSubjects(evidence: Evidence, table: KindTable): Evidence {
  const earlier = table[evidence.kind].earlierSubjects?.(evidence.measurements);
  return earlier === undefined ? evidence : { ...evidence, subjects: { ...earlier, ...evidence.subjects } };
}

const invalidationReason = ({ reason, inFiles }: Invalidation): string =>
  inFiles === true ? reason : `${invalidatedByWatch}${reason}`;

function movedSubjects(
  evidence: Evidence,
  { present, golden, unknown = {}, features }: FreshnessQuestion,
  rules: readonly SubjectRule[],
): readonly string[] {
  const missing = movedPlace(evidence, present, rules) ? notCarried(evidence, golden) : null;
  const changes = featureChanges(readFeatureSources(evidence.measurements), features);
  const known = new Set(rules.map(({ subject }) => subject));
  const foreign = Object.keys(evidence.subjects).filter((subject) => !known.has(subject));
  return [
    ...rules.flatMap((rule) => {
      if (unknown[rule.subject] !== undefined) return [];
      const [then, now] = [evidence.subjects[rule.subject], present[rule.subject]];
      const isCarried = rule.carried === true && missing === null && then !== undefined && now !== undefined;
      return isCarried ? [] : movedSubject(rule, then, now, changes[rule.subject]);
    }),
    ...(missing === null ? [] : [missing]),
    ...foreign.map((subject) => `it was measured of \`${subject}\`, which this version does not know`),
  ];
}

function movedSubject(
  { subject, staleWhen, required }: SubjectRule,
  then: Digest | undefined,
  now: Digest | undefined,
  changes: readonly string[] = [],
) {
  if (now === undefined && required) return [`${subject} is not pinned`];
  if (then === undefined && required) return [`it does not say of which ${subject} it was measured`];
  if (staleWhen === 'gone') return then !== undefined && now === undefined ? [`${subject} is gone`] : [];
  const because = changes.length === 0 ? '' : `; ${changes.join('; ')}`;
  return then === now ? [] : [`${subject} moved: ${named(then)} -> ${named(now)}${because}`];
}

const named = (digest: Digest | undefined): string => (digest === undefined ? 'none' : shortDigest(digest));

function staleDependencies({ kind, dependencies = {} }: FreshnessQuestion, table: KindTable): readonly string[] {
  return dependenciesOf(kind, table).flatMap((dependency) => {
    const state = dependencies[dependency];
    return state === 'stale' || state === 'missing' ? [`${dependency} evidence, which it builds on, is ${state}`] : [];
  });
}

function unknownSubjects({ kind, unknown = {} }: FreshnessQuestion, table: KindTable): readonly string[] {
  return table[kind].subjects.flatMap(({ subject }) => {
    const reason = unknown[subject];
    return reason === undefined ? [] : [`the present ${subject} is not known: ${reason}`];
  });
}

function unknownDependencies({ kind, dependencies = {} }: FreshnessQuestion, table: KindTable): readonly string[] {
  return dependenciesOf(kind, table)
    .filter((dependency) => dependencies[dependency] === 'unknown')
    .map((dependency) => `${dependency} evidence, which it builds on, is unknown`);
}

function ageReasons(evidence: Evidence, { nowMs, maxAgeMs }: FreshnessQuestion): readonly string[] {
  const ageMs = nowMs - evidence.measuredAtMs;
  if (ageMs < -clockSkewMs) return ['it claims to be measured in the future'];
  if (maxAgeMs === undefined || ageMs <= maxAgeMs) return [];
  return [`measured ${formatElapsed(ageMs)} ago, and maxAge is ${formatDuration(maxAgeMs)}`];
}

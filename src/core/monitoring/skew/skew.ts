import { clopperPearson } from '../../statistics/distributions/binomial.ts';
import { rowsForShare } from '../../statistics/limits/required-rows.ts';
import { combineVerdicts, type Verdict } from '../../units/verdict.ts';

/** A value of a feature; null where it is missing. Lists and objects are compared as JSON. */
export type SkewValue = number | string | boolean | null;
export type SkewType = 'number' | 'text' | 'boolean';

/** The features of one entity. */
export type SkewRow = Readonly<Record<string, SkewValue>>;

export interface SkewTerms {
  /** Numbers are the same up to this, and up to this times the larger of both: 0.000001 takes 1,000,000 and 1,000,001 as the same. */
  readonly tolerance: number;
  /** Share of the entities that may differ in a feature. */
  readonly allowedShare: number;
  /** Of the limits of all features together. */
  readonly confidenceShare: number;
}

/** Both sides of one entity at one time. */
export interface SkewPair {
  /** For people: the entity and the time. */
  readonly key: string;
  readonly offline: SkewRow;
  readonly online: SkewRow;
}

export interface SkewExample {
  readonly key: string;
  readonly offline: SkewValue;
  readonly online: SkewValue;
  /** Of two numbers; null otherwise. */
  readonly difference: number | null;
}

export interface FeatureSkew {
  readonly feature: string;
  readonly verdict: Verdict;
  readonly reason: string;
  /** Entities of both sides, and those of them that differ. */
  readonly entities: number;
  readonly differ: number;
  /** Of the share that differs, exact (Clopper and Pearson). */
  readonly limits: { readonly lower: number; readonly upper: number };
  /** Of those that differ: where one side has no value. */
  readonly missingOffline: number;
  readonly missingOnline: number;
  /** Where both sides have a value, of different types. */
  readonly typesDiffer: number;
  readonly types: { readonly offline: readonly SkewType[]; readonly online: readonly SkewType[] };
  /** The largest differences of numbers first. */
  readonly examples: readonly SkewExample[];
}

export interface Skew {
  readonly verdict: Verdict;
  readonly features: readonly FeatureSkew[];
  readonly entities: number;
  /** Entities of one side alone: counted and not judged. */
  readonly onlyOffline: number;
  readonly onlyOnline: number;
  readonly examplesOnlyOffline: readonly string[];
  readonly examplesOnlyOnline: readonly string[];
}

const examplesAtMost = 3;

interface Tally {
  differ: number;
  missingOffline: number;
  missingOnline: number;
  typesDiffer: number;
  readonly offline: Set<SkewType>;
  readonly online: Set<SkewType>;
  examples: SkewExample[];
}

/** Adds entities one by one, and judges what was added. */
export interface SkewComparison {
  /** A side is null where it has no such entity. */
  add(key: string, offline: SkewRow | null, online: SkewRow | null): void;
  /**
   * One entity that was looked at several times: a feature differs where it differs at any of them. Entities are what is drawn at
   * random, and the times of one entity depend on each other.
   */
  addTimes(pairs: readonly SkewPair[]): void;
  judge(): Skew;
}

/**
 * Compares features of the same entities that were computed twice: offline for training, and online for serving.
 *
 * | of a feature | verdict |
 * |---|---|
 * | the lower limit of the share that differs is above what is allowed | fail |
 * | one side has no such column | fail |
 * | the upper limit is at most what is allowed | pass |
 * | no entity is on both sides, or the limits leave it open | unknown, with the number of entities that are missing |
 *
 * The limits of all features hold together: each has its part of the error.
 */
export function compareSkew(
  columns: { readonly offline: readonly string[]; readonly online: readonly string[] },
  terms: SkewTerms,
): SkewComparison {
  const names = [...new Set([...columns.offline, ...columns.online])];
  const tallies = new Map(names.map((name) => [name, emptyTally()]));
  let entities = 0;
  const only = { offline: 0, online: 0 };
  const examples = { offline: [] as string[], online: [] as string[] };
  const addTimes = (pairs: readonly SkewPair[]): void => {
    if (pairs.length === 0) return;
    entities += 1;
    for (const [name, tally] of tallies) addToTally(tally, worstOf(pairs, name, terms.tolerance), terms.tolerance);
  };
  return {
    add(key, offline, online) {
      if (offline === null || online === null) {
        const side = offline === null ? 'online' : 'offline';
        only[side] += 1;
        if (examples[side].length < examplesAtMost) examples[side].push(key);
        return;
      }
      addTimes([{ key, offline, online }]);
    },
    addTimes,
    judge() {
      const part = 1 - (1 - terms.confidenceShare) / Math.max(1, names.length);
      const features = [...tallies].map(([feature, tally]): FeatureSkew => {
        const { offline, online, ...counts } = tally;
        const limits = entities === 0 ? { lower: 0, upper: 1 } : clopperPearson(tally.differ, entities, part);
        const sides = { offline: columns.offline.includes(feature), online: columns.online.includes(feature) };
        const types = { offline: [...offline].sort(), online: [...online].sort() };
        const judged = judgeFeature(sides, tally.differ, entities, limits, terms.allowedShare, part);
        return { feature, ...judged, entities, limits, ...counts, types };
      });
      return {
        verdict: combineVerdicts(features.map(({ verdict }) => verdict)),
        features,
        entities,
        onlyOffline: only.offline,
        onlyOnline: only.online,
        examplesOnlyOffline: examples.offline,
        examplesOnlyOnline: examples.online,
      };
    },
  };
}

const valueOf = (row: SkewRow, name: string): SkewValue => (Object.hasOwn(row, name) ? (row[name] ?? null) : null);

const emptyTally = (): Tally => ({
  ...{ differ: 0, missingOffline: 0, missingOnline: 0, typesDiffer: 0, examples: [] },
  offline: new Set(),
  online: new Set(),
});

interface ComparedValue {
  readonly key: string;
  readonly offline: SkewValue;
  readonly online: SkewValue;
}

/** The largest difference of numbers, else one of another kind, else the first time. */
function worstOf([first, ...others]: readonly SkewPair[], name: string, tolerance: number): ComparedValue {
  const at = ({ key, offline, online }: SkewPair): ComparedValue => ({
    key,
    offline: valueOf(offline, name),
    online: valueOf(online, name),
  });
  if (first === undefined) throw new RangeError('an entity was looked at once at least');
  return others
    .map(at)
    .reduce((worst, each) => (rankOf(each, tolerance) > rankOf(worst, tolerance) ? each : worst), at(first));
}

const rankOf = ({ offline, online }: ComparedValue, tolerance: number): number =>
  isSame(offline, online, tolerance) ? -1 : (differenceOf(offline, online) ?? 0);

const differenceOf = (offline: SkewValue, online: SkewValue): number | null =>
  typeof offline === 'number' && typeof online === 'number' ? Math.abs(offline - online) : null;

function addToTally(tally: Tally, { key, offline, online }: ComparedValue, tolerance: number): void {
  const [of, on] = [typeOf(offline), typeOf(online)];
  if (of !== null) tally.offline.add(of);
  if (on !== null) tally.online.add(on);
  if (isSame(offline, online, tolerance)) return;
  tally.differ += 1;
  if (of === null) tally.missingOffline += 1;
  else if (on === null) tally.missingOnline += 1;
  else if (of !== on) tally.typesDiffer += 1;
  const difference = differenceOf(offline, online);
  const smallest = tally.examples.at(-1);
  if (tally.examples.length === examplesAtMost && (difference ?? -1) <= (smallest?.difference ?? -1)) return;
  tally.examples = [...tally.examples, { key, offline, online, difference }]
    .sort((a, b) => (b.difference ?? -1) - (a.difference ?? -1))
    .slice(0, examplesAtMost);
}

function typeOf(value: SkewValue): SkewType | null {
  if (value === null) return null;
  return typeof value === 'number' ? 'number' : typeof value === 'string' ? 'text' : 'boolean';
}

function isSame(offline: SkewValue, online: SkewValue, tolerance: number): boolean {
  if (offline === online) return true;
  if (typeof offline !== 'number' || typeof online !== 'number') return false;
  return Math.abs(offline - online) <= tolerance * Math.max(1, Math.abs(offline), Math.abs(online));
}

function judgeFeature(
  sides: { readonly offline: boolean; readonly online: boolean },
  differ: number,
  entities: number,
  limits: FeatureSkew['limits'],
  allowed: number,
  confidence: number,
): Pick<FeatureSkew, 'verdict' | 'reason'> {
  if (!sides.offline || !sides.online) {
    return { verdict: 'fail', reason: `there is no such column ${sides.offline ? 'online' : 'offline'}` };
  }
  if (entities === 0) return { verdict: 'unknown', reason: 'no entity is on both sides' };
  if (limits.lower > allowed)
    return { verdict: 'fail', reason: `at least ${percent(limits.lower)} of the entities differ` };
  if (limits.upper <= allowed)
    return { verdict: 'pass', reason: `at most ${percent(limits.upper)} of the entities differ` };
  const needed = rowsNeeded(differ, entities, allowed, confidence);
  const more =
    needed === null ? 'more entities do not decide it' : `about ${needed - entities} more entities decide it`;
  return {
    verdict: 'unknown',
    reason: `${percent(limits.lower)} to ${percent(limits.upper)} of the entities differ; ${more}`,
  };
}

/** Null where the share is on the limit. At least one more than there are. */
function rowsNeeded(differ: number, entities: number, allowed: number, confidence: number): number | null {
  const rows =
    differ === 0
      ? Math.ceil(Math.log(1 - confidence) / Math.log(1 - allowed))
      : rowsForShare(differ / entities, allowed, confidence);
  return rows === null || !Number.isFinite(rows) ? null : Math.max(entities + 1, rows);
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))}%`;

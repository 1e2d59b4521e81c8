import type { Cause, Experiment, Suspicion } from '../cause.ts';
import type { EffectInterval } from './effect.ts';
import { relevantShare } from './experiment-plan.ts';
import type { Finding, ShownCause, TriedExperiment } from './finding.ts';
import { findRemedy } from './remedies.ts';
import { costStarvation, type AcceleratorTerms } from './starvation-cost.ts';

const none: Finding = {
  verdict: 'none',
  cause: null,
  effect: null,
  alsoShown: [],
  alsoFits: [],
  likeliest: [],
  deciding: null,
  cost: null,
  remedy: null,
  gain: null,
  experiments: [],
};

/**
 * What a cause brings about that looks like another cause, and is helped by its experiment: a server that gets no core takes up the
 * answers of its upstream late, memory that is short drops files, files that stay in memory need no disk, and a generator that takes up
 * its answers late makes the way look long.
 */
const late = ['network', 'preprocessing', 'batching', 'queue', 'upstream'] as const;
const broughtAbout: Partial<Readonly<Record<Cause, readonly Cause[]>>> = {
  'cpu-quota': [...late, 'cpu-pressure', 'generator'],
  'cpu-pressure': [...late, 'generator'],
  'cpu-thread': ['network', 'batching', 'queue', 'upstream'],
  'memory-pressure': [...late, 'page-cache', 'storage'],
  'page-cache': ['storage'],
  generator: ['network'],
};

/**
 * Returns the finding of a diagnosis.
 *
 * | suspicions | experiments | verdict |
 * |---|---|---|
 * | none | - | `none` |
 * | some | one is shown, and another suspicion that would bring it about is open and may help as much | `undetermined` |
 * | some | one is shown | `shown`: of several one that no other brings about, with the greatest lower limit |
 * | some | each suspicion is excluded | `none` |
 * | some | else | `undetermined` |
 */
export function decideFinding(
  suspicions: readonly Suspicion[],
  experiments: readonly TriedExperiment[],
  terms: AcceleratorTerms,
): Finding {
  const causesOf = (kind: 'shown' | 'excluded'): ReadonlySet<Cause> =>
    new Set(experiments.flatMap(({ outcome, causes }) => (outcome.kind === kind ? causes : [])));
  const [shown, excluded] = [causesOf('shown'), causesOf('excluded')];
  const open = suspicions.filter(({ cause }) => !excluded.has(cause));
  const [first, ...others] = shownCauses(experiments);
  if (first !== undefined && !open.some(({ cause }) => !shown.has(cause) && mayExplain(cause, first, experiments))) {
    return shownFinding(first, others, experiments, terms);
  }
  if (open.length === 0) return { ...none, experiments };
  const likeliest = open.slice(0, 2);
  return { ...none, verdict: 'undetermined', likeliest, deciding: decidingExperiment(open, experiments), experiments };
}

/**
 * Returns the suspicions in the order in which experiments are tried: first those that would bring about most of the others, because the
 * others cannot be named before they are decided; then the stronger ones.
 */
export function orderForExperiments(suspicions: readonly Suspicion[]): readonly Suspicion[] {
  const explained = ({ cause }: Suspicion): number =>
    suspicions.filter((other) => broughtAbout[cause]?.includes(other.cause) === true).length;
  return suspicions.toSorted((a, b) => explained(b) - explained(a) || b.strength - a.strength);
}

/** Whether a shown cause brings all of these about, so that their experiment would tell nothing. */
export const isExplainedBy = (causes: readonly Cause[], shown: readonly Cause[]): boolean =>
  causes.every((cause) => shown.some((each) => broughtAbout[each]?.includes(cause) === true));

/**
 * Returns the experiments of the suspicions, likeliest suspicion first, each once with all causes that it takes away.
 */
export function groupByExperiment(
  suspicions: readonly Suspicion[],
): readonly { readonly experiment: Experiment; readonly causes: readonly Cause[] }[] {
  const groups = new Map<Experiment, Cause[]>();
  for (const { experiment, cause } of suspicions) {
    if (experiment === null) continue;
    const causes = groups.get(experiment);
    if (causes === undefined) groups.set(experiment, [cause]);
    else if (!causes.includes(cause)) causes.push(cause);
  }
  return [...groups].map(([experiment, causes]) => ({ experiment, causes }));
}

/** A cause whose own experiment helps less than this part of the shown effect, for certain, does not explain that effect. */
const explainingShare = 0.5;

/**
 * Whether the cause would bring the shown one about: unless it was measured to help less for certain, and seems not to help at all or
 * helps less than half as much.
 */
function mayExplain(cause: Cause, { cause: shown, effect }: Shown, experiments: readonly TriedExperiment[]): boolean {
  if (broughtAbout[cause]?.includes(shown) !== true) return false;
  return !experiments.some(
    ({ causes, outcome }) =>
      causes.includes(cause) &&
      outcome.kind !== 'not-run' &&
      outcome.effect.upper < effect.lower &&
      (outcome.effect.estimate < relevantShare || outcome.effect.upper < explainingShare * effect.lower),
  );
}

interface Shown extends ShownCause {
  readonly alsoFits: readonly Cause[];
}

function shownCauses(experiments: readonly TriedExperiment[]): readonly Shown[] {
  const found = experiments.flatMap(({ causes, outcome }): readonly Shown[] => {
    const [cause, ...alsoFits] = causes;
    return outcome.kind === 'shown' && cause !== undefined ? [{ cause, effect: outcome.effect, alsoFits }] : [];
  });
  const consequences = new Set(found.flatMap(({ cause }) => broughtAbout[cause] ?? []));
  const rank = ({ cause }: Shown): number => (consequences.has(cause) ? 1 : 0);
  return found.toSorted((a, b) => rank(a) - rank(b) || b.effect.lower - a.effect.lower);
}

function shownFinding(
  { cause, effect, alsoFits }: Shown,
  others: readonly Shown[],
  experiments: readonly TriedExperiment[],
  terms: AcceleratorTerms,
): Finding {
  return {
    ...none,
    verdict: 'shown',
    cause,
    effect,
    alsoFits,
    alsoShown: others.map((each) => ({ cause: each.cause, effect: each.effect })),
    cost: costStarvation(effect, terms),
    ...findRemedy(cause, effect),
    experiments,
  };
}

/** One that has not been run before one that ran and showed too little: of that one a longer run decides. */
function decidingExperiment(open: readonly Suspicion[], experiments: readonly TriedExperiment[]): Experiment | null {
  const measured = new Set(
    experiments.flatMap(({ experiment, outcome }) => (outcome.kind === 'not-run' ? [] : [experiment])),
  );
  const possible = open.flatMap(({ experiment }) => (experiment === null ? [] : [experiment]));
  return possible.find((experiment) => !measured.has(experiment)) ?? possible[0] ?? null;
}

/** Returns an effect in words: `42% more answers (at least 31%, at most 55%)`. */
export function formatEffect({ estimate, lower, upper }: EffectInterval): string {
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  const most = upper === Infinity ? 'no upper limit' : `at most ${percent(upper)}`;
  return `${percent(estimate)} more answers (${lower <= -1 ? 'no lower limit' : `at least ${percent(lower)}`}, ${most})`;
}

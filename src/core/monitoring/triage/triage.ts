import type { Besides, Decider, Sign, TriageAnswer } from './answer.ts';
import { controlDecider, featuresDecider, goldenDecider, labelsAnewDecider, type Finding } from './finding.ts';
import { judgeArtifact, judgeNode, judgeRuntime } from './machine-causes.ts';
import type { Observations } from './observations.ts';
import { describeSigns, signTable } from './signs.ts';
import { isGoldenGood, readObservations, type Reading } from './reading.ts';
import { judgeConcept, judgeData, judgeRouting } from './traffic-causes.ts';

type Proven = Extract<Finding, { state: 'proven' }>;

/**
 * Names the cause of an alarm, or abstains and says which observation would decide. Pure; the order of the lists that it
 * is given does not matter.
 *
 * Order of trust: digests of files, golden replays (twice in a row), the random share, distances to the reference, labels.
 * Errors of hardware and ordinary traffic raise a suspicion and prove nothing. Changes explain and prove nothing.
 *
 * | row | golden replays | random share | inputs | outputs | quality | besides | answer |
 * |---|---|---|---|---|---|---|---|
 * | 1 | fail on one node, a peer passes | that replica, or no other | any | any | any | | node |
 * | 2 | pass | names one replica that has a peer | any | any | any | no change near | node |
 * | 3 | fail with one runtime, twice or more; pass with another | in the failing ones, or no other | any | any | any | | runtime |
 * | 4 | fail everywhere, twice or more | no replica | any | any | any | runtime changed near, files match, no release | runtime |
 * | 5 | fail where files differ | no other | any | any | any | files differ | artifact |
 * | 6 | pass | no replica | moved | any | any | no release near | data |
 * | 7 | pass | none, enough rows | stable | stable | fell | no change near | concept |
 * | 8 | pass | none, enough rows | stable | any | not fell | ordinary traffic differs; shares skewed or routing changed | routing |
 * | 9 | rows 1, 3, 4 or 5 | as there | moved | any | any | no release near | both |
 * | 10 | fail on some replicas | names another one | any | any | any | | abstains: contradiction |
 * | 11 | fail everywhere | any | any | any | any | files not looked at, or no change of runtime | abstains |
 * | 12 | fail where node and runtime go together | any | any | any | any | | abstains |
 * | 13 | pass | no replica | stable | moved | any | | abstains: nothing explains the outputs |
 * | 14 | unknown, or failed once | any | any | any | any | | abstains |
 * | 15 | pass | releases differ | any | any | any | | abstains: the judge of the rollout decides |
 * | 16 | pass | none, enough rows | unknown | moved | any | an alarm says that inputs changed; files match; no change near | data |
 * | 17 | any | any | any | any | any | a replica gets other requests than the random share; no change near but of routing | routing, beside what else is proven |
 *
 * A peer has the same release, runtime and device class. `unknown` is never read as passed, stable or alike: a cause whose
 * proof needs an observation abstains without it. A sign that no proven cause explains makes the answer abstain, so that
 * several causes are named only where each is proven. A release near the onset explains inputs, outputs and quality; scaling and routing explain
 * all but inputs, golden replays and files.
 */
export function triage(observed: Observations): TriageAnswer {
  const reading = readObservations(observed);
  const { signs } = reading;
  if (signs.length === 0) return answerWithoutSigns(reading);
  const contradiction = findContradiction(reading);
  if (contradiction !== null) return { verdict: 'abstains', ...contradiction, signs };
  const findings = judgeAll(reading);
  const proven = findings.filter((finding): finding is Proven => finding.state === 'proven');
  const unexplained = signs.filter((sign) => !proven.some(({ explains }) => explains.includes(sign)));
  if (proven.length === 0 || unexplained.length > 0) {
    const decides = joinDeciders([...decidersOf(findings), ...unexplained.map((sign) => signTable[sign].decides)]);
    return { verdict: 'abstains', why: describeUnexplained(proven, unexplained), decides, signs };
  }
  const besides = describeHidden(reading, proven);
  return {
    verdict: 'named',
    causes: proven.map(({ named }) => named),
    signs,
    ...(besides === null ? {} : { besides }),
  };
}

/**
 * What may be off under the causes that are named, and cannot be told. Quality that fell with another cause says nothing of the
 * truth; inputs that changed by an unknown distance may or may not have left what was evaluated. A truth that moved is known by
 * labels alone: labels that are wrong look the same, until somebody gives some anew.
 */
function describeHidden({ observed }: Reading, proven: readonly Proven[]): Besides | null {
  const causes = proven.map(({ named }) => named.cause);
  const { quality, inputs, changedInputs = [] } = observed;
  const hidesTruth = quality.verdict === 'fell' && !causes.includes('concept');
  const hidesInputs = inputs.verdict === 'unknown' && changedInputs.length > 0 && !causes.includes('data');
  const hidesLabels = causes.includes('concept');
  if (!hidesTruth && !hidesInputs && !hidesLabels) return null;
  const observation = causes.includes('data')
    ? 'labels of requests whose inputs are as evaluated'
    : `labels of answers from after the ${causes.join(' and ')} is mended`;
  return {
    why: [
      ...(hidesTruth ? ['quality fell with it; whether the truth moved too is not known'] : []),
      ...(hidesInputs
        ? [`inputs changed, by a distance that is not known: ${changedInputs.toSorted().join(', ')}`]
        : []),
      ...(hidesLabels ? ['labels that are wrong would look the same'] : []),
    ].join('; '),
    decides: [
      ...(hidesLabels ? [labelsAnewDecider] : []),
      ...(hidesTruth ? [{ observation, command: null }] : []),
      ...(hidesInputs ? [featuresDecider('inputs')] : []),
    ],
  };
}

function judgeAll(reading: Reading): readonly Finding[] {
  const machine = [judgeNode(reading), judgeRuntime(reading), judgeArtifact(reading)];
  const isFaultProven = reading.failing.length > 0 && machine.some(({ state }) => state === 'proven');
  return [...machine, judgeData(reading, isFaultProven), judgeConcept(reading), judgeRouting(reading)];
}

function findContradiction({ failing, replicas }: Reading): { why: string; decides: readonly Decider[] } | null {
  if (failing.length === 0 || replicas.verdict !== 'named' || replicas.arm === null) return null;
  const { arm } = replicas;
  if (failing.some(({ replicaId }) => replicaId === arm)) return null;
  const ids = failing.map(({ replicaId }) => replicaId);
  return {
    why: `golden replays fail on ${ids.join(', ')}, and the random share names ${arm}`,
    decides: [goldenDecider([arm, ...ids])],
  };
}

function answerWithoutSigns(reading: Reading): TriageAnswer {
  const { inputs, outputs, quality } = reading.observed;
  const isAllGood =
    isGoldenGood(reading) &&
    reading.replicas.verdict === 'none' &&
    inputs.verdict === 'stable' &&
    outputs.verdict === 'stable' &&
    quality.verdict === 'held';
  if (isAllGood) return { verdict: 'nothing', signs: [] };
  const undecided = reading.undecided.map(({ replicaId }) => replicaId);
  const decides = joinDeciders([
    ...(isGoldenGood(reading) ? [] : [goldenDecider(undecided)]),
    ...(reading.replicas.verdict === 'none' ? [] : [controlDecider]),
    ...decidersOf(judgeAll(reading)),
    ...(outputs.verdict === 'unknown' ? [featuresDecider('outputs')] : []),
  ]);
  const why = 'nothing that was observed is off, and not everything was observed';
  return { verdict: 'abstains', why, decides, signs: [] };
}

/** `the outputs moved; node is proven and does not explain this`. */
function describeUnexplained(proven: readonly Proven[], unexplained: readonly Sign[]): string {
  const seen = describeSigns(unexplained);
  if (proven.length === 0) return `${seen}; no cause is proven`;
  const named = proven.map(({ named: { cause } }) => cause).join(' and ');
  return `${seen}; ${named} ${proven.length === 1 ? 'is' : 'are'} proven and ${proven.length === 1 ? 'does' : 'do'} not explain this`;
}

function decidersOf(findings: readonly Finding[]): readonly Decider[] {
  return findings.flatMap((finding) => (finding.state === 'open' ? finding.decides : []));
}

/** Each decider once, in the order of trust. */
function joinDeciders(all: readonly Decider[]): readonly Decider[] {
  return all.filter(({ observation }, index) => all.findIndex((other) => other.observation === observation) === index);
}

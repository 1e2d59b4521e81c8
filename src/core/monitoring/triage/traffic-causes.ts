import type { Decider } from './answer.ts';
import {
  absent,
  controlDecider,
  featuresDecider,
  filesDecider,
  goldenDecider,
  openFor,
  proven,
  unsettled,
  type Finding,
} from './finding.ts';
import { hasPinnedFiles, isGoldenGood, type Reading } from './reading.ts';

const labelsDecider: Decider = { observation: 'more labels', command: null };

/**
 * The inputs left what was evaluated. Clients make the inputs, so no replica and no scaling explains them; a release does,
 * because it brings another reference.
 */
export function judgeData(reading: Reading, isFaultProven: boolean): Finding {
  const { inputs, outputs, quality } = reading.observed;
  if (inputs.verdict === 'unknown') return judgeChangedInputs(reading);
  if (inputs.verdict === 'stable') return absent;
  const missing = [
    ...unsettled(reading, ['release', 'rollback', 'rollout-step']),
    ...(isFaultProven || isGoldenGood(reading) ? [] : [goldenDecider(idsWithoutPass(reading))]),
  ];
  if (missing.length > 0) return openFor(...missing);
  const what = inputs.features.length === 0 ? 'the inputs' : inputs.features.toSorted().join(', ');
  return proven(
    'data',
    [],
    [
      ...(isFaultProven ? [] : ['golden replays pass on every replica']),
      `inputs left their reference: ${what}`,
      ...(outputs.verdict === 'moved' ? ['outputs left their reference with them'] : []),
      ...(quality.verdict === 'fell' ? ['quality fell with them'] : []),
    ],
    ['inputs-moved', 'outputs-moved', 'quality-fell'],
  );
}

/**
 * Outputs left what was evaluated, and inputs changed, which an alarm says: no single distance of an input shows how far, as
 * where other classes come. Everything else that makes outputs is known to be as it was.
 */
function judgeChangedInputs(reading: Reading): Finding {
  const { outputs, quality, changedInputs = [], files } = reading.observed;
  if (outputs.verdict !== 'moved' || changedInputs.length === 0) return openFor(featuresDecider('inputs'));
  const missing = [
    ...unsettled(reading, ['release', 'rollback', 'rollout-step', 'scaling', 'routing', 'runtime']),
    ...missingOfReplicas(reading),
    ...(reading.passing.every(({ replicaId }) => hasPinnedFiles(files, replicaId)) ? [] : [filesDecider]),
  ];
  if (missing.length > 0) return openFor(featuresDecider('inputs'), ...missing);
  return proven(
    'data',
    [],
    [
      'golden replays pass on every replica, and their files are the pinned ones',
      'the random share finds no replica that differs',
      `inputs changed: ${changedInputs.toSorted().join(', ')}`,
      'outputs left their reference with them',
      ...(quality.verdict === 'fell' ? ['quality fell with them'] : []),
    ],
    ['outputs-moved', 'quality-fell'],
  );
}

/** The same inputs and answers, on replicas that are good, are worth less. */
export function judgeConcept(reading: Reading): Finding {
  const { inputs, outputs, quality } = reading.observed;
  if (quality.verdict === 'held') return absent;
  if (quality.verdict === 'unknown') return openFor(labelsDecider);
  if (inputs.verdict === 'moved') return absent;
  const missing = [
    ...unsettled(reading, ['release', 'rollback', 'rollout-step', 'scaling', 'routing', 'runtime']),
    ...missingOfReplicas(reading),
    ...(inputs.verdict === 'unknown' ? [featuresDecider('inputs')] : []),
    ...(outputs.verdict === 'unknown' ? [featuresDecider('outputs')] : []),
  ];
  if (missing.length > 0) return openFor(...missing);
  if (outputs.verdict === 'moved') return absent;
  return proven(
    'concept',
    [],
    [
      'golden replays pass on every replica',
      'the random share finds no replica that differs',
      'inputs and outputs stay with their reference',
      'labels say that quality fell',
    ],
    ['quality-fell'],
  );
}

/**
 * Ordinary traffic differs where traffic that is drawn at random does not: who gets which requests is off. Two samples of
 * one replica prove it by themselves, because what is wrong with the replica is in both; else replicas must be known to be good.
 */
export function judgeRouting(reading: Reading): Finding {
  const { inputs, traffic } = reading.observed;
  if (traffic.verdict !== 'differs') return absent;
  const changed = reading.near.find(({ kind }) => kind === 'routing');
  const isSkewed = traffic.shares === 'skewed';
  const isWithinReplica = traffic.features !== undefined && isSkewed;
  const ofReplicas = missingOfReplicas(reading);
  const missing = [
    ...unsettled(reading, ['release', 'rollback', 'rollout-step', 'scaling', 'runtime']),
    ...(isWithinReplica ? [] : [...ofReplicas, ...(inputs.verdict === 'stable' ? [] : [featuresDecider('inputs')])]),
    ...(isSkewed || changed !== undefined
      ? []
      : [{ observation: 'the shares that replicas get', command: 'plimsoll status' }]),
  ];
  if (missing.length > 0) return openFor(...missing);
  const areGood = ofReplicas.length === 0;
  return proven(
    'routing',
    [],
    [
      ...(areGood ? ['golden replays pass on every replica', 'the random share finds no replica that differs'] : []),
      `ordinary traffic differs${traffic.arm === null ? '' : ` at ${traffic.arm}`}`,
      ...(isWithinReplica ? [describeSkew(traffic.features)] : []),
      ...(isSkewed && !isWithinReplica ? ['replicas do not get the shares that were ordered'] : []),
      ...(changed === undefined ? [] : [`routing changed: ${changed.what}`]),
    ],
    ['traffic-differs', ...(isSkewed && areGood ? (['outputs-moved'] as const) : [])],
  );
}

const describeSkew = (names: readonly string[] = []): string =>
  `it gets other requests than the random share${names.length === 0 ? '' : `, by ${names.join(', ')}`}`;

/** What is missing until the replicas are known to be good: golden replays, and the random share besides. */
function missingOfReplicas(reading: Reading): readonly Decider[] {
  return [
    ...(isGoldenGood(reading) ? [] : [goldenDecider(idsWithoutPass(reading))]),
    ...(reading.replicas.verdict === 'none' ? [] : [controlDecider]),
  ];
}

function idsWithoutPass({ failing, undecided }: Reading): readonly string[] {
  return [...failing, ...undecided].map(({ replicaId }) => replicaId).toSorted();
}

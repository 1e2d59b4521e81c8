import type { Sign } from './answer.ts';
import {
  absent,
  controlDecider,
  filesDecider,
  goldenDecider,
  nameReplica,
  openFor,
  proven,
  unsettled,
  type Finding,
} from './finding.ts';
import type { Change, NodeEvent, ReplicaGolden } from './observations.ts';
import { hasPinnedFiles, isPeer, isSameText, nameEvent, sortTexts, type Reading } from './reading.ts';

const ofAnswers: readonly Sign[] = ['outputs-moved', 'quality-fell'];
/** What may make one replica's answers others without any fault. */
const unsettling: readonly Change['kind'][] = ['release', 'rollback', 'rollout-step', 'scaling', 'routing', 'runtime'];

/** Something of one machine: its replicas fail the golden set, or answer otherwise, and their peers do not. */
export function judgeNode(reading: Reading): Finding {
  if (reading.failing.length > 0) return judgeFailingNode(reading);
  if (reading.replicas.verdict === 'named') return judgeNamedReplica(reading, reading.replicas);
  return reading.errors.length > 0 ? openFor(goldenDecider(replicasAtErrors(reading))) : absent;
}

function judgeFailingNode(reading: Reading): Finding {
  const { failing, passing, undecided, corrupt } = reading;
  const [first] = failing;
  if (first === undefined || failing.some(({ replicaId }) => corrupt.includes(replicaId))) return absent;
  const isOneNode = failing.length === 1 || failing.every(({ node }) => isSameText(node, first.node));
  if (!isOneNode) return absent;
  if (undecided.length > 0) return openFor(goldenDecider(idsOf(undecided)));
  const peers = failing.map((replica) => passing.find((other) => isPeer(replica, other)));
  if (peers.some((peer) => peer === undefined)) {
    const observation = 'a golden replay on another node, with the same release, runtime and device class';
    return openFor({ observation, command: null });
  }
  const evidence = [
    `golden replays fail: ${failing.map(nameReplica).join(', ')}`,
    `golden replays pass with the same release, runtime and device class: ${passing.map(nameReplica).join(', ')}`,
  ];
  return nodeProven(reading, failing, ['golden-fails'], evidence);
}

function judgeNamedReplica(
  reading: Reading,
  { arm, rows }: { readonly arm: string | null; readonly rows: number },
): Finding {
  const { passing, undecided, corrupt } = reading;
  if (arm === null) return openFor(controlDecider);
  if (undecided.length > 0) return openFor(goldenDecider(idsOf(undecided)));
  const named = passing.find(({ replicaId }) => replicaId === arm);
  if (named === undefined) return openFor(goldenDecider([arm]));
  if (corrupt.includes(arm)) return openFor(filesDecider);
  const changes = unsettled(reading, unsettling);
  if (changes.length > 0) return openFor(...changes);
  const peers = passing.filter((other) => other !== named && isPeer(named, other));
  if (peers.length === 0) return openFor(controlDecider);
  const evidence = [
    `the random share names ${nameReplica(named)} over ${rows} rows`,
    `its peers have the same release, runtime and device class: ${peers.map(nameReplica).join(', ')}`,
    'golden replays pass everywhere: the fault depends on the input',
  ];
  return nodeProven(reading, [named], [], evidence);
}

function nodeProven(
  reading: Reading,
  replicas: readonly ReplicaGolden[],
  signs: readonly Sign[],
  evidence: readonly string[],
): Finding {
  const isThere = (event: NodeEvent): boolean => replicas.some(({ node }) => node === event.node);
  const there = reading.errors.filter(isThere);
  const below = reading.outliers.filter((event) => isThere(event) && !there.includes(event));
  const isAllThere = there.length === reading.errors.length;
  return proven(
    'node',
    idsOf(replicas),
    [...evidence, ...namedByControl(reading, replicas), ...[...there, ...below].map(nameEvent)],
    [...signs, ...ofAnswers, ...explainArms(reading, replicas), ...(isAllThere ? (['hardware-error'] as const) : [])],
  );
}

/** Several replicas fail, all with one runtime; the same release passes with another runtime, or passed with it. */
export function judgeRuntime(reading: Reading): Finding {
  const { failing, passing, undecided, corrupt, errors } = reading;
  const [first] = failing;
  if (first === undefined || corrupt.length > 0) return absent;
  const { fingerprint } = first;
  if (fingerprint === null || failing.some((other) => other.fingerprint !== fingerprint)) return absent;
  if (passing.some((other) => other.fingerprint === null || other.fingerprint === fingerprint)) return absent;
  if (undecided.length > 0) return openFor(goldenDecider(idsOf(undecided)));
  if (errors.length > 0) return openFor(goldenDecider(replicasAtErrors(reading)));
  if (failing.length < 2) return openFor(secondReplica(fingerprint));
  return passing.length > 0
    ? judgeOtherRuntime(reading, first, fingerprint)
    : judgeRuntimeBefore(reading, first, fingerprint);
}

const secondReplica = (fingerprint: string) => ({
  observation: `a golden replay on another node with runtime ${fingerprint}, and one with another runtime`,
  command: null,
});

function judgeOtherRuntime(reading: Reading, first: ReplicaGolden, fingerprint: string): Finding {
  const { failing, passing } = reading;
  const isOneRelease = [...failing, ...passing].every(({ release }) => release === first.release);
  const contrasts = passing.filter((other) => isSameText(other.deviceClass, first.deviceClass));
  const isOneClass = failing.every(({ deviceClass }) => isSameText(deviceClass, first.deviceClass));
  if (!isOneRelease || !isOneClass || contrasts.length === 0) return openFor(secondReplica(fingerprint));
  const nodes = sortTexts(failing.flatMap(({ node }) => (node === null ? [] : [node])));
  if (nodes.length < 2 && !contrasts.some(({ node }) => isSameText(node, first.node))) {
    return openFor(secondReplica(fingerprint));
  }
  return runtimeProven(
    reading,
    ['golden-fails', ...explainArms(reading, failing)],
    [
      `golden replays fail with runtime ${fingerprint}: ${failing.map(nameReplica).join(', ')}`,
      `golden replays of the same release pass with another runtime: ${contrasts.map(nameReplica).join(', ')}`,
    ],
  );
}

function judgeRuntimeBefore(reading: Reading, first: ReplicaGolden, fingerprint: string): Finding {
  const { failing, near, observed } = reading;
  const changed = near.find((change) => change.kind === 'runtime' && change.fingerprint === fingerprint);
  if (changed === undefined) {
    return openFor(filesDecider, {
      observation: 'the runtime that the replicas had when the golden set last passed',
      command: 'plimsoll history --kind replica',
    });
  }
  const released = unsettled(reading, ['release', 'rollback', 'rollout-step']);
  if (released.length > 0) return openFor(...released);
  if (failing.some(({ release }) => release !== first.release)) return openFor(secondReplica(fingerprint));
  const isIntact = failing.every(({ replicaId }) => hasPinnedFiles(observed.files, replicaId));
  if (!isIntact) return openFor(filesDecider);
  return runtimeProven(
    reading,
    ['golden-fails'],
    [
      `golden replays fail on all ${failing.length} replicas, with runtime ${fingerprint}`,
      `the runtime changed: ${changed.what}`,
      'the files of the model have the pinned digest',
    ],
  );
}

function runtimeProven({ failing }: Reading, signs: readonly Sign[], evidence: readonly string[]): Finding {
  return proven('runtime', idsOf(failing), evidence, [...signs, ...ofAnswers]);
}

/** The files that the failing replicas read are not the pinned ones. */
export function judgeArtifact(reading: Reading): Finding {
  const { failing, passing, undecided, corrupt, observed } = reading;
  if (corrupt.length === 0) {
    const isIntact = failing.every(({ replicaId }) => hasPinnedFiles(observed.files, replicaId));
    return failing.length === 0 || passing.length > 0 || isIntact ? absent : openFor(filesDecider);
  }
  const others = [...passing.filter(({ replicaId }) => corrupt.includes(replicaId)), ...undecided];
  if (others.length > 0) return openFor(goldenDecider(idsOf(others)));
  if (failing.length === 0) return openFor(goldenDecider(corrupt));
  if (failing.some(({ replicaId }) => !corrupt.includes(replicaId))) return openFor(filesDecider);
  return proven(
    'artifact',
    idsOf(failing),
    [
      `the files of the model are not the pinned ones: ${corrupt.join(', ')}`,
      `golden replays fail: ${failing.map(nameReplica).join(', ')}`,
      ...namedByControl(reading, failing),
    ],
    ['files-differ', 'golden-fails', ...ofAnswers, ...explainArms(reading, failing)],
  );
}

/** What a fault of these replicas explains of comparisons between replicas. */
function explainArms({ replicas, observed }: Reading, at: readonly ReplicaGolden[]): readonly Sign[] {
  const isAt = (arm: string | null): boolean => arm === null || at.some(({ replicaId }) => replicaId === arm);
  return [
    ...(replicas.verdict === 'named' && isAt(replicas.arm) ? (['replicas-differ'] as const) : []),
    // Two samples of one replica: what is wrong with it is in both.
    ...(observed.traffic.features === undefined && isAt(observed.traffic.arm) ? (['traffic-differs'] as const) : []),
  ];
}

function namedByControl({ replicas, failing }: Reading, at: readonly ReplicaGolden[]): readonly string[] {
  if (replicas.verdict !== 'named' || failing.length === 0) return [];
  const named = at.find(({ replicaId }) => replicaId === replicas.arm);
  return named === undefined ? [] : [`the random share names ${nameReplica(named)} over ${replicas.rows} rows`];
}

function replicasAtErrors({ errors, observed }: Reading): readonly string[] {
  return idsOf(observed.golden.filter(({ node }) => errors.some((event) => event.node === node)));
}

function idsOf(replicas: readonly ReplicaGolden[]): readonly string[] {
  return sortTexts(replicas.map(({ replicaId }) => replicaId));
}

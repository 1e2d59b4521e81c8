import type { Cause, Decider, NamedCause, Remedy, Sign } from './answer.ts';
import type { Change } from './observations.ts';
import { settleMs, sortTexts, type Reading } from './reading.ts';

/** What one cause looks like: proven, waiting for what would decide, or without a sign of it. */
export type Finding =
  | { readonly state: 'proven'; readonly named: NamedCause; readonly explains: readonly Sign[] }
  | { readonly state: 'open'; readonly decides: readonly Decider[] }
  | { readonly state: 'absent' };

export const absent: Finding = { state: 'absent' };

export function openFor(...decides: readonly Decider[]): Finding {
  return { state: 'open', decides };
}

/** The first replica stands in the command of a remedy that is one replica's. */
export function proven(
  cause: Cause,
  replicas: readonly string[],
  evidence: readonly string[],
  explains: readonly Sign[],
): Finding {
  const sorted = sortTexts(replicas);
  return {
    state: 'proven',
    named: { cause, replicas: sorted, evidence, remedy: remedyOf(cause, sorted[0]) },
    explains,
  };
}

function remedyOf(cause: Cause, replicaId: string | undefined): Remedy {
  switch (cause) {
    case 'node':
      return {
        what: 'take it out of traffic and look at its devices',
        command: replicaId === undefined ? 'plimsoll probe' : `plimsoll drift isolate ${replicaId} --reason TEXT`,
      };
    case 'runtime':
      return { what: 'go back to the runtime before', command: 'plimsoll rollback --code' };
    case 'artifact':
      return { what: 'compare the files of the model with their digests', command: 'plimsoll model verify' };
    case 'data':
      return {
        what: 'look at what moved; evaluate on data that holds it, or train on it',
        command: 'plimsoll evaluate',
      };
    case 'concept':
      return { what: 'go back to the model before, or train on new labels', command: 'plimsoll rollback --model' };
    case 'routing':
      return { what: 'see what routing changed last', command: 'plimsoll history --kind routing' };
  }
}

export const goldenDecider = (replicas: readonly string[]): Decider => ({
  observation: `golden replays of ${replicas.length === 0 ? 'the replicas' : replicas.join(', ')}`,
  command: null,
});
export const controlDecider: Decider = {
  observation: 'more rows of the random share, over two replicas or more',
  command: null,
};
export const filesDecider: Decider = {
  observation: 'the digests of the files of the model',
  command: 'plimsoll model verify',
};

export const labelsAnewDecider: Decider = {
  observation:
    'labels that a person gives for 30 requests: they contradict the answers too, or the other labels are wrong',
  command: 'plimsoll labels ask 30',
};

export const featuresDecider = (what: 'inputs' | 'outputs'): Decider => ({
  observation: `the distance of the ${what} to their reference`,
  command: null,
});

/** Waits until a change is no longer near. */
export function settledDecider({ what }: Change): Decider {
  return { observation: `the same comparison ${settleMs / 60_000} minutes after this change: ${what}`, command: null };
}

/** Near changes of these kinds, each as what has to settle first. */
export function unsettled({ near }: Reading, kinds: readonly Change['kind'][]): readonly Decider[] {
  return near.filter(({ kind }) => kinds.includes(kind)).map(settledDecider);
}

/** `r1 on node gpu-2`. */
export function nameReplica({ replicaId, node }: { readonly replicaId: string; readonly node: string | null }): string {
  return node === null ? replicaId : `${replicaId} on node ${node}`;
}

/** What became of one thing that a registry elsewhere and this one share; recorded as an event, so that it is known after a restart. */
export interface RegistrySync {
  /** The name of the model here; absent where an earlier version recorded it. */
  readonly name?: string;
  /** `mlflow://127.0.0.1:5000` */
  readonly location: string;
  /** The name of the model there. */
  readonly remoteName: string;
  /**
   * `added`: a version came over; `refused`: it may not, and is not tried again; `in-step`: both aliases mean the same;
   * `pending`: an alias was moved here, and the registry does not know it yet; `both-moved`: it was moved on both sides, and
   * what was recorded here stands.
   */
  readonly outcome: 'added' | 'refused' | 'in-step' | 'pending' | 'both-moved';
  readonly alias: string | null;
  /** Version there. */
  readonly remote: string | null;
  /** Version here. */
  readonly local: number | null;
  readonly reason: string;
  /** Why nobody can make good a pending move: the version here did not come from that registry. */
  readonly cause?: 'from-elsewhere';
}

export interface AliasSides {
  /** Where the alias is there, and which version that is here; `local` is null while it has not come over. */
  readonly remote: { readonly version: string; readonly local: number | null } | null;
  readonly local: number | null;
  /** The last that was recorded of this alias. */
  readonly last: Pick<RegistrySync, 'outcome' | 'remote' | 'local'> | null;
}

export type AliasStep = 'none' | 'follow' | 'write-back' | 'both-moved' | 'note-in-step';

/**
 * Who follows whom. An alias that was moved here is a recorded decision and always stands; one that was moved there is
 * followed while nothing was moved here since both were last in step. So a move is never lost, and the two can never push
 * one another around: each step leads to `in-step`, which asks for none.
 *
 * | since both were in step | step |
 * |---|---|
 * | nothing moved | none |
 * | moved there | follow |
 * | moved here, or a write is pending | write back |
 * | moved on both sides, to the same | note it |
 * | moved on both sides | both-moved: what is here is written back |
 * | never seen | follow what is there, if anything is |
 */
export function decideAliasStep({ remote, local, last }: AliasSides): AliasStep {
  const agrees = (remote === null ? null : remote.local) === local && (remote === null || remote.local !== null);
  if (last === null) return remote === null ? 'none' : agrees ? 'note-in-step' : 'follow';
  if (agrees) return last.outcome === 'in-step' && last.remote === (remote?.version ?? null) ? 'none' : 'note-in-step';
  if (last.outcome === 'pending' || last.outcome === 'both-moved') return 'write-back';
  const movedThere = (remote?.version ?? null) !== last.remote;
  const movedHere = local !== last.local;
  if (movedThere && movedHere) return 'both-moved';
  if (movedHere) return 'write-back';
  return movedThere ? 'follow' : 'none';
}

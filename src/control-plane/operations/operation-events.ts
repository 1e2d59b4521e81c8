import type { Waiver } from '../../core/evidence/lock/lock.ts';
import type { EventNews } from '../../core/records/event.ts';
import type { AliasMove, DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { RegistrySync } from '../../core/registry/registry-sync.ts';
import type { Bar, Release } from '../../core/rollout/release.ts';
import type { RollbackRequest } from '../../core/rollout/rollback-release.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import type { PlimsollError } from '../../core/units/errors.ts';

export function makeModelAddedEvent({ name, version, digest, format }: ModelVersion): EventNews {
  return {
    kind: 'model.added',
    summary: `Model ${name} version ${version} (${shortDigest(digest)}) was added`,
    data: { name, version, digest, format },
  };
}

export function makeDataAddedEvent({ name, version, digest, rows }: DataVersion): EventNews {
  return {
    kind: 'data.added',
    summary: `Data ${name} version ${version} (${rows} rows) was added`,
    data: { name, version, digest, rows },
  };
}

export function makeSyncedEvent(sync: RegistrySync): EventNews {
  const what = sync.alias === null ? `version ${sync.remote}` : `alias ${sync.alias}`;
  return {
    kind: 'registry.synced',
    summary: `${sync.location}/${sync.remoteName}, ${what}: ${sync.outcome} (${sync.reason})`,
    data: { ...sync },
  };
}

export function makeAliasMovedEvent(move: Omit<AliasMove, 'by' | 'atMs'>): EventNews {
  const { name, alias, from, to } = move;
  return {
    kind: 'alias.moved',
    summary:
      to === null
        ? `Alias ${alias} of ${name} was removed (it was at version ${from})`
        : `Alias ${alias} of ${name} moved to version ${to}${from === null ? '' : ` from ${from}`}`,
    data: { ...move },
  };
}

export function makeBarLiftedEvent({ axis, digest }: Bar, reason: string): EventNews {
  return {
    kind: 'bar.lifted',
    summary: `The bar on ${axis} ${shortDigest(digest)} was lifted: ${reason}`,
    data: { axis, digest, reason },
  };
}

export function makeWaiverRecordedEvent({ kind, failing, reason, untilMs }: Waiver): EventNews {
  const waived = failing === true ? 'waived although it fails' : 'waived';
  return {
    kind: 'waiver.recorded',
    summary: `${kind} evidence is ${waived} until ${new Date(untilMs).toISOString()}: ${reason}`,
    data: { kind, reason, untilMs, ...(failing === undefined ? {} : { failing }) },
  };
}

export function makeWaiverWithdrawnEvent(
  kind: Waiver['kind'],
  reason: string,
  withdrawn: readonly Waiver[],
): EventNews {
  return {
    kind: 'waiver.withdrawn',
    summary: `${kind} evidence is not waived any more: ${reason}`,
    data: { kind, reason, withdrawn },
  };
}

/** What is known of a candidate that was refused: its bundle always, its pair once the bundle could be read. */
export interface RefusedCandidate {
  readonly ask: string;
  readonly bundle: Digest;
  readonly pair: Pick<Release, 'code' | 'model'> | null;
}

export function makeReleaseRefusedEvent(
  { ask, bundle, pair }: RefusedCandidate,
  refusals: readonly { readonly code: string; readonly message: string; readonly next: string }[],
): EventNews {
  const what =
    pair === null ? `bundle ${shortDigest(bundle)}` : `model ${pair.model.name} version ${pair.model.version}`;
  return {
    kind: 'release.refused',
    summary: `A release of ${what} was refused: ${refusals[0]?.message}`,
    data: { model: pair?.model.digest ?? null, code: pair?.code.digest ?? null, refusals, ask, bundle },
  };
}

export function makeRollbackRefusedEvent({ axis, to, reason }: RollbackRequest, refusal: PlimsollError): EventNews {
  return {
    kind: 'rollback.refused',
    summary: `A rollback of the ${axis}${to === undefined ? '' : ` to release ${to}`} was refused: ${refusal.message}`,
    data: { axis, to: to ?? null, code: refusal.code, reason },
  };
}

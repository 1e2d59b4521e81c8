import type { Selectable } from 'kysely';
import type { AliasMove, DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { LeaseRecord } from '../../core/records/lease.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Admission, Lease } from '../../ports/records/store.ts';
import { parsed } from './parsed.ts';
import type { Tables } from './tables.ts';
import { readEvent, type StoredEvent } from '../../core/records/event.ts';

export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>;

export function modelVersionOf(row: Row<'model_versions'>): ModelVersion {
  return {
    environment: row.environment,
    name: row.name,
    version: row.version,
    digest: row.digest as Digest,
    format: row.format as ModelVersion['format'],
    files: parsed(row.files_json),
    signature: parsed(row.signature_json),
    facts: parsed(row.facts_json),
    lineage: parsed(row.lineage_json),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  };
}

export function modelVersionRow(version: ModelVersion): Tables['model_versions'] {
  return {
    environment: version.environment,
    name: version.name,
    version: version.version,
    digest: version.digest,
    format: version.format,
    files_json: JSON.stringify(version.files),
    signature_json: JSON.stringify(version.signature),
    facts_json: JSON.stringify(version.facts),
    lineage_json: JSON.stringify(version.lineage),
    created_at_ms: version.createdAtMs,
    created_by: version.createdBy,
  };
}

export function dataVersionOf(row: Row<'data_versions'>): DataVersion {
  return {
    environment: row.environment,
    name: row.name,
    version: row.version,
    digest: row.digest as Digest,
    files: parsed(row.files_json),
    rows: row.row_count,
    columns: parsed(row.columns_json),
    ...(row.profile === null ? {} : { profile: row.profile as Digest }),
    ...(row.source === null ? {} : { source: row.source }),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  };
}

export function dataVersionRow(version: DataVersion): Tables['data_versions'] {
  return {
    environment: version.environment,
    name: version.name,
    version: version.version,
    digest: version.digest,
    files_json: JSON.stringify(version.files),
    row_count: version.rows,
    columns_json: JSON.stringify(version.columns),
    source: version.source ?? null,
    created_at_ms: version.createdAtMs,
    created_by: version.createdBy,
    profile: version.profile ?? null,
  };
}

export function aliasMoveOf(row: Row<'alias_moves'>): AliasMove {
  return {
    environment: row.environment,
    name: row.name,
    alias: row.alias,
    from: row.from_version,
    to: row.to_version,
    reason: row.reason,
    ...(row.evidence_json === null ? {} : { evidence: parsed(row.evidence_json) }),
    by: row.moved_by,
    atMs: row.at_ms,
  };
}

export function leaseRecordOf(row: Row<'leases'>): LeaseRecord {
  return {
    lease: row.lease,
    holder: row.holder,
    token: row.token,
    expiresAtMs: row.expires_at_ms,
    ttlMs: row.ttl_ms,
  };
}

export function leaseOf(record: LeaseRecord): Lease | null {
  const { lease, holder, token, expiresAtMs } = record;
  return holder === null ? null : { lease, holder, token, expiresAtMs };
}

export function admissionOf(row: Row<'admissions'>): Admission {
  return {
    service: row.service,
    environment: row.environment,
    replicaId: row.replica_id,
    golden: row.golden as Digest | null,
    atMs: row.at_ms,
  };
}

export function eventOf(row: Row<'events'>): StoredEvent {
  return readEvent({
    seq: row.seq,
    service: row.service,
    environment: row.environment,
    kind: row.kind,
    summary: row.summary,
    by: row.event_by,
    atMs: row.at_ms,
    data: parsed<Readonly<Record<string, unknown>>>(row.data_json),
  });
}

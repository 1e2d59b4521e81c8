import type { Tables } from '../tables.ts';

/** All tables of records, each with its primary key. What a schema is at is told beside the rows. */
export const tableKeys = {
  counters: ['series'],
  leases: ['lease'],
  model_versions: ['environment', 'name', 'version'],
  alias_moves: ['environment', 'name', 'move'],
  data_versions: ['environment', 'name', 'version'],
  releases: ['service', 'environment', 'number'],
  release_outcomes: ['service', 'environment', 'release'],
  deployments: ['service', 'environment'],
  bars: ['service', 'environment', 'bar'],
  waivers: ['service', 'environment', 'waiver'],
  invalidations: ['service', 'environment', 'invalidation'],
  routing: ['service', 'environment'],
  admissions: ['replica_id'],
  canaries: ['service', 'environment'],
  canary_samples: ['service', 'environment', 'release', 'sample'],
  scaling_records: ['service', 'environment', 'seq'],
  release_requests: ['id'],
  evidence_sightings: ['service', 'environment', 'kind', 'digest'],
  release_evidence: ['service', 'environment', 'release'],
  held_services: ['service', 'environment'],
  artifact_claims: ['environment', 'kind', 'name', 'service'],
  service_claims: ['service', 'environment'],
  environment_records: ['environment'],
  drift_records: ['service', 'environment'],
  drift_windows: ['service', 'environment', 'window_number'],
  drift_samples: ['service', 'environment', 'sample'],
  notify_states: ['service', 'environment'],
  isolations: ['service', 'environment'],
  replay_states: ['service', 'environment'],
  history: ['service', 'environment', 'length_ms', 'from_ms'],
  arrival_days: ['service', 'environment', 'from_ms'],
  predictions: ['service', 'environment', 'request_id'],
  labels: ['service', 'environment', 'request_id'],
  label_memories: ['service', 'environment'],
  label_asks: ['service', 'environment', 'ask_id'],
  ledger_facts: ['recorder', 'sequence'],
  ledger_rows: ['hour_ms', 'entry', 'part'],
  journaled: ['id'],
  store_identity: ['id'],
  event_chain: ['seq'],
  events: ['seq'],
} as const satisfies { readonly [T in Exclude<keyof Tables, 'schema_migrations'>]: readonly (keyof Tables[T])[] };

/** Tables as whoever moves their rows sees them: all of one form. */
export type AnyTables = Record<string, Record<string, string | number | null>>;

export type RecordTable = keyof typeof tableKeys;

export const recordTables = Object.keys(tableKeys) as readonly RecordTable[];

import type { RecordTable } from '../backup/table-keys.ts';

/**
 * What becomes of the rows of another store, by table.
 *
 * | rule | a row of the other store |
 * |---|---|
 * | `agree` | is added; one of the same key that stands here already must be the same |
 * | `keep` | is added; one of the same key that stands here already stays |
 * | `raise` | is added; one of the same key that stands here already gets the larger value |
 * | `leave` | is not added: it is of what runs there, or of that store alone |
 */
export type ImportRule = 'agree' | 'keep' | 'raise' | 'leave';

export const importRules = {
  counters: 'raise',
  leases: 'leave',
  model_versions: 'agree',
  alias_moves: 'agree',
  data_versions: 'agree',
  releases: 'agree',
  release_outcomes: 'agree',
  deployments: 'agree',
  bars: 'agree',
  waivers: 'agree',
  invalidations: 'agree',
  routing: 'agree',
  admissions: 'leave',
  canaries: 'agree',
  canary_samples: 'agree',
  scaling_records: 'agree',
  release_requests: 'agree',
  evidence_sightings: 'agree',
  release_evidence: 'agree',
  held_services: 'keep',
  artifact_claims: 'keep',
  service_claims: 'keep',
  environment_records: 'keep',
  drift_records: 'keep',
  drift_windows: 'keep',
  drift_samples: 'keep',
  notify_states: 'leave',
  isolations: 'leave',
  replay_states: 'leave',
  history: 'agree',
  arrival_days: 'keep',
  predictions: 'keep',
  labels: 'keep',
  label_memories: 'keep',
  label_asks: 'keep',
  ledger_facts: 'keep',
  ledger_rows: 'keep',
  journaled: 'keep',
  store_identity: 'leave',
  /** The chain is of one store: what comes in is sealed by its next event. */
  event_chain: 'leave',
  events: 'agree',
} as const satisfies Readonly<Record<RecordTable, ImportRule>>;

/** Tables whose column `seq` is the number of an event; 0 is none. */
export const tablesWithSeq: ReadonlySet<RecordTable> = new Set(['release_outcomes', 'scaling_records', 'events']);

/** Rows are the same where these columns are; all columns where none are named. */
export const comparedColumns: Partial<Readonly<Record<RecordTable, readonly string[]>>> = {
  model_versions: ['version', 'digest'],
  data_versions: ['version', 'digest'],
};

/** What else is unique in a table, beside its key. */
export const otherKeys: Partial<Readonly<Record<RecordTable, readonly string[]>>> = {
  model_versions: ['environment', 'name', 'digest'],
  data_versions: ['environment', 'name', 'digest'],
  release_requests: ['service', 'environment', 'ask'],
};

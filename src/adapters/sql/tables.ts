/**
 * The tables, one set for every dialect. `..._json` columns hold JSON text; milliseconds, tokens and sequence numbers are
 * 64-bit integers that stay below 2^53, so that a dialect whose driver returns text for them must parse them to numbers.
 */
export interface Tables {
  schema_migrations: { version: number; name: string; readable_from?: number | null };
  /** Last number given out per series; incrementing it also serializes the writers of that series. */
  counters: { series: string; value: number };
  leases: { lease: string; holder: string | null; token: number; expires_at_ms: number; ttl_ms: number };
  model_versions: {
    environment: string;
    name: string;
    version: number;
    digest: string;
    format: string;
    files_json: string;
    signature_json: string;
    facts_json: string;
    lineage_json: string;
    created_at_ms: number;
    created_by: string;
  };
  /** Append-only: the present alias is the newest move of it. */
  alias_moves: {
    environment: string;
    name: string;
    move: number;
    alias: string;
    from_version: number | null;
    to_version: number | null;
    reason: string;
    moved_by: string;
    at_ms: number;
    evidence_json: string | null;
  };
  data_versions: {
    environment: string;
    name: string;
    version: number;
    digest: string;
    files_json: string;
    row_count: number;
    columns_json: string;
    source: string | null;
    created_at_ms: number;
    created_by: string;
    profile: string | null;
  };
  releases: { service: string; environment: string; number: number; release_json: string };
  /** What became of each release, and the event that decided it; always what `outcomesOf` makes of the events. */
  release_outcomes: { service: string; environment: string; release: number; outcome: string; seq: number };
  deployments: { service: string; environment: string; revision: number; deployment_json: string };
  /** Append-only but for `lifted`: what was barred, and that it no longer is. */
  bars: {
    service: string;
    environment: string;
    bar: number;
    axis: string;
    digest: string;
    lifted: number;
    bar_json: string;
  };
  waivers: { service: string; environment: string; waiver: number; waiver_json: string };
  invalidations: { service: string; environment: string; invalidation: number; invalidation_json: string };
  routing: { service: string; environment: string; generation: number; table_json: string };
  admissions: {
    replica_id: string;
    service: string;
    environment: string;
    golden: string | null;
    at_ms: number;
  };
  /** The step of a rollout that is under way; goes when the step sequence ends. */
  canaries: { service: string; environment: string; revision: number; canary_json: string };
  canary_samples: {
    service: string;
    environment: string;
    release: number;
    sample: number;
    sample_json: string;
  };
  /** By the event of each decision; 0 is the last one, and changes in place. */
  scaling_records: { service: string; environment: string; seq: number; record_json: string };
  /** What releases were asked by bundles; `ask` counts in each service and environment. */
  release_requests: {
    id: string;
    service: string;
    environment: string;
    ask: number;
    state: string;
    ask_json: string;
  };
  evidence_sightings: {
    service: string;
    environment: string;
    kind: string;
    digest: string;
    seen_by: string;
    first_seen_at_ms: number;
  };
  /** The bundle whose lock the evidence of a release was renewed from. */
  release_evidence: { service: string; environment: string; release: number; bundle: string };
  /** What holds for every service of an environment, as it was set last. */
  environment_records: { environment: string; version: number; record_json: string };
  /** What the watch of live answers remembers; its windows by number, and the newest captured requests. */
  drift_records: { service: string; environment: string; record_json: string };
  drift_windows: { service: string; environment: string; window_number: number; window_json: string };
  drift_samples: { service: string; environment: string; sample: number; at_ms: number; sample_json: string };
  /** What is remembered of the alerts of a service. */
  notify_states: { service: string; environment: string; state_json: string };
  /** Replicas of a service that are kept from traffic. */
  isolations: { service: string; environment: string; isolations_json: string };
  replay_states: { service: string; environment: string; state_json: string };
  held_services: { service: string; environment: string; origin: string; since_ms: number };
  artifact_claims: {
    environment: string;
    kind: string;
    name: string;
    service: string;
    standing: string;
    claimed_by: string;
    at_ms: number;
  };
  service_claims: {
    service: string;
    environment: string;
    scope_service: string | null;
    scope_environment: string | null;
    claimed_by: string;
    at_ms: number;
  };
  /** By its length and its beginning; what is too old goes when a newer one comes. */
  history: { service: string; environment: string; length_ms: number; from_ms: number; span_json: string };
  /** Counts of each UTC day; `length_ms` is the span of one of them. What is too old goes when a newer one comes. */
  arrival_days: { service: string; environment: string; from_ms: number; length_ms: number; counts_json: string };
  /** Answers that a label may come for; `seq` is their order of arrival. */
  predictions: {
    service: string;
    environment: string;
    request_id: string;
    seq: number;
    at_ms: number;
    recorded_at_ms: number;
    release: number;
    row_json: string;
  };
  /** The first label of each request; `matched` is 1 once its prediction is there. */
  labels: {
    service: string;
    environment: string;
    request_id: string;
    truth_json: string;
    arrived_at_ms: number;
    matched: number;
  };
  label_asks: {
    service: string;
    environment: string;
    ask_id: string;
    asked_at_ms: number;
    judged: number;
    ask_json: string;
  };
  label_memories: { service: string; environment: string; memory_json: string };
  /** Append-only: facts of accelerator time, and the marks of who records them. */
  ledger_facts: { recorder: string; sequence: number; at_ms: number; kind: string; fact_json: string };
  /** Append-only: what was derived of each hour, and what corrected it. A long entry has several parts. */
  ledger_rows: { hour_ms: number; entry: number; part: number; derived_at_ms: number; rows_json: string };
  /** Ids of the local journal that were carried over, so that none is applied twice. */
  journaled: { id: string; at_ms: number };
  /** One row, made with the store. */
  store_identity: { id: string };
  /** The hash of each event; `late` is 1 where it was sealed after its transaction. */
  event_chain: { seq: number; hash: string; late: number };
  events: {
    seq: number;
    service: string;
    environment: string;
    kind: string;
    summary: string;
    event_by: string;
    at_ms: number;
    data_json: string;
  };
}

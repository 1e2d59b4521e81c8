import { sql, type Kysely } from 'kysely';
import type { Invalidation, Waiver } from '../../core/evidence/lock/lock.ts';
import { canarySamplesAtMost, type CanaryRecord, type CanarySample } from '../../core/rollout/judge/canary.ts';
import type { Bar, Deployment, Release } from '../../core/rollout/release.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { eventLimit } from '../../core/records/event-limit.ts';
import type { StoredScaling, StoreReader } from '../../ports/records/store.ts';
import { bundleReader } from './records/bundle-records.ts';
import { claimReader } from './records/claim-records.ts';
import { driftReader } from './records/drift-records.ts';
import { environmentReader } from './records/environment-records.ts';
import { isolationReader } from './records/isolation-records.ts';
import { notifyReader } from './records/notify-records.ts';
import { replayReader } from './records/replay-records.ts';
import { auditReader } from './records/event-records.ts';
import { fleetReader } from './records/fleet-records.ts';
import { arrivalReader } from './records/arrival-records.ts';
import { historyReader } from './records/history-records.ts';
import { ledgerReader } from './records/ledger-records.ts';
import { labelReader } from './records/label-records.ts';
import { parsed } from './parsed.ts';
import { readOutcomes } from './release-outcomes.ts';
import { admissionOf, aliasMoveOf, dataVersionOf, eventOf, modelVersionOf } from './rows.ts';
import { scalingOfText } from './scaling-text.ts';
import type { Tables } from './tables.ts';

/** The reading half, over any connection or transaction. */
export function sqlReader(db: Kysely<Tables>): StoreReader {
  return {
    ...bundleReader(db),
    ...historyReader(db),
    ...arrivalReader(db),
    ...auditReader(db),
    ...fleetReader(db),
    ...claimReader(db),
    ...environmentReader(db),
    ...driftReader(db),
    ...labelReader(db),
    ...notifyReader(db),
    ...isolationReader(db),
    ...ledgerReader(db),
    ...replayReader(db),
    async environments() {
      const models = await db.selectFrom('model_versions').select('environment as name').distinct().execute();
      const data = await db.selectFrom('data_versions').select('environment as name').distinct().execute();
      return [...new Set(sortedNames([...models, ...data]))];
    },
    async modelNames(environment) {
      const rows = await db
        .selectFrom('model_versions')
        .select('name')
        .distinct()
        .where('environment', '=', environment)
        .execute();
      return sortedNames(rows);
    },
    async modelVersions(environment, name) {
      const rows = await db
        .selectFrom('model_versions')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .orderBy('version')
        .execute();
      return rows.map(modelVersionOf);
    },
    async modelVersion(environment, name, version) {
      const row = await db
        .selectFrom('model_versions')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .where('version', '=', version)
        .executeTakeFirst();
      return row === undefined ? null : modelVersionOf(row);
    },
    async modelVersionByDigest(environment, name, digest) {
      const row = await db
        .selectFrom('model_versions')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row === undefined ? null : modelVersionOf(row);
    },
    async aliases(environment, name) {
      const rows = await db
        .selectFrom('alias_moves')
        .select(['alias', 'to_version'])
        .where('environment', '=', environment)
        .where('name', '=', name)
        .where('move', 'in', (newest) =>
          newest
            .selectFrom('alias_moves')
            .select((select) => select.fn.max('move').as('move'))
            .where('environment', '=', environment)
            .where('name', '=', name)
            .groupBy('alias'),
        )
        .execute();
      return Object.fromEntries(
        rows
          .flatMap(({ alias, to_version }) => (to_version === null ? [] : [[alias, to_version] as const]))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    },
    async aliasHistory(environment, name) {
      const rows = await db
        .selectFrom('alias_moves')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .orderBy('move')
        .execute();
      return rows.map(aliasMoveOf);
    },
    async dataNames(environment) {
      const rows = await db
        .selectFrom('data_versions')
        .select('name')
        .distinct()
        .where('environment', '=', environment)
        .execute();
      return sortedNames(rows);
    },
    async dataVersions(environment, name) {
      const rows = await db
        .selectFrom('data_versions')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .orderBy('version')
        .execute();
      return rows.map(dataVersionOf);
    },
    async dataVersion(environment, name, version) {
      const row = await db
        .selectFrom('data_versions')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .where('version', '=', version)
        .executeTakeFirst();
      return row === undefined ? null : dataVersionOf(row);
    },
    released() {
      return db
        .selectFrom('releases')
        .select(['service', 'environment'])
        .distinct()
        .orderBy('service')
        .orderBy('environment')
        .execute();
    },
    async releases(service, environment) {
      const rows = await db
        .selectFrom('releases')
        .select('release_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('number')
        .execute();
      return rows.map((row) => parsed<Release>(row.release_json));
    },
    async release(service, environment, number) {
      const row = await db
        .selectFrom('releases')
        .select('release_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('number', '=', number)
        .executeTakeFirst();
      return row === undefined ? null : parsed<Release>(row.release_json);
    },
    releaseOutcomes: (service, environment) => readOutcomes(db, service, environment),
    async deployment(service, environment) {
      const row = await db
        .selectFrom('deployments')
        .select('deployment_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? null : parsed<Deployment>(row.deployment_json);
    },
    async bars(service, environment) {
      const rows = await db
        .selectFrom('bars')
        .select('bar_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('lifted', '=', 0)
        .orderBy('bar')
        .execute();
      return rows.map((row) => parsed<Bar>(row.bar_json));
    },
    async waivers(service, environment) {
      const rows = await db
        .selectFrom('waivers')
        .select('waiver_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('waiver')
        .execute();
      return rows.map((row) => parsed<Waiver>(row.waiver_json));
    },
    async invalidations(service, environment) {
      const rows = await db
        .selectFrom('invalidations')
        .select('invalidation_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('invalidation')
        .execute();
      return rows.map((row) => parsed<Invalidation>(row.invalidation_json));
    },
    async routing(service, environment) {
      const row = await db
        .selectFrom('routing')
        .select('table_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? null : parsed<RoutingTable>(row.table_json);
    },
    async canary(service, environment) {
      const row = await db
        .selectFrom('canaries')
        .select('canary_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? null : parsed<CanaryRecord>(row.canary_json);
    },
    async canarySamples(service, environment, release) {
      const rows = await db
        .selectFrom('canary_samples')
        .select('sample_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('release', '=', release)
        .orderBy('sample', 'desc')
        .limit(canarySamplesAtMost)
        .execute();
      return rows.reverse().map((row) => parsed<CanarySample>(row.sample_json));
    },
    scalingRecord: (service, environment, seq) => scalingRow(db, service, environment, seq),
    scalingMemory: (service, environment) => scalingRow(db, service, environment, memorySeq),
    async journaled(id) {
      const row = await db.selectFrom('journaled').select('id').where('id', '=', id).executeTakeFirst();
      return row !== undefined;
    },
    async admissions(service, environment) {
      const rows = await db
        .selectFrom('admissions')
        .selectAll()
        .where('service', '=', service)
        .where('environment', '=', environment)
        .execute();
      return rows.map(admissionOf).sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
    },
    async events(query) {
      const newestFirst = query.last !== undefined;
      let events = db
        .selectFrom('events')
        .selectAll()
        .orderBy('seq', newestFirst ? 'desc' : 'asc')
        .limit(eventLimit(query));
      if (query.service !== undefined) events = events.where('service', '=', query.service);
      if (query.environment !== undefined) events = events.where('environment', '=', query.environment);
      if (query.afterSeq !== undefined) events = events.where('seq', '>', query.afterSeq);
      if (query.beforeSeq !== undefined) events = events.where('seq', '<', query.beforeSeq);
      if (query.kindPrefix !== undefined) {
        // Not LIKE: whether that tells upper from lower case depends on the dialect.
        const { kindPrefix } = query;
        events = events.where(sql`substr(kind, 1, ${sql.lit([...kindPrefix].length)})`, '=', kindPrefix);
      }
      const rows = await events.execute();
      return (newestFirst ? rows.reverse() : rows).map(eventOf);
    },
  };
}

/** In the order of code units, which no collation of a database changes. */
function sortedNames(rows: readonly { readonly name: string }[]): readonly string[] {
  return rows.map(({ name }) => name).sort();
}

/** No event has it: they count from 1. */
export const memorySeq = 0;

async function scalingRow(
  db: Kysely<Tables>,
  service: string,
  environment: string,
  seq: number,
): Promise<StoredScaling | null> {
  const row = await db
    .selectFrom('scaling_records')
    .select('record_json')
    .where('service', '=', service)
    .where('environment', '=', environment)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row === undefined ? null : scalingOfText(row.record_json);
}

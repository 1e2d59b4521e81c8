import type { Kysely } from 'kysely';
import {
  aliasMoved,
  canaryMoved,
  deploymentMoved,
  generationNotNewer,
  versionMissing,
} from '../../core/records/conflicts.ts';
import type { Waiver } from '../../core/evidence/lock/lock.ts';
import type { DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { CanaryRecord } from '../../core/rollout/judge/canary.ts';
import type { Release } from '../../core/rollout/release.ts';
import { scalingRecordsAtMost } from '../../core/scaling/acting/scaling-record.ts';
import type { StoredScaling, StoreWriter } from '../../ports/records/store.ts';
import { bundleWriter } from './records/bundle-records.ts';
import { claimWriter } from './records/claim-records.ts';
import { driftWriter } from './records/drift-records.ts';
import { environmentWriter } from './records/environment-records.ts';
import { isolationWriter } from './records/isolation-records.ts';
import { notifyWriter } from './records/notify-records.ts';
import { replayWriter } from './records/replay-records.ts';
import { eventWriter } from './records/event-records.ts';
import { fleetWriter } from './records/fleet-records.ts';
import { arrivalWriter } from './records/arrival-records.ts';
import { historyWriter } from './records/history-records.ts';
import { ledgerWriter } from './records/ledger-records.ts';
import { labelWriter } from './records/label-records.ts';
import { parsed } from './parsed.ts';
import { memorySeq, sqlReader } from './reader.ts';
import { dataVersionOf, dataVersionRow, modelVersionOf, modelVersionRow } from './rows.ts';
import { giveBack, nextOf, seriesOf } from './series.ts';
import { scalingText } from './scaling-text.ts';
import type { Tables } from './tables.ts';

/** The writing half, over one transaction that holds the write lock (or, on other dialects, the rows it counts with). */
export function sqlWriter(tx: Kysely<Tables>): StoreWriter {
  const reader = sqlReader(tx);
  return {
    ...reader,
    ...bundleWriter(tx),
    ...historyWriter(tx),
    ...arrivalWriter(tx),
    ...fleetWriter(tx),
    ...claimWriter(tx),
    ...environmentWriter(tx),
    ...driftWriter(tx),
    ...labelWriter(tx),
    ...notifyWriter(tx),
    ...isolationWriter(tx),
    ...ledgerWriter(tx),
    ...replayWriter(tx),
    ...eventWriter(tx),
    async addModelVersion(version) {
      const { environment, name, digest } = version;
      const number = await nextOf(tx, seriesOf('model', environment, name));
      const present = await reader.modelVersionByDigest(environment, name, digest);
      if (present !== null) {
        await giveBack(tx, seriesOf('model', environment, name));
        return { version: present, created: false };
      }
      const row = modelVersionRow({ ...version, version: number } satisfies ModelVersion);
      await tx.insertInto('model_versions').values(row).execute();
      return { version: modelVersionOf(row), created: true };
    },

    async addDataVersion(version) {
      const { environment, name, digest } = version;
      const number = await nextOf(tx, seriesOf('data', environment, name));
      const present = await tx
        .selectFrom('data_versions')
        .selectAll()
        .where('environment', '=', environment)
        .where('name', '=', name)
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (present !== undefined) {
        await giveBack(tx, seriesOf('data', environment, name));
        return { version: dataVersionOf(present), created: false };
      }
      const row = dataVersionRow({ ...version, version: number } satisfies DataVersion);
      await tx.insertInto('data_versions').values(row).execute();
      return { version: dataVersionOf(row), created: true };
    },

    async moveAlias(move) {
      const { environment, name, alias, from, to } = move;
      const number = await nextOf(tx, seriesOf('alias', environment, name));
      const actual = (await reader.aliases(environment, name))[alias] ?? null;
      if (actual !== from) throw aliasMoved(alias, name, from, actual);
      if (to !== null && (await reader.modelVersion(environment, name, to)) === null) {
        throw versionMissing(name, to, environment);
      }
      await tx
        .insertInto('alias_moves')
        .values({
          environment,
          name,
          move: number,
          alias,
          from_version: from,
          to_version: to,
          reason: move.reason,
          moved_by: move.by,
          at_ms: move.atMs,
          evidence_json: move.evidence === undefined ? null : JSON.stringify(move.evidence),
        })
        .execute();
    },

    async addRelease(release) {
      const { service, environment } = release;
      const number = await nextOf(tx, seriesOf('release', service, environment));
      const json = JSON.stringify({ ...release, number } satisfies Release);
      await tx.insertInto('releases').values({ service, environment, number, release_json: json }).execute();
      return JSON.parse(json) as Release;
    },

    async setDeployment(deployment, expected) {
      const { service, environment } = deployment;
      const moved = { ...deployment, revision: (expected ?? 0) + 1 };
      const row = { service, environment, revision: moved.revision, deployment_json: JSON.stringify(moved) };
      const { changed } =
        expected === null
          ? await tx
              .insertInto('deployments')
              .values(row)
              .onConflict((conflict) => conflict.doNothing())
              .executeTakeFirst()
              .then((result) => ({ changed: result.numInsertedOrUpdatedRows ?? 0n }))
          : await tx
              .updateTable('deployments')
              .set(row)
              .where('service', '=', service)
              .where('environment', '=', environment)
              .where('revision', '=', expected)
              .executeTakeFirst()
              .then((result) => ({ changed: result.numUpdatedRows }));
      if (changed === 1n) return moved;
      const actual = await reader.deployment(service, environment);
      throw deploymentMoved(service, environment, expected, actual?.revision ?? null);
    },

    async setCanary(record, expected) {
      const { service, environment } = record;
      const moved = { ...record, revision: (expected ?? 0) + 1 };
      const row = { service, environment, revision: moved.revision, canary_json: JSON.stringify(moved) };
      const changed =
        expected === null
          ? await tx
              .insertInto('canaries')
              .values(row)
              .onConflict((conflict) => conflict.doNothing())
              .executeTakeFirst()
              .then((result) => result.numInsertedOrUpdatedRows ?? 0n)
          : await tx
              .updateTable('canaries')
              .set(row)
              .where('service', '=', service)
              .where('environment', '=', environment)
              .where('revision', '=', expected)
              .executeTakeFirst()
              .then((result) => result.numUpdatedRows);
      if (changed === 1n) return JSON.parse(row.canary_json) as CanaryRecord;
      const actual = await reader.canary(service, environment);
      throw canaryMoved(service, environment, expected, actual?.revision ?? null);
    },

    async endCanary(service, environment) {
      const { numDeletedRows } = await tx
        .deleteFrom('canaries')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async addCanarySample(sample) {
      const { service, environment, release } = sample;
      const number = await nextOf(tx, seriesOf('canary-sample', service, environment, String(release)));
      await tx
        .insertInto('canary_samples')
        .values({ service, environment, release, sample: number, sample_json: JSON.stringify(sample) })
        .execute();
    },

    async addScalingRecord(service, environment, seq, record) {
      await setScaling(tx, service, environment, seq, record);
      const oldest = await tx
        .selectFrom('scaling_records')
        .select('seq')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('seq', '>', memorySeq)
        .orderBy('seq', 'desc')
        .offset(scalingRecordsAtMost)
        .limit(1)
        .executeTakeFirst();
      if (oldest === undefined) return;
      await tx
        .deleteFrom('scaling_records')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('seq', '>', memorySeq)
        .where('seq', '<=', oldest.seq)
        .execute();
    },

    setScalingMemory: (service, environment, record) => setScaling(tx, service, environment, memorySeq, record),

    async addJournaled(id, atMs) {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('journaled')
        .values({ id, at_ms: atMs })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async addBar(bar) {
      const { service, environment, axis, digest } = bar;
      const number = await nextOf(tx, seriesOf('bar', service, environment));
      const standing = await reader.bars(service, environment);
      if (standing.some((other) => other.axis === axis && other.digest === digest)) {
        await giveBack(tx, seriesOf('bar', service, environment));
        return;
      }
      await tx
        .insertInto('bars')
        .values({ service, environment, bar: number, axis, digest, lifted: 0, bar_json: JSON.stringify(bar) })
        .execute();
    },

    async liftBar(service, environment, axis, digest) {
      const result = await tx
        .updateTable('bars')
        .set({ lifted: 1 })
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('axis', '=', axis)
        .where('digest', '=', digest)
        .where('lifted', '=', 0)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async addWaiver(service, environment, waiver) {
      const number = await nextOf(tx, seriesOf('waiver', service, environment));
      await tx
        .insertInto('waivers')
        .values({ service, environment, waiver: number, waiver_json: JSON.stringify(waiver) })
        .execute();
    },

    async withdrawWaivers(service, environment, kind) {
      const rows = await tx
        .selectFrom('waivers')
        .select(['waiver', 'waiver_json'])
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('waiver')
        .execute();
      const withdrawn = rows
        .map((row) => ({ number: row.waiver, waiver: parsed<Waiver>(row.waiver_json) }))
        .filter(({ waiver }) => waiver.kind === kind);
      if (withdrawn.length === 0) return [];
      await tx
        .deleteFrom('waivers')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where(
          'waiver',
          'in',
          withdrawn.map(({ number }) => number),
        )
        .execute();
      return withdrawn.map(({ waiver }) => waiver);
    },

    async addInvalidation(service, invalidation) {
      const { environment } = invalidation;
      const number = await nextOf(tx, seriesOf('invalidation', service, environment));
      await tx
        .insertInto('invalidations')
        .values({ service, environment, invalidation: number, invalidation_json: JSON.stringify(invalidation) })
        .execute();
    },

    async setRouting(table) {
      const { service, environment, generation } = table;
      const row = { service, environment, generation, table_json: JSON.stringify(table) };
      const result = await tx
        .insertInto('routing')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(['service', 'environment'])
            .doUpdateSet({ generation, table_json: row.table_json })
            .where('routing.generation', '<', generation),
        )
        .executeTakeFirst();
      if ((result.numInsertedOrUpdatedRows ?? 0n) > 0n) return;
      const present = await reader.routing(service, environment);
      throw generationNotNewer(service, environment, generation, present?.generation ?? 0);
    },

    async admit(admission) {
      const { service, environment, golden, atMs } = admission;
      const row = { service, environment, golden, at_ms: atMs };
      await tx
        .insertInto('admissions')
        .values({ replica_id: admission.replicaId, ...row })
        .onConflict((conflict) => conflict.column('replica_id').doUpdateSet(row))
        .execute();
    },

    async forgetAdmission(replicaId) {
      await tx.deleteFrom('admissions').where('replica_id', '=', replicaId).execute();
    },
  };
}

async function setScaling(
  tx: Kysely<Tables>,
  service: string,
  environment: string,
  seq: number,
  record: StoredScaling,
): Promise<void> {
  const record_json = scalingText(record);
  await tx
    .insertInto('scaling_records')
    .values({ service, environment, seq, record_json })
    .onConflict((conflict) => conflict.columns(['service', 'environment', 'seq']).doUpdateSet({ record_json }))
    .execute();
}

import type { Kysely } from 'kysely';
import type { EvidenceKind } from '../../../core/evidence/kinds/table.ts';
import type { EvidenceSighting } from '../../../core/evidence/sighting.ts';
import { openAskStates, releaseAsksAtMost, type ReleaseAsk } from '../../../core/rollout/release-ask.ts';
import type { Digest } from '../../../core/units/digest.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { parsed } from '../parsed.ts';
import { nextOf, seriesOf } from '../series.ts';
import type { Tables } from '../tables.ts';

type BundleReader = Pick<
  StoreReader,
  'releaseAsks' | 'openReleaseAsks' | 'releaseAsk' | 'evidenceSightings' | 'releaseEvidence'
>;
type BundleWriter = Pick<StoreWriter, 'setReleaseAsk' | 'seeEvidence' | 'setReleaseEvidence'>;

/** Sightings that go into one statement: a dialect bounds its parameters. */
const sightingsAtOnce = 500;

export function bundleReader(db: Kysely<Tables>): BundleReader {
  return {
    async releaseAsks(service, environment) {
      const rows = await db
        .selectFrom('release_requests')
        .select('ask_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where((row) =>
          row.or([
            row('state', 'in', openAskStates),
            row(
              'ask',
              'in',
              row
                .selectFrom('release_requests')
                .select('ask')
                .where('service', '=', service)
                .where('environment', '=', environment)
                .orderBy('ask', 'desc')
                .limit(releaseAsksAtMost),
            ),
          ]),
        )
        .orderBy('ask')
        .execute();
      return rows.map((row) => parsed<ReleaseAsk>(row.ask_json));
    },
    async openReleaseAsks() {
      const rows = await db
        .selectFrom('release_requests')
        .select(['id', 'ask_json'])
        .where('state', 'in', openAskStates)
        .execute();
      return rows.sort((a, b) => (a.id < b.id ? -1 : 1)).map((row) => parsed<ReleaseAsk>(row.ask_json));
    },
    async releaseAsk(id) {
      const row = await db.selectFrom('release_requests').select('ask_json').where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : parsed<ReleaseAsk>(row.ask_json);
    },
    async evidenceSightings(service, environment) {
      const rows = await db
        .selectFrom('evidence_sightings')
        .selectAll()
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('first_seen_at_ms')
        .orderBy('kind')
        .orderBy('digest')
        .execute();
      return rows.map((row): EvidenceSighting => ({
        kind: row.kind as EvidenceKind,
        digest: row.digest as Digest,
        by: row.seen_by,
        firstSeenAtMs: row.first_seen_at_ms,
      }));
    },
    async releaseEvidence(service, environment) {
      const rows = await db
        .selectFrom('release_evidence')
        .select(['release', 'bundle'])
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('release')
        .execute();
      return new Map(rows.map(({ release, bundle }) => [release, bundle as Digest]));
    },
  };
}

export function bundleWriter(tx: Kysely<Tables>): BundleWriter {
  return {
    async setReleaseAsk(ask) {
      const { id, service, environment, state } = ask;
      const content = { state, ask_json: JSON.stringify(ask) };
      const { numUpdatedRows } = await tx
        .updateTable('release_requests')
        .set(content)
        .where('id', '=', id)
        .executeTakeFirst();
      if (numUpdatedRows > 0n) return;
      const number = await nextOf(tx, seriesOf('ask', service, environment));
      await tx
        .insertInto('release_requests')
        .values({ id, service, environment, ask: number, ...content })
        .execute();
    },
    async seeEvidence(service, environment, seen, by, atMs) {
      for (let from = 0; from < seen.length; from += sightingsAtOnce) {
        const rows = seen
          .slice(from, from + sightingsAtOnce)
          .map(({ kind, digest }) => ({ service, environment, kind, digest, seen_by: by, first_seen_at_ms: atMs }));
        await tx
          .insertInto('evidence_sightings')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
    async setReleaseEvidence(service, environment, release, bundle) {
      await tx
        .insertInto('release_evidence')
        .values({ service, environment, release, bundle })
        .onConflict((conflict) => conflict.columns(['service', 'environment', 'release']).doUpdateSet({ bundle }))
        .execute();
    },
  };
}

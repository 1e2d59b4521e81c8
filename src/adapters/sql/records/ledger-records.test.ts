import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { changed, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { ledgerRecordsOf } from '../../../testing/builders/cost/ledger-records.ts';
import { fenceOf } from '../../../testing/builders/store-builders.ts';
import { systemClock } from '../../system/clock.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';

it('a fact that was edited in the store is refused by its number, and makes no account', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-store-'));
  const file = path.join(folder, 'store.sqlite');
  const store = await openSqliteStore({ file, clock: systemClock });
  try {
    const records = ledgerRecordsOf([changed(1, 'r1', 'ready')], hour0, hour0 + 2);
    await store.transaction(await fenceOf(store), (tx) => tx.appendLedgerRecords(records));
    const read = () => store.ledgerRecords(hour0, hour0 + 9, null);
    expect(await read()).toEqual(records);
    const edit = (text: string): void => {
      const database = new DatabaseSync(file);
      database.prepare("update ledger_facts set fact_json = ? where kind = 'claim-changed'").run(text);
      database.close();
    };
    const problems: unknown[] = [];
    for (const text of [
      JSON.stringify({ ...records[1]?.fact, state: 'running' }),
      JSON.stringify({ kind: 'gap-ended', id: 'x', at: { recorder: 'r', monotonicMs: 1, wallMs: 1 }, gap: 'g' }),
      'no json',
    ]) {
      edit(text);
      problems.push(await read().catch((thrown: unknown) => thrown));
    }
    const about = 'the fact 2 of the recorder control-plane-1 (claim-changed) in the store cannot be read: ';
    expect(problems).toMatchObject([
      { code: 'ledger-fact-unreadable', message: expect.stringContaining(`${about}state: Invalid option`) },
      { code: 'ledger-fact-unreadable', message: `${about}it says that it is gap-ended` },
      { code: 'ledger-fact-unreadable', message: `${about}it is no JSON` },
    ]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

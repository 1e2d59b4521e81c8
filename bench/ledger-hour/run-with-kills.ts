import { availableParallelism } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { openSqliteStore } from '../../src/adapters/sql/sqlite/sqlite-store.ts';
import { rebuildLedger } from '../../src/control-plane/ledger/hours/rebuild-ledger.ts';
import { readFacts } from '../../src/control-plane/ledger/hours/read-facts.ts';
import { deriveLedgerRows } from '../../src/core/cost/ledger/derive-rows.ts';
import type { LedgerFact } from '../../src/core/cost/ledger/fact.ts';
import { hourMs, hourOf, type LedgerRow } from '../../src/core/cost/ledger/row.ts';
import { ledgerStates, unattributableReasons, type UnattributableReason } from '../../src/core/cost/ledger/state.ts';
import { StandingFacts } from '../../src/control-plane/ledger/record/standing-facts.ts';
import { Load } from '../../test/faults/load.ts';
import { killNow } from '../../test/faults/running-up.ts';
import { seededRandom } from '../../test/faults/seeded.ts';
import { tinyModel } from '../../test/faults/tiny-model.ts';
import { World } from '../../test/faults/world.ts';

export interface RunOptions {
  readonly minutes: number;
  readonly killEveryMinutes: number;
  readonly replicas: number;
  tell(line: string): void;
}

export interface KilledRun {
  readonly lastedMs: number;
  readonly kills: number;
  readonly replicas: number;
  readonly cores: number;
  readonly answered: number;
  readonly failed: number;
  /** Share of all core time by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly unattributableShare: number;
  readonly reasons: readonly { readonly reason: UnattributableReason; readonly ms: number }[];
  /** Serving of the time that replicas were ready. */
  readonly servedShare: number;
  /** The rows of the measured time are cores times time. */
  readonly isConserved: boolean;
  /** Facts that were in the store at a kill and are not there at the end, or are there otherwise. */
  readonly lostFacts: number;
  readonly rebuild: { readonly hours: number; readonly identical: boolean };
}

/** Runs a service with traffic and kills its control plane again and again; returns what the account says of it. */
export async function runWithKills({ minutes, killEveryMinutes, replicas, tell }: RunOptions): Promise<KilledRun> {
  const model = tinyModel(1);
  const world = await World.open({ replicas });
  const random = seededRandom(20_261_128);
  const known = new Map<string, string>();
  const counts = { kills: 0, answered: 0, failed: 0 };
  let load: Load | null = null;
  try {
    await world.release(model);
    load = new Load(world.gatewayUrl, [model]);
    // The first account, and what nobody held before the release, are of the start and not of the kills.
    await delay(15_000);
    const beganAtMs = Date.now();
    const untilMs = beganAtMs + minutes * 60_000;
    tell(`measuring ${minutes} minutes from ${new Date(beganAtMs).toISOString()}`);
    for (;;) {
      const waitMs = killEveryMinutes * 60_000 * (0.5 + random());
      if (Date.now() + waitMs > untilMs - 60_000) break;
      await delay(waitMs);
      readInto(known, world);
      const killedAtMs = Date.now();
      await killNow(world.programPid('control-plane') ?? 0);
      counts.kills += 1;
      await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
      tell(`kill ${counts.kills}: away for ${((Date.now() - killedAtMs) / 1_000).toFixed(1)} s`);
    }
    await delay(Math.max(0, untilMs - Date.now()));
    const taken = load.take();
    Object.assign(counts, { answered: taken.answered, failed: taken.failures.length });
    const toMs = lastBeatOf(world);
    const lostFacts = countLost(known, world);
    const measured = await readAccount(world, beganAtMs, toMs);
    return { lastedMs: toMs - beganAtMs, ...counts, replicas, lostFacts, ...measured };
  } finally {
    await load?.end();
    await world.close();
  }
}

const fileOf = (world: World): string => path.join(world.stateFolder, 'store.sqlite');

function factsOf(world: World): readonly (readonly [key: string, text: string])[] {
  const database = new DatabaseSync(fileOf(world), { readOnly: true, timeout: 10_000 });
  try {
    const rows = database.prepare('select recorder, sequence, fact_json from ledger_facts').all();
    return rows.map((row) => [`${String(row['recorder'])}/${String(row['sequence'])}`, String(row['fact_json'])]);
  } finally {
    database.close();
  }
}

function readInto(known: Map<string, string>, world: World): void {
  for (const [key, text] of factsOf(world)) known.set(key, text);
}

function countLost(known: ReadonlyMap<string, string>, world: World): number {
  const present = new Map(factsOf(world));
  return [...known].filter(([key, text]) => present.get(key) !== text).length;
}

function lastBeatOf(world: World): number {
  const database = new DatabaseSync(fileOf(world), { readOnly: true, timeout: 10_000 });
  try {
    // Accounts are of up to the last minute: what came after it is not accounted yet.
    const row = database.prepare("select max(at_ms) as at from ledger_facts where kind = 'work-account'").get();
    return Number(row?.['at']);
  } finally {
    database.close();
  }
}

type Measured = Pick<
  KilledRun,
  'cores' | 'states' | 'unattributableShare' | 'reasons' | 'servedShare' | 'isConserved' | 'rebuild'
>;

/** What the facts say of a time: the devices are there from its beginning to its end alone. */
async function readAccount(world: World, fromMs: number, toMs: number): Promise<Measured> {
  const store = await openSqliteStore({ file: fileOf(world), clock: systemClock });
  try {
    const facts = await readFacts(store, hourOf(fromMs), hourOf(toMs) + hourMs);
    const rows = rowsOf(facts, fromMs, toMs);
    const sumOf = (of: readonly LedgerRow[]): number => of.reduce((sum, { computeMs }) => sum + computeMs, 0);
    const all = sumOf(rows);
    const cores = availableParallelism();
    const states = ledgerStates.flatMap((state) => {
      const ms = sumOf(rows.filter((row) => row.state === state));
      return ms === 0 ? [] : [[state, ms / all] as const];
    });
    const shareOf = new Map<string, number>(states);
    const reasons = unattributableReasons.flatMap((reason) => {
      const ms = sumOf(rows.filter((row) => row.reason === reason));
      return ms === 0 ? [] : [{ reason, ms }];
    });
    const [serving, idle] = [shareOf.get('serving') ?? 0, shareOf.get('idle') ?? 0];
    const { hours, identical } = await rebuildLedger(store, hourOf(fromMs), hourOf(toMs) + hourMs);
    return {
      ...{ cores, states: Object.fromEntries(states), reasons, servedShare: serving / Math.max(1e-9, serving + idle) },
      unattributableShare: shareOf.get('unattributable') ?? 0,
      isConserved: all === cores * (toMs - fromMs),
      rebuild: { hours, identical },
    };
  } finally {
    await store.close();
  }
}

/** The devices of the machine appear at `fromMs` and go at `toMs`, so that exactly this time is accounted. */
function rowsOf(facts: readonly LedgerFact[], fromMs: number, toMs: number): readonly LedgerRow[] {
  const standing = new StandingFacts();
  for (const fact of facts) standing.apply(fact);
  const clock = (wallMs: number) => ({ recorder: 'bench', monotonicMs: wallMs, wallMs });
  const kept = facts.filter(({ kind }) => !/^(device|layout)-/.test(kind));
  const devices = [...standing.devices.values()].flatMap(({ appeared }, index): readonly LedgerFact[] => [
    { ...appeared, id: `bench/${index}/from`, at: clock(fromMs) },
    { kind: 'device-gone', id: `bench/${index}/to`, device: appeared.device, pool: appeared.pool, at: clock(toMs) },
  ]);
  const window = { fromMs: hourOf(fromMs), toMs: hourOf(toMs) + hourMs };
  return deriveLedgerRows([...kept, ...devices], window).rows;
}

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerRow } from '../../src/core/cost/ledger/row.ts';
import { ledgerStates, unattributableReasons, type UnattributableReason } from '../../src/core/cost/ledger/state.ts';
import {
  countLost,
  lastAccountMs,
  readAccount,
  readRecorded,
  type RecordedFacts,
} from '../../test/rigs/ledger-account.ts';
import { Load } from '../../test/rigs/load.ts';
import { killNow } from '../../test/rigs/running-up.ts';
import { seededRandom } from '../../test/rigs/seeded.ts';
import { tinyModel } from '../../test/rigs/tiny-model.ts';
import { World } from '../../test/rigs/world.ts';

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
  const file = path.join(world.stateFolder, 'store.sqlite');
  const random = seededRandom(20_261_128);
  let known: RecordedFacts = new Map();
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
      known = new Map([...known, ...readRecorded(file)]);
      const killedAtMs = Date.now();
      await killNow(world.programPid('control-plane') ?? 0);
      counts.kills += 1;
      await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
      tell(`kill ${counts.kills}: away for ${((Date.now() - killedAtMs) / 1_000).toFixed(1)} s`);
    }
    await delay(Math.max(0, untilMs - Date.now()));
    const taken = load.take();
    Object.assign(counts, { answered: taken.answered, failed: taken.failures.length });
    const toMs = lastAccountMs(file) ?? beganAtMs;
    const lostFacts = countLost(known, readRecorded(file));
    const { rows, rebuilt } = await readAccount(file, beganAtMs, toMs);
    const measured = {
      ...judge(rows, beganAtMs, toMs),
      rebuild: { hours: rebuilt.hours, identical: rebuilt.identical },
    };
    return { lastedMs: toMs - beganAtMs, ...counts, replicas, lostFacts, ...measured };
  } finally {
    await load?.end();
    await world.close();
  }
}

type Judged = Pick<KilledRun, 'cores' | 'states' | 'unattributableShare' | 'reasons' | 'servedShare' | 'isConserved'>;

function judge(rows: readonly LedgerRow[], fromMs: number, toMs: number): Judged {
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
  return {
    ...{ cores, states: Object.fromEntries(states), reasons, servedShare: serving / Math.max(1e-9, serving + idle) },
    unattributableShare: shareOf.get('unattributable') ?? 0,
    isConserved: all === cores * (toMs - fromMs),
  };
}

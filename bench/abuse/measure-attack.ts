import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../median.ts';
import { attackTexts, startAttack, type AttackKind, type Target } from './attacks.ts';

/** What an honest client saw in one round. */
export interface Seen {
  readonly p99Ms: number;
  readonly answered: number;
  readonly failed: number;
  /** Of a control plane. */
  readonly turnsPerSecond?: number;
  readonly turnMs?: number;
}

/** A program that is attacked while somebody honest asks it. */
export interface Attacked {
  readonly name: string;
  readonly target: Target;
  ask(durationMs: number): Promise<Seen>;
  stop(): Promise<void>;
}

export interface AttackRow {
  readonly target: string;
  readonly attack: AttackKind;
  readonly text: string;
  readonly answered: number;
  readonly failed: number;
  readonly calmP99Ms: number;
  readonly p99Ms: number;
  readonly calmTurnsPerSecond?: number;
  readonly turnsPerSecond?: number;
  readonly passes: boolean;
}

export const aims = { ratio: 1.2, addedMs: 20, turnsShare: 0.8 } as const;

/** Rounds with the attack and without take turns, so that what else the machine does falls on both alike. */
export async function measureAttack(
  attacked: Attacked,
  attack: AttackKind,
  rounds: number,
  seconds: number,
): Promise<AttackRow> {
  const [calm, disturbed]: [Seen[], Seen[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    calm.push(await attacked.ask(seconds * 1000));
    const end = await startAttack(attack, attacked.target);
    try {
      disturbed.push(await attacked.ask(seconds * 1000));
    } finally {
      await end();
    }
    await delay(1_000);
  }
  return makeRow(attacked.name, attack, calm, disturbed);
}

function makeRow(target: string, attack: AttackKind, calm: readonly Seen[], disturbed: readonly Seen[]): AttackRow {
  const middle = (seen: readonly Seen[], pick: (one: Seen) => number): number => median(seen.map(pick));
  const sum = (pick: (one: Seen) => number): number => disturbed.reduce((total, one) => total + pick(one), 0);
  const [calmP99Ms, p99Ms] = [middle(calm, (one) => one.p99Ms), middle(disturbed, (one) => one.p99Ms)];
  const row = {
    target,
    attack,
    text: attackTexts[attack],
    answered: sum((one) => one.answered),
    failed: sum((one) => one.failed),
    calmP99Ms,
    p99Ms,
  };
  const isFast = p99Ms <= calmP99Ms * aims.ratio || p99Ms <= calmP99Ms + aims.addedMs;
  const passes = row.failed === 0 && row.answered > 0 && isFast;
  if (disturbed.some(({ turnsPerSecond }) => turnsPerSecond === undefined)) return { ...row, passes };
  const calmTurnsPerSecond = middle(calm, (one) => one.turnsPerSecond ?? NaN);
  const turnsPerSecond = middle(disturbed, (one) => one.turnsPerSecond ?? NaN);
  const turns = { calmTurnsPerSecond, turnsPerSecond };
  return { ...row, ...turns, passes: passes && turnsPerSecond >= aims.turnsShare * calmTurnsPerSecond };
}

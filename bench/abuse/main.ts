/**
 * What an honest client sees while others abuse the gateway, and the control plane: 2,000 idle connections, 500 trickling uploads, a
 * flood of one client at 20 times its limit, 10,000 half-open heads, slow readers of large answers. At the gateway they come from the
 * address of the honest client; at the control plane, which has 1,024 places for connections, from another one.
 *
 *   npm run bench -- abuse [--json] [--rounds N (3)] [--seconds N (10)] [--target gateway|control-plane|canary] [--attack KIND]
 *
 * Of each attack: every honest request has its answer, and p99 is at most 1.2 of that of undisturbed rounds beside it, or 20 ms more. Of
 * the control plane also: no turn fails, and turns come at 0.8 of their rate at least. Of a canary: clients with short deadlines neither bar a
 * good release nor hide a slow one (`deadline-attacks.ts`). Exit status 0 when all of these hold.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startAttackedControlPlane } from './attacked-control-plane.ts';
import { startAttackedGateway } from './attacked-gateway.ts';
import { attackKinds, type AttackKind } from './attacks.ts';
import { deadlineAttackKinds, measureDeadlineAttack, type DeadlineAttackRow } from './deadline-attacks.ts';
import { aims, measureAttack, type AttackRow } from './measure-attack.ts';

const starts = { gateway: startAttackedGateway, 'control-plane': startAttackedControlPlane } as const;

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
      target: { type: 'string' },
      attack: { type: 'string' },
    },
  });
  const isAsked = (kind: string): boolean => values.attack === undefined || values.attack === kind;
  const kinds = attackKinds.filter(isAsked);
  const deadlineKinds = deadlineAttackKinds.filter(isAsked);
  if (kinds.length + deadlineKinds.length === 0) {
    console.error(`${values.attack} is no attack: write one of ${[...attackKinds, ...deadlineAttackKinds].join(', ')}`);
    return 2;
  }
  const rows: AttackRow[] = [];
  for (const [name, start] of Object.entries(starts)) {
    if (kinds.length === 0 || (values.target !== undefined && values.target !== name)) continue;
    rows.push(...(await measureAll(start, kinds, Number(values.rounds), Number(values.seconds))));
  }
  const verdicts: DeadlineAttackRow[] = [];
  if (values.target === undefined || values.target === 'canary') {
    for (const kind of deadlineKinds) verdicts.push(await measureDeadlineAttack(kind));
  }
  const all = [...rows, ...verdicts];
  const passed = all.length > 0 && all.every(({ passes }) => passes);
  if (values.json) {
    const machine = { cores: availableParallelism(), node: process.version };
    console.log(JSON.stringify({ bench: 'abuse', machine, rows, verdicts, aims, passed }, null, 2));
  } else for (const line of [...rows.map(lineOf), ...verdicts.map(lineOfVerdict)]) console.log(line);
  return passed ? 0 : 1;
}

async function measureAll(
  start: (typeof starts)['gateway'],
  kinds: readonly AttackKind[],
  rounds: number,
  seconds: number,
): Promise<readonly AttackRow[]> {
  const attacked = await start();
  const rows: AttackRow[] = [];
  try {
    await attacked.ask(1_000);
    for (const kind of kinds) {
      const row = await measureAttack(attacked, kind, rounds, seconds);
      process.stderr.write(`${lineOf(row)}\n`);
      rows.push(row);
    }
  } finally {
    await attacked.stop();
  }
  return rows;
}

function lineOf({
  target,
  text,
  answered,
  failed,
  calmP99Ms,
  p99Ms,
  turnsPerSecond,
  calmTurnsPerSecond,
  passes,
}: AttackRow): string {
  const turns =
    turnsPerSecond === undefined ? '' : `, ${turnsPerSecond.toFixed(1)} turns/s (${calmTurnsPerSecond?.toFixed(1)})`;
  const counted = `${answered} answered, ${failed} failed, p99 ${p99Ms.toFixed(1)} ms (${calmP99Ms.toFixed(1)} undisturbed)`;
  return `${passes ? 'pass' : 'FAIL'}  ${target} beside ${text}: ${counted}${turns}`;
}

const lineOfVerdict = ({ text, calm, outcome, held, passes }: DeadlineAttackRow): string =>
  `${passes ? 'pass' : 'FAIL'}  canary beside ${text}: ${outcome}${held === null ? '' : ', held'} (${calm} undisturbed)`;

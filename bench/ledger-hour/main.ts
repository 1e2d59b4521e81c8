/**
 * Real time of the local platform with kills: a service on all cores of this machine, clients that send one request after the
 * other, and `kill -9` of the control plane every few minutes. Then the account of device time is read.
 *
 *   npm run bench -- ledger-hour [--minutes N (60)] [--kill-every MINUTES (4)] [--replicas N (cores)] [--json]
 *
 * Of the time between the first request and the end: which share no state can be told for, whether the account adds up to cores
 * times time, whether a recorded fact is lost, and whether the hours that were closed come out the same when they are derived
 * again. Exit status 0 when all of these hold and at most 1% is unattributable.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import buildProgramOnce from '../../test/build-program.ts';
import { runWithKills, type KilledRun } from './run-with-kills.ts';

const unattributableAtMost = 0.01;

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [minutes, killEveryMinutes] = [number('minutes', 60), number('kill-every', 4)];
  const replicas = number('replicas', availableParallelism());
  buildProgramOnce();
  const run = await runWithKills({
    minutes,
    killEveryMinutes,
    replicas,
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  if (argv.includes('--json')) console.log(JSON.stringify(run));
  else print(run);
  await delay(0);
  const isWhole = run.lostFacts === 0 && run.isConserved && run.rebuild.identical;
  return isWhole && run.unattributableShare <= unattributableAtMost ? 0 : 1;
}

function print(run: KilledRun): void {
  const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
  console.log(
    `${(run.lastedMs / 60_000).toFixed(1)} minutes, ${run.kills} kills of the control plane, ${run.replicas} replicas of ` +
      `${run.cores} cores, ${run.answered} answers, ${run.failed} failures`,
  );
  for (const [state, share] of Object.entries(run.states)) console.log(`  ${state.padEnd(16)}${percent(share)}`);
  console.log(
    `unattributable: ${percent(run.unattributableShare)} (at most ${percent(unattributableAtMost)})` +
      run.reasons.map(({ reason, ms }) => `, ${reason} ${(ms / 1_000).toFixed(0)} core-seconds`).join(''),
  );
  console.log(`busy by the account ${percent(run.servedShare)} of held time`);
  console.log(`cores times time: ${run.isConserved ? 'adds up' : 'DOES NOT ADD UP'}; facts lost: ${run.lostFacts}`);
  console.log(`${run.rebuild.hours} closed hours derived again: ${run.rebuild.identical ? 'the same' : 'ANOTHER'}`);
}

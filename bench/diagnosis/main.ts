/**
 * `npm run bench -- diagnosis [--runs N] [--clean N] [--pairs N] [--only NAME] [--file FILE] [--minutes N] [--replayed] [--json]`: faults are
 * injected for real into a replica under load, and diagnosed with the functions of `plimsoll diagnose`. With --file each run is appended
 * as a line, and the next call goes on where the last one ended; lines of other code do not count. Faults of accelerators are replayed from a recorded output of nvidia-smi
 * and made-up series of DCGM, and their experiments are played: they stand under a heading of their own. --replayed runs these alone, in
 * seconds.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { diagnoseWorld } from './diagnose-world.ts';
import { faults, type Fault } from './faults.ts';
import { pairs, type Pair } from './pairs.ts';
import { replayText, scoreReplays } from './replayed/score-replays.ts';
import { openRunFile } from './run-file.ts';
import { score, textOf, type Run } from './score.ts';
import { startWorld } from './world.ts';

const options = {
  runs: { type: 'string', default: '30' },
  clean: { type: 'string', default: '100' },
  pairs: { type: 'string', default: '3' },
  only: { type: 'string' },
  file: { type: 'string' },
  minutes: { type: 'string' },
  replayed: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options });
  const replays = await scoreReplays(Number(values.runs), Number(values.clean));
  if (values.replayed) {
    console.log(values.json ? JSON.stringify(replays, null, 2) : replayText(replays));
    return replays.isMet ? 0 : 1;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('interrupted')));
  const file = values.file === undefined ? null : openRunFile(values.file);
  const runs: Run[] = [...(file?.lines ?? [])];
  if (file !== null) console.error(`${runs.length} runs so far; ${file.others} of other code do not count`);
  const untilMs = performance.now() + Number(values.minutes ?? Infinity) * 60_000;
  const names = values.only?.split(',');
  const wanted = [...faults, ...pairs].filter(({ name }) => names?.includes(name) ?? true);
  const timesOf = (fault: Fault | Pair): number =>
    Number('otherCause' in fault ? values.pairs : fault.cause === null ? values.clean : values.runs);
  const most = Math.max(...wanted.map(timesOf));
  // One of each, again and again: whenever it ends, all faults were tried about as often.
  for (let round = 0; round < most && performance.now() < untilMs; round += 1) {
    for (const fault of wanted) {
      const done = runs.filter(({ name }) => name === fault.name).length;
      if (done > round || round >= timesOf(fault) || performance.now() >= untilMs) continue;
      const run = await runFault(fault, stop.signal);
      if (run === null) {
        console.error('control groups v1 for cpu, memory and blkio cannot be written here');
        console.log(replayText(replays));
        return 3;
      }
      runs.push(run);
      file?.append(run);
      console.error(`${fault.name} ${done + 1}: ${run.verdict} ${run.cause ?? ''} (${run.suspected.join(', ')})`);
    }
  }
  const scored = score(runs);
  console.log(
    values.json ? JSON.stringify({ ...scored, runs, replays }, null, 2) : `${textOf(scored)}\n\n${replayText(replays)}`,
  );
  return scored.isMet && replays.isMet ? 0 : 1;
}

async function runFault(fault: Fault | Pair, signal: AbortSignal): Promise<Run | null> {
  const world = await startWorld();
  if (world === null) return null;
  try {
    await fault.inject(world);
    const { suspected, finding, readings, tookMs } = await diagnoseWorld(world, signal);
    return {
      name: fault.name,
      expected: fault.cause,
      ...('otherCause' in fault ? { otherExpected: fault.otherCause } : {}),
      verdict: finding.verdict,
      cause: finding.cause,
      alsoShown: finding.alsoShown.map(({ cause }) => cause),
      effect: finding.effect,
      suspected: suspected.map(({ cause }) => cause),
      reasons: suspected.map(({ reason }) => reason),
      experiments: finding.experiments.map(({ experiment, outcome }) => ({ experiment, ...outcome })),
      readings,
      tookMs: Math.round(tookMs),
      loadPerCore: Math.round(((loadavg()[0] ?? 0) / availableParallelism()) * 10) / 10,
    };
  } finally {
    await world.close();
  }
}

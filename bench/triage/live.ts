import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { exampleFolder } from '../../examples/digits/cache.ts';
import { driftCauses, type DriftCause } from '../../examples/digits/start/options.ts';
import type { Cause } from '../../src/core/monitoring/triage/answer.ts';

/** What triage should name. */
const expected: Readonly<Record<DriftCause, Cause>> = {
  invert: 'data',
  shift: 'data',
  node: 'node',
  labels: 'concept',
};
const runAtMostMs = 20 * 60_000;

interface LiveRun {
  readonly cause: DriftCause;
  /** Null where none was named in the time that a run has. */
  readonly named: string | null;
  readonly seconds: number;
}

/** Each run is written down when it ends, so that a run that was stopped goes on where it was. */
const recordFile = path.join(homedir(), '.cache', 'plimsoll-bench', 'triage-live.jsonl');

/** @returns 0 where every run named its cause, 1 where one did not, 2 for a number that is none. */
export async function runLive(argv: readonly string[]): Promise<number> {
  const wanted = Number(argv[argv.indexOf('--live') + 1]);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 50) {
    console.error('--live takes the number of runs of each cause, from 1 to 50');
    return 2;
  }
  mkdirSync(path.dirname(recordFile), { recursive: true });
  if (argv.includes('--again')) rmSync(recordFile, { force: true });
  for (const cause of driftCauses) {
    for (let run = readRuns().filter((each) => each.cause === cause).length; run < wanted; run += 1) {
      const ran = await runOnce(cause);
      appendFileSync(recordFile, `${JSON.stringify(ran)}\n`);
      console.error(`${cause} ${run + 1} of ${wanted}: ${ran.named ?? 'not named'} after ${ran.seconds} s`);
    }
  }
  const runs = readRuns();
  const isRight = ({ cause, named }: LiveRun): boolean => named === expected[cause];
  const wrong = runs.filter((each) => each.named !== null && !isRight(each)).length;
  if (argv.includes('--json')) console.log(JSON.stringify({ bench: 'triage-live', runs, wrong }, null, 2));
  else {
    console.log('| injected live | runs | named | another cause | not named |\n|---|---|---|---|---|');
    for (const cause of driftCauses) {
      const own = runs.filter((each) => each.cause === cause);
      const named = own.filter(isRight).length;
      const silent = own.filter((each) => each.named === null).length;
      console.log(`| ${[cause, own.length, named, own.length - named - silent, silent].join(' | ')} |`);
    }
  }
  return runs.every(isRight) ? 0 : 1;
}

/** A last line that a kill cut short is left out, and its run taken again. */
function readRuns(): readonly LiveRun[] {
  if (!existsSync(recordFile)) return [];
  return readFileSync(recordFile, 'utf8')
    .split('\n')
    .flatMap((line): LiveRun[] => {
      try {
        return [JSON.parse(line) as LiveRun];
      } catch {
        return [];
      }
    });
}

/** The example as people start it, in a state folder of its own, until a cause is named. */
async function runOnce(cause: DriftCause): Promise<LiveRun> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'plimsoll-triage-'));
  const ports = ['--listen', '127.0.0.1:0', '--gateway-listen', '127.0.0.1:0'];
  const words = ['--state', path.join(scratch, 'state'), '--drift', cause, ...ports];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [path.join(exampleFolder, 'start.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = setTimeout(() => child.kill('SIGINT'), runAtMostMs);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('look further')) child.kill('SIGINT');
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(stop);
  rmSync(scratch, { recursive: true, force: true });
  const named = /CAUSE {3}(node|runtime|artifact|data|concept|routing)\b/.exec(out)?.[1] ?? null;
  return { cause, named, seconds: Math.round((performance.now() - startedMs) / 1_000) };
}

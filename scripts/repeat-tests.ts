/**
 * Runs the tiers again and again, every other time beside a load on all cores, and prints each test that failed at
 * least once. Exit status 1 when one did: a test that fails once is mended at its cause.
 *
 *   node scripts/repeat-tests.ts [TIER=RUNS...]      default: unit=20 integration=5 e2e=5 faults=5
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { failedTests, type FailedTest, type TestReport } from './test-report.ts';
import { formatFailures, parseRepeats, type RunOutcome } from './repeated-runs.ts';

const root = path.dirname(import.meta.dirname);
const scratch = mkdtempSync(path.join(os.tmpdir(), 'plimsoll-repeat-'));
/** A load must not outlive this script, however it ends. */
const loadAtMostSeconds = 3 * 3_600;

function startLoad(): readonly ChildProcess[] {
  const program = `setTimeout(() => process.exit(), ${loadAtMostSeconds * 1_000}); (function turn() {
    for (const endMs = Date.now() + 50; Date.now() < endMs; );
    setImmediate(turn);
  })(); process.on('disconnect', () => process.exit());`;
  return Array.from({ length: os.availableParallelism() }, () =>
    spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
  );
}

function runTier(tier: string, report: string): readonly FailedTest[] {
  const words = ['scripts/test.ts', tier, '--reporter=json', `--outputFile.json=${report}`];
  const run = spawnSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const failed = existsSync(report) ? failedTests(JSON.parse(readFileSync(report, 'utf8')) as TestReport, root) : [];
  if (failed.length > 0 || run.status === 0) return failed;
  return [{ name: `the runner of ${tier}`, why: `it ended with ${run.status} though no test failed` }];
}

const outcomes: RunOutcome[] = [];
try {
  for (const { tier, runs } of parseRepeats(process.argv.slice(2))) {
    for (let run = 1; run <= runs; run += 1) {
      const isLoaded = run % 2 === 0;
      const load = isLoaded ? startLoad() : [];
      const startedMs = performance.now();
      const failed = runTier(tier, path.join(scratch, `${tier}-${run}.json`));
      for (const each of load) each.kill();
      outcomes.push({ tier, isLoaded, failed });
      const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
      console.log(`${tier} ${run}/${runs}${isLoaded ? ' beside a load' : ''}: ${failed.length} failed, ${seconds} s`);
      for (const { name, why } of failed) console.log(`  ${name}\n${why.slice(0, 2_000)}`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(formatFailures(outcomes));
if (outcomes.some(({ failed }) => failed.length > 0)) process.exitCode = 1;

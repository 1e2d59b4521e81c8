import type { FailedTest } from './test-report.ts';

export interface Repeat {
  readonly tier: string;
  readonly runs: number;
}

export interface RunOutcome {
  readonly tier: string;
  /** Whether all cores were busy with something else meanwhile. */
  readonly isLoaded: boolean;
  readonly failed: readonly FailedTest[];
}

const usual: readonly Repeat[] = [
  { tier: 'unit', runs: 20 },
  { tier: 'integration', runs: 5 },
  { tier: 'e2e', runs: 5 },
  { tier: 'faults', runs: 5 },
];

/** Reads `unit=20 faults=5`; the usual numbers where nothing is asked. Throws on anything else. */
export function parseRepeats(words: readonly string[]): readonly Repeat[] {
  if (words.length === 0) return usual;
  return words.map((word) => {
    const [, tier = '', runs = ''] = /^(\w+)=(\d+)$/.exec(word) ?? [];
    if (!usual.some((each) => each.tier === tier)) {
      throw new Error(`${word} is not TIER=RUNS; tiers: ${usual.map((each) => each.tier).join(', ')}`);
    }
    return { tier, runs: Number(runs) };
  });
}

/**
 * A line for each tier, then one for each test that failed, the most frequent first:
 *
 *     unit: 20 runs, 10 of them beside a load: 1 unsteady test
 *       1 of 10 quiet, 2 of 10 loaded  src/a.test.ts > does it
 */
export function formatFailures(outcomes: readonly RunOutcome[]): string {
  const tiers = [...new Set(outcomes.map(({ tier }) => tier))];
  return tiers
    .flatMap((tier) =>
      tierLines(
        tier,
        outcomes.filter((run) => run.tier === tier),
      ),
    )
    .join('\n');
}

function tierLines(tier: string, runs: readonly RunOutcome[]): readonly string[] {
  const [quiet, loaded] = [runs.filter(({ isLoaded }) => !isLoaded), runs.filter(({ isLoaded }) => isLoaded)];
  const timesIn = (some: readonly RunOutcome[], name: string): number =>
    some.filter(({ failed }) => failed.some((test) => test.name === name)).length;
  const names = [...new Set(runs.flatMap(({ failed }) => failed.map(({ name }) => name)))].sort(
    (a, b) => timesIn(runs, b) - timesIn(runs, a),
  );
  const count = names.length === 1 ? '1 unsteady test' : `${names.length} unsteady tests`;
  return [
    `${tier}: ${runs.length} runs, ${loaded.length} of them beside a load: ${count}`,
    ...names.map(
      (name) =>
        `  ${timesIn(quiet, name)} of ${quiet.length} quiet, ${timesIn(loaded, name)} of ${loaded.length} loaded  ${name}`,
    ),
  ];
}

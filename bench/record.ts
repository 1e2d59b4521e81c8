import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { figures } from '../scripts/figures/figure-table.ts';
import { presentLoad, recordFigures, type Recording } from '../scripts/figures/record-figures.ts';

/** Whether the README quotes a figure of this measurement. */
export const isRecorded = (name: string): boolean => figures.some(({ bench }) => bench?.name === name);

/**
 * Measures by one name, or by all of them, and writes the figures down; each as soon as it is known, because a later
 * measurement may take an hour and fail. A missed aim is a figure too.
 *
 * @returns 0 when every measurement could be taken, 2 for options beside `--record`, 3 when something was missing.
 */
export function recordBench(name: string, options: readonly string[]): number {
  if (options.length > 1) {
    console.error('a figure is of the command that the README names: --record takes no other option');
    return 2;
  }
  const names = name === 'all' ? [...new Set(figures.flatMap(({ bench }) => bench?.name ?? []))] : [name];
  const failed = names.filter((each) => !recordOne(each));
  if (failed.length > 0) console.error(`not measured: ${failed.join(', ')}`);
  console.error('now npm run generate, which writes the README');
  return failed.length === 0 ? 0 : 3;
}

function recordOne(name: string): boolean {
  const definitions = figures.filter(({ bench }) => bench?.name === name);
  const args = [path.join(import.meta.dirname, 'bench.ts'), name, ...(definitions[0]?.bench?.args ?? []), '--json'];
  const loadBefore = presentLoad();
  const run = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.status !== 0 && run.status !== 1) return false;
  try {
    const report: unknown = JSON.parse(run.stdout);
    const recordings = definitions.flatMap((definition): Recording[] => {
      return definition.bench === null ? [] : [{ definition, measured: definition.bench.read(report) }];
    });
    recordFigures(recordings, loadBefore);
    for (const { definition, measured } of recordings) {
      console.log(`${definition.id}: ${measured.text} (${definition.aim ?? 'no aim'}: ${measured.missed ?? 'met'})`);
    }
    return true;
  } catch (error) {
    console.error(`${name}: what it printed cannot be read:`, error);
    return false;
  }
}

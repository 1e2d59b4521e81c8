import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { controlPlaneAllocator, controlPlaneNodeFlags } from '../../src/control-plane/node-flags.ts';
import type { WatchedFeatures } from './features-world.ts';

/** A quarter of a core at 1,000 rows/s, and the memory of the whole process. */
const aims = { rowCpuMs: 0.25, peakResidentBytes: 200e6 } as const;

/** What 500 features cost, in a process with the flags of the control plane. Resolves with 0 where both aims are met, else 1. */
export function measureFeatures(argv: readonly string[]): number {
  const args = [
    '--disable-warning=ExperimentalWarning',
    ...controlPlaneNodeFlags,
    path.join(import.meta.dirname, 'features-world.ts'),
  ];
  const env = { ...process.env, ...controlPlaneAllocator };
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (ran.status !== 0) throw new Error(`the watch of features ended with ${ran.status ?? ran.signal}`);
  const found = JSON.parse(ran.stdout) as WatchedFeatures;
  const met = found.rowCpuMs <= aims.rowCpuMs && found.peakResidentBytes <= aims.peakResidentBytes;
  if (argv.includes('--json')) {
    console.log(JSON.stringify({ bench: 'drift-features', node: process.version, ...found, aims, met }, null, 2));
    return met ? 0 : 1;
  }
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    [
      `${found.features} features, ${found.series} series with a bet, from segments to SQLite; processor time`,
      `a row of the random share, 1,000 rows/s   ${found.rowCpuMs.toFixed(2)} ms`,
      `any other row, 1,000 rows/s               ${found.ordinaryRowCpuMs.toFixed(2)} ms`,
      `a write of 20 rows                        ${found.writeCpuMs.toFixed(0)} ms`,
      `choosing all bets                         ${(found.chooseCpuMs / 1_000).toFixed(1)} s`,
      `record of the watch                       ${megabytes(found.recordBytes)}`,
      `memory, at most                           ${megabytes(found.peakResidentBytes)}`,
      `aim, ${aims.rowCpuMs} ms a row and ${megabytes(aims.peakResidentBytes)}: ${met ? 'met' : 'missed'}`,
    ].join('\n'),
  );
  return met ? 0 : 1;
}

import { engineTable } from './engine-table.ts';
import type { EngineName } from './metric-rule.ts';
import type { MetricsReading } from './reading.ts';

/**
 * The engine whose metrics are there; null when none is known. Of several the first of the table: Ray Serve with vLLM inside
 * is vLLM, whose numbers are nearer to the accelerator, and a device's exporter is never taken for an engine.
 */
export function detectEngine(reading: MetricsReading): EngineName | null {
  const names = new Set(reading.samples.map(({ name }) => name));
  return engineTable.find(({ knownBy }) => knownBy.some((name) => names.has(name)))?.engine ?? null;
}

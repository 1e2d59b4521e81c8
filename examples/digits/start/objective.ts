import { readFileSync } from 'node:fs';
import { readContract } from '../../../src/schemas/contract/contract.ts';

/** The tightest quantile of the contract's `objective.latency`; null when it writes none. */
export function latencyObjective(contractFile: string): { quantile: number; latencyMs: number } | null {
  const reading = readContract(readFileSync(contractFile), contractFile, contractFile);
  const latency = reading.ok ? (reading.loaded.contract.objective?.latency ?? {}) : {};
  const [tightest] = Object.entries(latency).sort(([one], [other]) => quantileOf(other) - quantileOf(one));
  return tightest === undefined ? null : { quantile: quantileOf(tightest[0]), latencyMs: tightest[1] };
}

/** `p99` is 0.99, `p99.9` is 0.999. */
function quantileOf(name: string): number {
  return Number(name.slice(1)) / 100;
}

import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { makeWorld, workloads } from '../scaling/worlds.ts';
import { readTraceWorld, type GivenTrace } from './trace-world.ts';

export interface NamedWorld {
  readonly name: string;
  readonly make: (startP95Seconds: number) => SimulatedWorld;
}

/** @throws PlimsollError (input) of a trace that cannot be read or judged. */
export async function namedWorlds(trace: GivenTrace | null): Promise<readonly NamedWorld[]> {
  if (trace !== null) return [{ name: trace.file, make: await readTraceWorld(trace) }];
  return workloads().map((workload) => ({
    name: workload.name,
    make: (start) => ({ ...makeWorld(workload, start), scoreFromMs: 0 }),
  }));
}

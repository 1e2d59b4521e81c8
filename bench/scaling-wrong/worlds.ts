import { createReadStream } from 'node:fs';
import { readStatedCurve, statedCapacity } from '../../src/core/capacity/read-stated-curve.ts';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { readDuration } from '../../src/core/units/quantity/quantity-duration.ts';
import type { Quantity } from '../../src/core/units/quantity/quantity.ts';
import { readTrace } from '../../src/formats/traces/read-trace.ts';
import { makeWorld, workloads } from '../scaling/worlds.ts';

/** A trace in place of the workloads of `bench -- scaling`. */
export interface GivenTrace {
  readonly file: string;
  /** Fixed, each input token, each output token, milliseconds. */
  readonly tokens: string | undefined;
  readonly curve: string | undefined;
  readonly latency: string | undefined;
}

export interface NamedWorld {
  readonly name: string;
  readonly make: (startP95Seconds: number) => SimulatedWorld;
}

export async function namedWorlds(trace: GivenTrace | null): Promise<readonly NamedWorld[]> {
  if (trace !== null) return [await traceWorld(trace)];
  return workloads().map((workload) => ({
    name: workload.name,
    make: (start) => ({ ...makeWorld(workload, start), scoreFromMs: 0 }),
  }));
}

async function traceWorld({
  file,
  tokens = '50ms,0.1ms,20ms',
  curve,
  latency = '10s',
}: GivenTrace): Promise<NamedWorld> {
  const given = curve === undefined ? null : readable('--curve', readStatedCurve(curve));
  const defaultWorkMs = given?.kind === 'slots' ? given.meanWorkMs : 1;
  const [fixedMs = 0, perInputTokenMs = 0, perOutputTokenMs = 0] = tokens
    .split(',')
    .map((part) => readable('--tokens', readDuration(part.trim())));
  const read = await readTrace(createReadStream(file), {
    tokens: { fixedMs, perInputTokenMs, perOutputTokenMs },
    defaultWorkMs,
  });
  const works = [...{ [Symbol.iterator]: read.arrivals }].map(({ workMs }) => workMs);
  const meanWorkMs = works.reduce((sum, workMs) => sum + workMs, 0) / works.length;
  const world = { name: 'trace', predictable: false, arrivals: read.arrivals, endMs: read.spanMs + 1, meanWorkMs };
  const latencyMs = readable('--latency', readDuration(latency));
  const capacity = statedCapacity(given ?? { kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs });
  return {
    name: file,
    make: (start) => {
      const made = makeWorld({ ...world, latencyMs }, start);
      const starts = lognormalStarts(start * 750, start * 1_000, 0.01);
      const told = read.unit === null ? {} : { unit: read.unit };
      return { ...made, capacity, starts, scoreFromMs: 0, ...told };
    },
  };
}

function readable<T>(option: string, read: Quantity<T>): T {
  if (read.ok) return read.value;
  throw new Error(`${option} takes ${read.expected}`);
}

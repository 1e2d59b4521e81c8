import path from 'node:path';
import { statedCapacity } from '../../src/core/capacity/read-stated-curve.ts';
import type { ServiceCurve } from '../../src/core/capacity/service-curve.ts';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import type { Arrivals, SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { PlimsollError } from '../../src/core/units/errors.ts';
import { formatElapsed, readDuration } from '../../src/core/units/quantity/quantity-duration.ts';
import { readTrace, type ReadTrace } from '../../src/formats/traces/read-trace.ts';
import { withSourceFile } from '../../src/prove/files/source-file.ts';
import { unwrap } from '../../src/prove/simulate/option-text.ts';
import { readStatedMeasurements } from '../../src/prove/simulate/scale-simulate-options.ts';
import { makeWorld } from '../scaling/worlds.ts';
import { traceAtLeastMs } from './judge-cell.ts';

/** A trace in place of the workloads of `bench -- scaling`. */
export interface GivenTrace {
  readonly file: string;
  /** Fixed, each input token, each output token: times, or factors on a batch. */
  readonly tokens: string | undefined;
  readonly curve: string | undefined;
  readonly latency: string | undefined;
}

const defaults = { tokens: '50ms,0.1ms,20ms', latency: '10s' } as const;
const slotsByDefault = 2;

/**
 * Returns the world of a trace by the p95 of its starts, seconds. Right knowledge is right: the curve's mean is that of the requests of the
 * trace, whatever mean was stated. The stated curve tells slots or the shape of batches.
 * @throws PlimsollError (input) of the file, its rows and the options, `trace-too-short`, `trace-no-work`.
 */
export async function readTraceWorld(given: GivenTrace): Promise<(startP95Seconds: number) => SimulatedWorld> {
  const latency = given.latency ?? defaults.latency;
  const latencyMs = unwrap('--latency', latency, readDuration(latency));
  const { tokens, curve: stated } = readStatedMeasurements({
    tokens: given.tokens ?? defaults.tokens,
    ...(given.curve === undefined ? {} : { curve: given.curve }),
  });
  if (tokens === undefined) throw new Error('tokens have a default');
  const defaultWorkMs = stated?.kind === 'slots' ? stated.meanWorkMs : 1;
  const file = { location: path.resolve(given.file), shown: given.file };
  const read = await withSourceFile(file, new AbortController().signal, (source) =>
    readTrace(source.chunks(), { tokens, defaultWorkMs }),
  );
  if (read.spanMs < traceAtLeastMs) throw tooShort(given.file, read.spanMs);
  const meanWork = meanWorkOf(read.arrivals);
  if (meanWork === 0) throw noWork(given.file);
  const curve = trueCurve(stated, meanWork, read.format);
  const arrivals = curve.kind === 'slots' ? read.arrivals : scaleWork(read.arrivals, 1 / meanWork);
  const capacity = statedCapacity(curve);
  const world = {
    ...{ name: given.file, predictable: false, arrivals, latencyMs },
    endMs: read.spanMs + 1,
    meanWorkMs: capacity.serviceMs,
  };
  return (start) => {
    const starts = lognormalStarts(start * 750, start * 1_000, 0.01);
    const told = read.unit === null ? {} : { unit: read.unit };
    return { ...makeWorld(world, start), capacity, starts, scoreFromMs: 0, ...told };
  };
}

/** A request of the mean work takes what the curve says. Costs of the simple form are factors on a batch: its times are for a factor of 1. */
function trueCurve(stated: ServiceCurve | undefined, meanWork: number, format: ReadTrace['format']): ServiceCurve {
  if (stated?.kind === 'batch') {
    const factor = format === 'simple' ? meanWork : 1;
    return { ...stated, batchMs: stated.batchMs.map((timeMs) => timeMs * factor) };
  }
  const { slots, speeds } = stated ?? { slots: slotsByDefault, speeds: [1, 1] };
  return { kind: 'slots', slots, speeds, meanWorkMs: meanWork };
}

function meanWorkOf(arrivals: Arrivals): number {
  let [requests, sum] = [0, 0];
  for (const { workMs } of { [Symbol.iterator]: arrivals }) {
    requests += 1;
    sum += workMs;
  }
  return requests === 0 ? 0 : sum / requests;
}

const scaleWork = (arrivals: Arrivals, by: number): Arrivals =>
  function* () {
    for (const arrival of { [Symbol.iterator]: arrivals }) yield { ...arrival, workMs: arrival.workMs * by };
  };

function tooShort(file: string, spanMs: number): PlimsollError {
  return new PlimsollError({
    code: 'trace-too-short',
    category: 'input',
    message: `${file} spans ${formatElapsed(spanMs)}, and what comes after ten minutes is scored`,
    next: `give a trace of ${formatElapsed(traceAtLeastMs)} or more`,
  });
}

function noWork(file: string): PlimsollError {
  return new PlimsollError({
    code: 'trace-no-work',
    category: 'input',
    message: `the requests of ${file} take no time`,
    next: 'give costs above 0 in the second column, or leave it out; for tokens give --tokens',
  });
}

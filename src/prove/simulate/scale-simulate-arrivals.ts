import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ServiceCurve } from '../../core/capacity/service-curve.ts';
import type { SimulatedArrivals } from '../../core/evidence/kinds/scaling/scaling-measurements.ts';
import { readArrivals } from '../../core/scaling/simulation/arrivals/read-arrivals.ts';
import type { Arrivals } from '../../core/scaling/simulation/world.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readTrace } from '../../formats/traces/read-trace.ts';
import { byteProgress } from '../progress.ts';
import type { SimulateOptions } from './scale-simulate-options.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

export interface ReadyArrivals {
  readonly about: SimulatedArrivals;
  readonly arrivals: Arrivals;
  /** `tokens`: the arrivals have them, and the policy is told of them as by a gateway. */
  readonly unit: 'tokens' | null;
  readonly endMs: number;
  /** Of a request, milliseconds or a factor. */
  readonly meanWork: number;
  readonly notes: readonly string[];
}

const noTokens = { fixedMs: 0, perInputTokenMs: 0, perOutputTokenMs: 0 };

/** @param folder that a trace is named relative to in evidence */
export async function readSimulatedArrivals(
  context: Pick<ProvingPorts, 'clock' | 'cwd' | 'signal' | 'terminal'>,
  { arrivals, tokens }: Pick<SimulateOptions, 'arrivals' | 'tokens'>,
  curve: ServiceCurve,
  folder: string,
): Promise<ReadyArrivals> {
  const defaultWorkMs = curve.kind === 'slots' ? curve.meanWorkMs : 1;
  if (arrivals.kind === 'trace') return readFile(context, arrivals.text, tokens, { defaultWorkMs, folder });
  const written = readArrivals(arrivals.text, defaultWorkMs);
  const { requests, meanWork } = countRequests(written.arrivals);
  if (requests === 0) throw nothingArrives(arrivals.text);
  const spanMs = written.forMs;
  const about = { kind: 'generated', name: arrivals.text, digest: generatedDigest(arrivals.text), requests, spanMs };
  return {
    about: { ...about, kind: 'generated' },
    arrivals: written.arrivals,
    unit: null,
    endMs: spanMs,
    meanWork,
    notes: [],
  };
}

/** Generated arrivals are their text. */
const generatedDigest = (text: string): Digest => digestOf(text);

async function readFile(
  context: Pick<ProvingPorts, 'clock' | 'cwd' | 'signal' | 'terminal'>,
  named: string,
  tokens: SimulateOptions['tokens'],
  { defaultWorkMs, folder }: { readonly defaultWorkMs: number; readonly folder: string },
): Promise<ReadyArrivals> {
  const location = path.resolve(context.cwd, named);
  return withSourceFile({ location, shown: named }, context.signal, async (source) => {
    const hash = createHash('sha256');
    const said = byteProgress(context, `reading ${named}`, source.bytes);
    const trace = await readTrace(hashed(source.chunks(said), hash), { tokens: tokens ?? noTokens, defaultWorkMs });
    await source.requireUnchanged();
    if (trace.format !== 'simple' && tokens === undefined) throw tokensMissing(named);
    if (trace.requests < 2 || trace.spanMs <= 0) throw nothingToSee(named);
    const { meanWork } = countRequests(trace.arrivals);
    const about: SimulatedArrivals = {
      kind: 'trace',
      name: path.relative(folder, location),
      digest: `sha256:${hash.digest('hex')}`,
      requests: trace.requests,
      spanMs: trace.spanMs,
    };
    // The last request has arrived when the time is over.
    const endMs = trace.spanMs + 1;
    const tokensToo =
      trace.format === 'simple' && tokens !== undefined ? ['the trace has no tokens: --tokens says nothing'] : [];
    return {
      about,
      arrivals: trace.arrivals,
      unit: trace.unit,
      endMs,
      meanWork,
      notes: [...trace.notes, ...tokensToo],
    };
  }).catch((thrown: unknown) => {
    throw inFile(named, thrown);
  });
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function countRequests(arrivals: Arrivals): { readonly requests: number; readonly meanWork: number } {
  let [requests, sum] = [0, 0];
  const all = arrivals();
  for (let next = all.next(); next.done !== true; next = all.next()) {
    requests += 1;
    sum += next.value.workMs;
  }
  return { requests, meanWork: requests === 0 ? 0 : sum / requests };
}

/** What is wrong with a row is told with the file that it stands in. */
function inFile(named: string, thrown: unknown): unknown {
  if (!(thrown instanceof PlimsollError) || !['data-invalid', 'trace-empty', 'trace-too-long'].includes(thrown.code)) {
    return thrown;
  }
  const next = thrown.next === 'mend that line and add the file again' ? 'mend that line' : thrown.next;
  const { code, category, details } = thrown;
  return new PlimsollError({
    code,
    category,
    message: `${named}: ${thrown.message}`,
    ...(next === undefined ? {} : { next }),
    details,
    cause: thrown,
  });
}

function tokensMissing(named: string): PlimsollError {
  return new PlimsollError({
    code: 'tokens-missing',
    category: 'input',
    message: `${named} tells the tokens of requests, and nothing says how long they take`,
    next: 'give --tokens FIXED,PER_INPUT,PER_OUTPUT, as --tokens 50ms,0.1ms,20ms',
  });
}

function nothingToSee(named: string): PlimsollError {
  return new PlimsollError({
    code: 'trace-empty',
    category: 'input',
    message: `${named} has one moment only, and there is nothing to scale by`,
    next: 'give a trace that spans some time',
  });
}

function nothingArrives(text: string): PlimsollError {
  return new PlimsollError({
    code: 'arrivals-empty',
    category: 'input',
    message: `no request comes of \`${text.slice(0, 200)}\``,
    next: 'raise its rate, or `for`',
  });
}

import { readStatedCurve, statedCapacity } from '../../core/capacity/read-stated-curve.ts';
import { scaleCapacity } from '../../core/capacity/scale-capacity.ts';
import type { ReplicaCapacity, ServiceCurve } from '../../core/capacity/service-curve.ts';
import { readStatedStart } from '../../core/coldstart/read-stated-start.ts';
import { scaleStarts } from '../../core/coldstart/scale-starts.ts';
import type { StartDistribution } from '../../core/coldstart/start-distribution.ts';
import { toldFactors } from '../../core/scaling/simulation/told-evidence.ts';
import type { ToldEvidence } from '../../core/scaling/simulation/world.ts';
import { ifGiven, optionInvalid, unwrap } from './option-text.ts';

/** What policies are told in place of the real curve and start: a curve or a start, or a factor on the real one. */
export interface ToldOptions {
  readonly toldCurve: ServiceCurve | number | undefined;
  readonly toldStart: StartDistribution | number | undefined;
  /** Told over real, each of which is tried; empty for no sweep. */
  readonly sweep: readonly number[];
}

/** Factors beyond these are typing errors. */
const [leastFactor, mostFactor] = [0.01, 100];
const factorsAtMost = 20;

export function toldOptions(text: (name: string) => string | undefined): ToldOptions {
  return {
    toldCurve: ifGiven(text('toldCurve'), (value) =>
      factorOr('--told-curve', value, (spec) => unwrap('--told-curve', spec, readStatedCurve(spec))),
    ),
    toldStart: ifGiven(text('toldStart'), (value) =>
      factorOr('--told-start', value, (spec) => unwrap('--told-start', spec, readStatedStart(spec))),
    ),
    sweep: ifGiven(text('sweep'), readSweep) ?? toldFactors,
  };
}

/** What policies are told; undefined where no option tells them anything but the truth. */
export function toldEvidence(
  { toldCurve, toldStart }: Partial<Pick<ToldOptions, 'toldCurve' | 'toldStart'>>,
  real: { readonly capacity: ReplicaCapacity; readonly starts: StartDistribution },
): ToldEvidence | undefined {
  if (toldCurve === undefined && toldStart === undefined) return undefined;
  return { capacity: toldCapacityOf(toldCurve, real.capacity), starts: toldStartsOf(toldStart, real.starts) };
}

function toldCapacityOf(told: ToldOptions['toldCurve'], real: ReplicaCapacity): ReplicaCapacity {
  if (told === undefined) return real;
  if (typeof told === 'number') return scaleCapacity(real, told);
  if (told.kind === real.curve.kind) return statedCapacity(told);
  throw optionInvalid(
    `--told-curve is of ${told.kind}, and replicas serve by ${real.curve.kind}`,
    `give --told-curve a curve of ${real.curve.kind}, or a factor as 2x`,
  );
}

function toldStartsOf(told: ToldOptions['toldStart'], real: StartDistribution): StartDistribution {
  if (told === undefined) return real;
  return typeof told === 'number' ? scaleStarts(real, told) : told;
}

/** `2x` is a factor on what is real. */
function factorOr<T>(option: string, text: string, read: (text: string) => T): T | number {
  const factor = /^(\d{1,3}(?:\.\d{1,6})?)x$/.exec(text.trim())?.[1];
  return factor === undefined ? read(text) : factorInside(option, text, Number(factor));
}

function factorInside(option: string, text: string, factor: number): number {
  if (factor >= leastFactor && factor <= mostFactor) return factor;
  throw optionInvalid(`${option} \`${text}\``, `${option} takes factors from ${leastFactor} to ${mostFactor}`);
}

/** `0.5,0.9,1.1,2`, or `none`. The factor 1 is always among them: costs are told against it. */
function readSweep(text: string): readonly number[] {
  if (text.trim() === 'none') return [];
  const factors = text.split(',').map((part) => {
    const factor = /^\d{1,3}(?:\.\d{1,6})?$/.test(part.trim()) ? Number(part) : Number.NaN;
    return factorInside('--sweep', text, factor);
  });
  if (factors.length <= factorsAtMost) return [...new Set([...factors, 1])].sort((a, b) => a - b);
  throw optionInvalid(`--sweep has ${factors.length} factors`, `--sweep takes at most ${factorsAtMost} factors`);
}

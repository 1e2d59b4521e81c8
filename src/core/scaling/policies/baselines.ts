import type { Policy } from '../policy.ts';
import { apaDefaults, apaKnobs, makeAibrixApa } from './aibrix-apa.ts';
import { hpaDefaults, hpaKnobs, makeHpa } from './hpa.ts';
import { kedaDefaults, kedaKnobs, makeKeda } from './keda.ts';
import type { Knobs } from './knobs.ts';
import { kpaDefaults, kpaKnobs, makeKpa } from './kpa.ts';
import { makeLlmdWva, wvaDefaults, wvaKnobs } from './llmd-wva.ts';
import { makeRayServe, rayServeDefaults, rayServeKnobs } from './ray-serve.ts';

/** One autoscaler of others: how to make it with its defaults, and what its users would tune. */
export interface BaselinePolicy {
  readonly name: string;
  /** With the defaults of its own documentation. */
  make(): Policy;
  /** With every combination of its knobs; the defaults for what is no knob. */
  makeTuned(): readonly TunedPolicy[];
}

export interface TunedPolicy {
  /** The options that differ from the defaults, by name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly policy: Policy;
}

/** Every autoscaler that Plimsoll's is compared with; docs/scaling-baselines.md tells of each. */
export const baselinePolicies: readonly BaselinePolicy[] = [
  baseline(makeHpa, hpaDefaults, hpaKnobs),
  baseline(makeKeda, kedaDefaults, kedaKnobs),
  baseline(makeKpa, kpaDefaults, kpaKnobs),
  baseline(makeLlmdWva, wvaDefaults, wvaKnobs),
  baseline(makeAibrixApa, apaDefaults, apaKnobs),
  baseline(makeRayServe, rayServeDefaults, rayServeKnobs),
];

function baseline<Options extends object, State>(
  make: (options: Partial<Options>) => Policy<State>,
  defaults: Options,
  knobs: Knobs<Options>,
): BaselinePolicy {
  return {
    name: make(defaults).name,
    make: () => make(defaults),
    makeTuned: () =>
      product(knobs).map((options) => ({ options: { ...options }, policy: make({ ...defaults, ...options }) })),
  };
}

/** Every combination of the values, in the order of the knobs. */
function product<Options extends object>(knobs: Knobs<Options>): readonly Partial<Options>[] {
  const names = Object.keys(knobs) as (keyof Options)[];
  return names.reduce<readonly Partial<Options>[]>(
    (combinations, name) =>
      combinations.flatMap((options) => (knobs[name] ?? []).map((value) => ({ ...options, [name]: value }))),
    [{}],
  );
}

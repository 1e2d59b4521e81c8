/** What an engine can tell, each in the unit of its name. */
export const engineSignalNames = [
  'queueDepth',
  'inFlight',
  'acceleratorMemoryShare',
  'serviceMs',
  'batchRows',
  'batchLimitRows',
  'arrivals',
  'completions',
] as const;
export type EngineSignalName = (typeof engineSignalNames)[number];

/** Series that a rule looks at, beyond their name. A series without the label is looked at. */
export interface SeriesFilter {
  readonly label: string;
  readonly matches: 'equals' | 'contains';
  readonly value: string;
}

interface RuleBase {
  /** The unit of the metric into the unit of the signal: microseconds to milliseconds 0.001, percent to share 0.01. */
  readonly scale?: number;
  readonly only?: SeriesFilter;
}

/**
 * How one signal comes out of an engine's metrics. `names` are what one metric was called over the versions, newest first;
 * the first that is there is read. A counter `x` is also found as `x_total`, which OpenMetrics adds.
 *
 * | kind | value |
 * |---|---|
 * | gauge | its series added up, averaged, or the largest; `less` is another gauge that is taken off |
 * | share-of | one gauge over the sum of several (used / (used + free)), each added up over its series |
 * | increase | of a counter between two readings |
 * | mean-increase | (increase of `sum` - increase of `less`) / increase of `count`: a mean over what happened in between |
 * | mean-of-series | the same for each series, added up: the queues of several workers |
 * | in-state | increase of a cumulative duration / time between the readings, both ms: by Little's law the mean number there */
export type MetricRule =
  | (RuleBase & {
      readonly kind: 'gauge';
      readonly names: readonly string[];
      readonly over: 'sum' | 'mean' | 'max';
      readonly less?: readonly string[];
    })
  | (RuleBase & {
      readonly kind: 'share-of';
      readonly part: readonly string[];
      readonly whole: readonly (readonly string[])[];
      /** Of `whole`, those that an exporter may leave out. */
      readonly optional?: readonly (readonly string[])[];
    })
  | (RuleBase & { readonly kind: 'increase'; readonly names: readonly string[] })
  | (RuleBase & {
      readonly kind: 'mean-increase';
      readonly sum: readonly string[];
      readonly count: readonly string[];
      readonly less?: readonly string[];
    })
  | (RuleBase & { readonly kind: 'mean-of-series'; readonly histogram: readonly string[] })
  | (RuleBase & { readonly kind: 'in-state'; readonly names: readonly string[] });

export type EngineName =
  'plimsoll' | 'vllm' | 'triton' | 'tgi' | 'sglang' | 'torchserve' | 'ray-serve' | 'mlserver' | 'dcgm';

export interface EngineMetrics {
  readonly engine: EngineName;
  /** It is this engine when one of these metrics is there. */
  readonly knownBy: readonly string[];
  /** Rules in order of preference: the first whose metrics are all there is used. */
  readonly signals: Readonly<Partial<Record<EngineSignalName, readonly MetricRule[]>>>;
  /** Where it serves them when nobody configured otherwise. */
  readonly usualPath: string;
  readonly source: string;
  readonly lookedUp: string;
}

/** Every name that a rule may read, for asking a server for just those. */
export function namesOfRule(rule: MetricRule): readonly string[] {
  const counter = (names: readonly string[]): readonly string[] => names.flatMap((name) => [name, `${name}_total`]);
  switch (rule.kind) {
    case 'gauge':
      return [...rule.names, ...(rule.less ?? [])];
    case 'share-of':
      return [...rule.part, ...rule.whole.flat(), ...(rule.optional ?? []).flat()];
    case 'increase':
    case 'in-state':
      return counter(rule.names);
    case 'mean-increase':
      return counter([...rule.sum, ...rule.count, ...(rule.less ?? [])]);
    case 'mean-of-series':
      return rule.histogram.flatMap((name) => [`${name}_sum`, `${name}_count`]);
  }
}

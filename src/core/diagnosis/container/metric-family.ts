/** Series of one name, as an exposition of Prometheus has them. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly {
    readonly labels: readonly (readonly [name: string, value: string])[];
    readonly value: number;
  }[];
}

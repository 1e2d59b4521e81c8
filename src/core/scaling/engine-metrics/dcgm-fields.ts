import type { MetricRule } from './metric-rule.ts';

const mebibyte = 1024 * 1024;

/**
 * Fields of DCGM by their number, which stays when the exporter renames a metric: 4.9.0 renamed 23 fields and changed the
 * unit of 11, GPU memory from MiB to bytes and utilisation from percent to a share. A name says its unit, so that each name
 * has its own factor and none is read in another's.
 *
 * Numbers and old names: https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html (2026-11).
 * `DCGM_FI_DEV_FB_CAPACITY_BYTES`: https://newreleases.io/project/github/NVIDIA/dcgm-exporter/release/4.9.0. The other
 * names in `_BYTES` follow the same release's rule and were not seen in an exposition (`seen: false`); one that is wrong is
 * never there, and costs nothing.
 */
export const dcgmFields: readonly {
  readonly field: number;
  readonly means: 'total' | 'free' | 'used' | 'reserved';
  readonly names: readonly { readonly name: string; readonly unitBytes: number; readonly seen: boolean }[];
}[] = [
  {
    field: 250,
    means: 'total',
    names: [
      { name: 'DCGM_FI_DEV_FB_CAPACITY_BYTES', unitBytes: 1, seen: true },
      { name: 'DCGM_FI_DEV_FB_TOTAL', unitBytes: mebibyte, seen: true },
    ],
  },
  {
    field: 251,
    means: 'free',
    names: [
      { name: 'DCGM_FI_DEV_FB_FREE_BYTES', unitBytes: 1, seen: false },
      { name: 'DCGM_FI_DEV_FB_FREE', unitBytes: mebibyte, seen: true },
    ],
  },
  {
    field: 252,
    means: 'used',
    names: [
      { name: 'DCGM_FI_DEV_FB_USED_BYTES', unitBytes: 1, seen: false },
      { name: 'DCGM_FI_DEV_FB_USED', unitBytes: mebibyte, seen: true },
    ],
  },
  {
    field: 253,
    means: 'reserved',
    names: [
      { name: 'DCGM_FI_DEV_FB_RESERVED_BYTES', unitBytes: 1, seen: false },
      { name: 'DCGM_FI_DEV_FB_RESERVED', unitBytes: mebibyte, seen: true },
    ],
  },
];

const named = (means: 'total' | 'free' | 'used' | 'reserved', unitBytes: number): readonly string[] =>
  dcgmFields
    .filter((field) => field.means === means)
    .flatMap(({ names }) => names.filter((each) => each.unitBytes === unitBytes).map(({ name }) => name));

/** Used over all of it, in one unit each: of the total where it is exported, else of used, free and reserved. */
export const dcgmMemoryRules: readonly MetricRule[] = [1, mebibyte].flatMap((unitBytes): readonly MetricRule[] => [
  { kind: 'share-of', part: named('used', unitBytes), whole: [named('total', unitBytes)] },
  {
    kind: 'share-of',
    part: named('used', unitBytes),
    whole: [named('used', unitBytes), named('free', unitBytes)],
    optional: [named('reserved', unitBytes)],
  },
]);

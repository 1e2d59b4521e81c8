import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

export const never = 'what is not known is never a pass';
export const newest = '615.10.01 13.4';
export const native = ['native', 'driver-native'] as const;
export type Answer = readonly [compatibility: Compatibility, rule: string];
export const runtimeRow = (
  name: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: `A100-40 ${newest}`,
  image,
  compatibility,
  rule,
  source,
  ...rest,
});

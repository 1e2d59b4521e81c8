import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

export const guide =
  'CUDA Programming Guide, binary and PTX compatibility, architecture- and family-specific features (2025-12-15)';
export type Rule = readonly [compatibility: Compatibility, rule: string];
export const kernelRow = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Rule,
  source = guide,
): CaseRow => ({
  name,
  device,
  image,
  compatibility,
  rule,
  source,
});
export const native: Rule = ['native', 'driver-native'];
export const none: Rule = ['incompatible', 'kernels'];
export const notKnown: Rule = ['unknown', 'kernels'];

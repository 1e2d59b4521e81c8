import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';

export const t4 = 'T4 570.133.20 12.8';
export const v100 = 'V100 570.133.20 12.8';
export const a100 = 'A100-40 570.133.20 12.8';
export const a10 = 'A10 570.133.20 12.8';
export const l4 = 'L4 570.133.20 12.8';

export type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
export const native: Answer = ['native', 'driver-native'];
export const refused: Answer = ['incompatible', 'kernel-shape'];
export const noPrecision: Answer = ['incompatible', 'precision'];

export type Facts = Partial<ModelHardwareFacts>;

export const row = (
  name: string,
  device: string,
  python: Readonly<Record<string, string>>,
  model: Facts,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device,
  image: { python },
  model: { format: 'safetensors', ...model },
  compatibility,
  rule,
  source,
  ...rest,
});

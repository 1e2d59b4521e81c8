import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { parseDatatype } from './datatype.ts';
import { tensorFromJson } from './json-elements.ts';
import { jsonOf } from './json-text.ts';
import type { WireTensor } from './tensor.ts';

/** The form in which golden sets and data rows hold a tensor, with its bytes made. @throws as `tensorFromJson`. */
export function wireTensorOf(tensor: GoldenTensor): WireTensor {
  const datatype = parseDatatype(tensor.datatype, `tensor "${tensor.name}"`);
  return tensorFromJson(tensor.name, datatype, tensor.shape, tensor.data, () => tensor.data);
}

/** The reverse: 64-bit integers as decimal text, non-finite floats as their names, everything else as JSON has it. */
export function goldenTensorOf(tensor: WireTensor): GoldenTensor {
  const { name, datatype, shape } = tensor;
  const json = jsonOf(tensor);
  const quoted = datatype === 'INT64' || datatype === 'UINT64' ? json.replace(/-?\d+/g, '"$&"') : json;
  return { name, datatype, shape, data: JSON.parse(quoted) as (number | string | boolean)[] };
}

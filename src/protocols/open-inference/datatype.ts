import { PlimsollError } from '../../core/units/errors.ts';

/**
 * Datatypes of the Open Inference Protocol whose elements have a fixed width.
 * Source: "Tensor Data Types" of the protocol, github.com/kserve/open-inference-protocol (read 2026-11).
 */
export type FixedDatatype =
  'BOOL' | 'UINT8' | 'UINT16' | 'UINT32' | 'UINT64' | 'INT8' | 'INT16' | 'INT32' | 'INT64' | 'FP16' | 'FP32' | 'FP64';

export type Datatype = FixedDatatype | 'BYTES';

/** Width of one element in bytes. */
export const elementBytes: Readonly<Record<FixedDatatype, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
};

export const datatypes: readonly Datatype[] = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
];

const known: ReadonlySet<string> = new Set(datatypes);

export function isDatatype(text: unknown): text is Datatype {
  return typeof text === 'string' && known.has(text);
}

/** @throws PlimsollError `datatype-unknown`, or `datatype-unsupported` for BF16, which no JSON or Node runtime carries. */
export function parseDatatype(value: unknown, where: string): Datatype {
  if (isDatatype(value)) return value;
  if (value === 'BF16') {
    throw new PlimsollError({
      code: 'datatype-unsupported',
      category: 'input',
      message: `${where}: BF16 is not supported: the ONNX Runtime binding for Node has no bfloat16 tensors`,
      next: 'export the model with FP16 or FP32 inputs and outputs (a Cast inside the graph may stay BF16)',
    });
  }
  throw new PlimsollError({
    code: 'datatype-unknown',
    category: 'input',
    message: `${where}: unknown datatype ${describe(value)}; expected one of ${datatypes.join(', ')}`,
    next: 'send one of these names in capitals',
  });
}

/** A value from a client inside an error sentence: short, quoted, one line. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : String(value);
}

import { PlimsollError } from '../../core/units/errors.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import { describe } from './datatype.ts';
import { parseJson } from './exact-json.ts';

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  /** `onnxruntime_onnx` here; another server says its own. */
  readonly platform: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** One entry of the repository extension's index. */
export interface RepositoryEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  readonly reason: string;
}

/**
 * Body of live and ready. The specification's text answers server-ready with `{"live": ...}` and its OpenAPI document
 * with no body: both members are sent, so that a reader of either finds what it looks for. The status decides.
 */
export function healthBody(live: boolean, ready: boolean): string {
  return JSON.stringify({ live, ready });
}

export function modelReadyBody(name: string, ready: boolean): string {
  return JSON.stringify({ name, ready });
}

/** The only form that errors have on the wire. */
export function errorBody(message: string): string {
  return JSON.stringify({ error: message });
}

/**
 * A server's model metadata, the side of a client. A server may leave inputs and outputs out (the OpenAPI document
 * does not require them); they are then empty. @throws PlimsollError `metadata-invalid` (unavailable).
 */
export function parseModelMetadata(body: Uint8Array): ModelMetadata {
  const { value } = parseJson(body, 'the model metadata');
  if (typeof value !== 'object' || value === null) throw invalid(`expected an object, got ${describe(value)}`);
  const metadata = value as Readonly<Record<string, unknown>>;
  return {
    name: String(metadata['name'] ?? ''),
    versions: Array.isArray(metadata['versions']) ? metadata['versions'].map(String) : [],
    platform: String(metadata['platform'] ?? ''),
    inputs: parseSpecs(metadata['inputs'], 'inputs'),
    outputs: parseSpecs(metadata['outputs'], 'outputs'),
  };
}

function parseSpecs(value: unknown, what: string): TensorSpec[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${what} must be an array, got ${describe(value)}`);
  return (value as readonly unknown[]).map((item, index) => {
    const { name, datatype, shape } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const sizes = Array.isArray(shape) ? shape.map(Number) : null;
    if (typeof name !== 'string' || typeof datatype !== 'string' || sizes === null || !sizes.every(Number.isInteger)) {
      throw invalid(`${what}[${index}] needs name, datatype and shape`);
    }
    return { name, datatype, shape: sizes };
  });
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'metadata-invalid',
    category: 'unavailable',
    message: `the server's model metadata does not follow the Open Inference Protocol: ${message}`,
    next: 'check that the endpoint speaks the Open Inference Protocol v2',
  });
}

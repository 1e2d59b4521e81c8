import { parseJson } from '../open-inference/exact-json.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A body or an event as an object. @throws PlimsollError as `parseJson`. */
export function parseObject(bytes: Uint8Array, what: string): Json {
  return objectOf(parseJson(bytes, what).value);
}

/** An empty object for whatever is none: a member that is missing reads as undefined. */
export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : NaN);

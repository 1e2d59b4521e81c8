import { arrayOf, isObject, objectAt, textOf, type JsonObject } from './json-object.ts';

/**
 * Returns when values of a Secret were last written, in milliseconds, by the metadata of the Secret alone; null where they do not tell.
 * A writer that changed values and something else has one time for both.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management (2026-11-29)
 */
export function readSecretChange(object: JsonObject): number | null {
  const times = arrayOf(objectAt(object, 'metadata')['managedFields'])
    .filter(isObject)
    .filter((entry) => objectAt(entry, 'fieldsV1')['f:data'] !== undefined)
    .map((entry) => Date.parse(textOf(entry['time']) ?? ''))
    .filter((atMs) => Number.isFinite(atMs));
  return times.length === 0 ? null : Math.max(...times);
}

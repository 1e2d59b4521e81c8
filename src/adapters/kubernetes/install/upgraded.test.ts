import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject, objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const read = (file: string): readonly JsonObject[] =>
  (JSON.parse(readFileSync(path.join(root, file), 'utf8')) as readonly unknown[]).filter(isObject);
const nameOf = (object: JsonObject): string =>
  `${String(object['kind'])}/${String(objectAt(object, 'metadata')['name'])}`;

/** The API server refuses another value in an update: the object would have to be removed first. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  StatefulSet: ['selector', 'serviceName', 'volumeClaimTemplates', 'podManagementPolicy'],
  Deployment: ['selector'],
};

describe.each(['sqlite', 'postgresql'])('an installation of the version before with %s', (store) => {
  const before = read(`test/kubernetes/installed/previous/${store}.golden`);
  const now = read(`src/adapters/kubernetes/install/fixtures/${store}.golden`);

  it('keeps its objects, so that an upgrade leaves none behind', () => {
    expect(before.length).toBeGreaterThan(10);
    expect(now.map(nameOf)).toEqual(expect.arrayContaining(before.map(nameOf)));
  });

  it('changes no field that cannot be changed', () => {
    const pinned = (objects: readonly JsonObject[]): readonly unknown[] =>
      before.map((old) => {
        const object = objects.find((each) => nameOf(each) === nameOf(old));
        const spec = objectAt(object, 'spec');
        const fields = (fixed[String(old['kind'])] ?? []).map((field) => [field, spec[field]]);
        return [nameOf(old), object?.['apiVersion'], object?.['roleRef'], fields];
      });
    expect(pinned(now)).toEqual(pinned(before));
  });
});

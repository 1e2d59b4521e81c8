import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { neededRights, nodeRights, optionalRights } from './needed-rights.ts';

const root = path.resolve(import.meta.dirname, '../../../..');

it.each([
  ['replicas-role.yaml', [...neededRights, ...optionalRights]],
  ['nodes-cluster-role.yaml', nodeRights],
])('are those of %s, which is handed out, and of its documentation', (file, rights) => {
  const role = parse(readFileSync(path.join(root, 'deploy/kubernetes', file), 'utf8')) as {
    readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
  };
  const granted = role.rules.map(({ apiGroups, resources, verbs }) => ({
    group: apiGroups.join(),
    resource: resources.join(),
    verbs,
  }));
  expect(granted).toEqual(rights);
  const documentation = readFileSync(path.join(root, 'docs/kubernetes.md'), 'utf8');
  for (const { resource, verbs } of rights) {
    for (const verb of verbs) expect(documentation).toMatch(new RegExp(`\\| \`${resource}\` +\\|.*\\b${verb}\\b`));
  }
});

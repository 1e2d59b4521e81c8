import { expect, it } from 'vitest';
import { problemText } from '../../core/contract/problem.ts';
import { contractProblems, loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';

const withFeatures = (list: string): string => `${minimalContract}features: ${list}\n`;

it('a source of features is a path, or views or a service of Feast', () => {
  const list = `
  - path: features/spend.sql
  - feast: { registry: /srv/feast/registry.db, project: rides, featureViews: [driver_stats] }
  - feast: { registry: "s3://bucket/registry.pb", featureService: activity }`;
  expect(loadContract(withFeatures(list)).contract.features).toEqual([
    { path: 'features/spend.sql' },
    { feast: { registry: '/srv/feast/registry.db', project: 'rides', featureViews: ['driver_stats'] } },
    { feast: { registry: 's3://bucket/registry.pb', featureService: 'activity' } },
  ]);
});

it.each([
  ['[]', 'features'],
  ['[{}]', 'an entry is one source'],
  ['[{ path: a, feast: { registry: r, featureService: s } }]', 'an entry is one source'],
  ['[{ path: ../a.sql }]', 'leaves the folder of the contract'],
  ['[{ feast: { registry: r } }]', 'what is read of the registry'],
  ['[{ feast: { registry: r, featureService: s, featureViews: [v] } }]', 'what is read of the registry'],
  ['[{ feast: { registry: r, featureViews: [] } }]', 'featureViews'],
  ['[{ feast: { registry: r, featureViews: ["a\\tb"] } }]', 'featureViews'],
  ['[{ feast: { featureService: s } }]', 'registry'],
  ['[{ feast: { registry: "postgresql://h/db", featureService: s } }]', 'this form of registry is not read'],
  ['[{ feast: { registry: "gs://b/r.db", featureService: s } }]', 'this form of registry is not read'],
  ['[{ feast: { registry: "s3://bucket", featureService: s } }]', 'this form of registry is not read'],
  ['[{ feast: { registry: r, featureService: s, view: v } }]', 'view'],
])('features: %s is refused', (list, words) => {
  expect(contractProblems(withFeatures(list)).map(problemText).join('\n')).toContain(words);
});

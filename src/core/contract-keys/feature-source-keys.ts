import type { KeyDoc } from './key-doc.ts';

export const featureSourceKeys: readonly KeyDoc[] = [
  {
    key: 'features',
    meaning:
      'What computes the features that clients send to the model: files in git, or feature views of Feast. They are pinned by digest, and evaluation evidence is of them.',
    form: 'a list; each entry has either `path` or `feast`',
    default: 'nothing that computes features is pinned',
    example: '[{ path: features/spend.sql }]',
  },
  {
    key: 'features[]',
    meaning: 'One source of features.',
    form: 'a section with either `path` or `feast`',
    default: null,
    example: '{ path: features/spend.sql }',
  },
  {
    key: 'features[].path',
    meaning: 'A file or a folder whose content computes features: SQL, a program, a project of dbt.',
    form: 'a path below the folder of the contract',
    default: 'not written: `feast`',
    example: 'features/spend.sql',
  },
  {
    key: 'features[].feast',
    meaning: 'Feature views of a Feast registry: their entities, features, types, sources, transformations and ttl.',
    form: 'a section with `registry`, and either `featureViews` or `featureService`',
    default: 'not written: `path`',
    example: '{ registry: feature_repo/data/registry.db, featureService: activity }',
  },
  {
    key: 'features[].feast.registry',
    meaning:
      'The registry file that `feature_store.yaml` names. It is read as a file, without Python. One below `s3://` is read by `plimsoll pin` and `plimsoll check --online`.',
    form: 'a path, relative to the contract or absolute, or `s3://BUCKET/KEY`',
    default: null,
    example: 'feature_repo/data/registry.db',
  },
  {
    key: 'features[].feast.project',
    meaning: 'The project of Feast whose views are read.',
    form: 'a name',
    default: 'the one project of the registry',
    example: 'rides',
  },
  {
    key: 'features[].feast.featureViews',
    meaning: 'Feature views, with all their features. The views that an on-demand view reads are pinned with it.',
    form: 'a list of names',
    default: 'not written: `featureService`',
    example: '[driver_stats]',
  },
  {
    key: 'features[].feast.featureService',
    meaning: 'A feature service: the views that it names, with the features that it selects.',
    form: 'a name',
    default: 'not written: `featureViews`',
    example: 'activity',
  },
];

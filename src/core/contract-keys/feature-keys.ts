import type { KeyDoc } from './key-doc.ts';

export const featureKeys: readonly KeyDoc[] = [
  {
    key: 'monitoring.features',
    meaning:
      'Programs that compute more features of a request and its answer. The same programs make the reference at `plimsoll evaluate` and look at live requests. Their files are pinned, and evaluation evidence is of them.',
    form: 'a list; each entry has `gives`, and either `module` or `command`',
    default: 'the features that Plimsoll reads by itself',
    example: '[{ module: features.ts, gives: { amount-per-item: number } }]',
  },
  {
    key: 'monitoring.features[]',
    meaning: 'One program, and the features that it gives.',
    form: 'a section with `gives`, and either `module` or `command`',
    default: null,
    example: '{ module: features.ts, gives: { amount-per-item: number } }',
  },
  {
    key: 'monitoring.features[].module',
    meaning:
      'TypeScript module whose function `features` is given `{ inputs, outputs, status }` and returns an object of values. It runs in a process of its own, and reads its own files alone.',
    form: 'a path below the folder of the contract',
    default: 'not written: `command`',
    example: 'features.ts',
  },
  {
    key: 'monitoring.features[].command',
    meaning:
      'Program that reads one JSON object a line, and prints one JSON object of values a line. It is kept running.',
    form: 'a list of words',
    default: 'not written: `module`',
    example: '[python, features.py]',
  },
  {
    key: 'monitoring.features[].files',
    meaning:
      'Files and folders besides those that `module` and `command` name, whose content is part of what computes the features.',
    form: 'a list of paths below the folder of the contract',
    default: '[]',
    example: '[lib]',
  },
  {
    key: 'monitoring.features[].gives',
    meaning: 'The features by name. A value that is left out or is `null` is missing.',
    form: 'names with `number` or `category`, 64 at most of all programs together',
    default: null,
    example: '{ amount-per-item: number, region: category }',
  },
  {
    key: 'monitoring.features[].gives.<name>',
    meaning: 'Whether the feature is a number or one of a few words.',
    form: '`number` or `category`',
    default: null,
    example: 'number',
  },
  {
    key: 'monitoring.features[].timeout',
    meaning: 'How long one row may take. A program that takes longer is ended, and its features are unknown for 30 s.',
    form: 'a duration such as `1s`',
    default: '1s',
    example: '1s',
  },
];

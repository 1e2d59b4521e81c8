import { expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import { predictionsKey } from './predictions.ts';

it('predictions have another key for another of whatever decides the answers', () => {
  const subjects = {
    pair: digestOf(1),
    dataset: digestOf(2),
    runtime: digestOf(3),
    deviceClasses: digestOf(4),
    rows: null,
  };
  const keys = [
    subjects,
    ...Object.keys(subjects).map((name) => ({ ...subjects, [name]: name === 'rows' ? 5 : digestOf(name) })),
  ];
  expect(new Set(keys.map(predictionsKey)).size).toBe(6);
});

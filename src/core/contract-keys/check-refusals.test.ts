import { expect, it } from 'vitest';
import { listCheckRefusals, type RefusableSections } from './check-refusals.ts';

const gates = [{ metric: 'exact-match', atLeast: 0.5, confidenceShare: 0.95 }];

it.each<[string, RefusableSections, readonly (readonly (string | number)[])[]]>([
  ['images that nobody brings', { coldStart: { prePull: true } }, [['coldStart', 'prePull']]],
  ['rows that the protocol cannot send', { code: { protocol: 'openai' }, evaluation: { gates } }, [['evaluation']]],
  ['a metric of another task', { evaluation: { task: 'ranking', gates } }, [['evaluation', 'gates', 0, 'metric']]],
  ['a metric of the task', { evaluation: { task: 'text', gates } }, []],
  ['a protocol with tensors', { code: { protocol: 'open-inference-v2' }, evaluation: { gates } }, []],
  ['OpenAI without an evaluation', { code: { protocol: 'openai' }, coldStart: { prePull: false } }, []],
])('of what stands in a contract, check refuses: %s', (_what, sections, paths) => {
  expect(listCheckRefusals(sections).map(({ path }) => path)).toEqual(paths);
});

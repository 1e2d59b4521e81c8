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
  [
    'a signal that nothing reacts to',
    { scaling: { signal: 'batch-fill', actuator: 'plimsoll' } },
    [['scaling', 'signal']],
  ],
  [
    'an actuator that only a cluster has, on one machine',
    { scaling: { signal: 'queue-depth', actuator: 'keda' }, environments: { default: { platform: 'local' } } },
    [['scaling', 'actuator']],
  ],
  [
    'an actuator where one environment is a cluster',
    {
      scaling: { signal: 'queue-depth', actuator: 'keda' },
      environments: { dev: { platform: 'local' }, prod: { platform: 'kubernetes' } },
    },
    [],
  ],
  [
    'golden outputs of a protocol without tensors',
    { code: { protocol: 'openai' }, monitoring: { golden: 'prompts' } },
    [['monitoring', 'golden']],
  ],
  ['golden outputs of tensors', { code: { protocol: 'open-inference-v2' }, monitoring: { golden: 'rows' } }, []],
  ['a protocol without tensors that records none', { code: { protocol: 'openai' }, monitoring: {} }, []],
  [
    'a runtime class of pods without accelerators',
    {
      hardware: { accelerator: 'cpu' },
      environments: { dev: { platform: 'local' }, prod: { platform: 'kubernetes', runtimeClass: 'nvidia' } },
    },
    [['environments', 'prod', 'runtimeClass']],
  ],
  [
    'a runtime class where the contract asks for no hardware',
    { environments: { prod: { platform: 'kubernetes', runtimeClass: 'nvidia' } } },
    [['environments', 'prod', 'runtimeClass']],
  ],
  [
    'a runtime class of pods with accelerators',
    {
      hardware: { accelerator: 'nvidia' },
      environments: { prod: { platform: 'kubernetes', runtimeClass: 'nvidia' } },
    },
    [],
  ],
])('of what stands in a contract, check refuses: %s', (_what, sections, paths) => {
  expect(listCheckRefusals(sections).map(({ path }) => path)).toEqual(paths);
});

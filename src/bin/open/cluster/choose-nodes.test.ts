import { describe, expect, it } from 'vitest';
import { chooseNodes } from './choose-nodes.ts';

describe('nodes for replicas', () => {
  it('are all of them unless something is said', () => {
    expect(chooseNodes(undefined, undefined)).toEqual({});
  });

  it('have the labels, and may have the taints', () => {
    const tolerations = 'nvidia.com/gpu,team=vision,spot=:NoExecute,a.example/b:PreferNoSchedule';
    expect(chooseNodes('pool=gpu,node.example/zone=a,empty=', tolerations)).toEqual({
      nodeSelector: { pool: 'gpu', 'node.example/zone': 'a', empty: '' },
      tolerations: [
        { key: 'nvidia.com/gpu', operator: 'Exists' },
        { key: 'team', operator: 'Equal', value: 'vision' },
        { key: 'spot', operator: 'Equal', value: '', effect: 'NoExecute' },
        { key: 'a.example/b', operator: 'Exists', effect: 'PreferNoSchedule' },
      ],
    });
  });

  it.each(['pool', '=a', 'pool=a b', 'a/b/c=d', 'pool=a,', '-a=b', `${'a'.repeat(64)}=b`, 'pool=a\nb'])(
    'are not those of %j',
    (selector) => {
      expect(() => chooseNodes(selector, undefined)).toThrow('--node-selector must be of the form KEY=VALUE');
    },
  );

  it.each(['', 'team:Never', 'team=a=b', ':NoSchedule', '*'])('do not pass over %j', (tolerations) => {
    expect(() => chooseNodes(undefined, tolerations)).toThrow('--tolerations must be of the form KEY[=VALUE]');
  });
});

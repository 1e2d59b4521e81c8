import { describe, expect, it } from 'vitest';
import { buildPlanNode, buildSlicePlan, findBoard, placeOn } from '../../testing/builders/packing/slice-plans.ts';
import { nameMigResource } from './device-names.ts';
import { makeDevicePluginResources } from './device-plugin-resources.ts';
import { makeMigPartedConfig } from './mig-parted-config.ts';

const board = findBoard('A100-80');

describe('resources of the device plugin for a plan', () => {
  const plan = placeOn(
    buildSlicePlan('chat:3g.40gb@4 embed:1g.10gb+me@0', 'chat:3g.40gb@0 chat:3g.40gb@4'),
    board,
    buildPlanNode('n1', [0]),
    buildPlanNode('n2', [0], 'NVIDIA A100 80GB PCIe'),
  );
  const [chat, embed] = makeDevicePluginResources(plan);
  const { labels } = makeMigPartedConfig(plan);
  const [one, two] = [labels['n1']?.['nvidia.com/mig.config'], labels['n2']?.['nvidia.com/mig.config']];

  it('are a limit of one instance, and an affinity to the nodes that have such instances for the service', () => {
    expect(chat).toMatchObject({ service: 'chat', profile: '3g.40gb', replicas: 3, nodes: ['n1', 'n2'] });
    expect(chat?.podSpec).toEqual({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  {
                    key: 'nvidia.com/gpu.product',
                    operator: 'In',
                    values: ['NVIDIA-A100-80GB-PCIe', 'NVIDIA-A100-SXM4-80GB'],
                  },
                  { key: 'nvidia.com/mig.config', operator: 'In', values: [one, two].sort() },
                  { key: 'nvidia.com/mig.config.state', operator: 'In', values: ['success'] },
                ],
              },
            ],
          },
        },
      },
      containers: [{ name: 'chat', resources: { limits: { 'nvidia.com/mig-3g.40gb': 1 } } }],
    });
  });

  it('keep a service away from nodes whose instances are all of other services', () => {
    // The layouts of n1 and n2 differ, and embed is on the one with 3g and 1g.
    expect(one).not.toEqual(two);
    expect(embed).toMatchObject({ service: 'embed', replicas: 1, nodes: ['n2'] });
    expect(JSON.stringify(embed?.podSpec)).toContain(two ?? '');
    expect(JSON.stringify(embed?.podSpec)).not.toContain(one ?? '');
  });

  it('write a dot where a profile has a plus sign', () => {
    expect(nameMigResource('1g.10gb+me')).toBe('nvidia.com/mig-1g.10gb.me');
    expect(embed?.podSpec['containers']).toEqual([
      { name: 'embed', resources: { limits: { 'nvidia.com/mig-1g.10gb.me': 1 } } },
    ]);
  });
});

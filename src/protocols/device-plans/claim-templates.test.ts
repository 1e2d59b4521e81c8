import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mostExpressionChars } from '../../core/hardware/selectors/dra-selector.ts';
import { migBoards } from '../../core/hardware/tables/mig-profiles.ts';
import { makeMigResourceSlices } from '../../testing/builders/pools/mig-resource-slices.ts';
import { buildPlanNode, buildSlicePlan, findBoard, placeOn } from '../../testing/builders/packing/slice-plans.ts';
import { evaluateCel } from '../../testing/oracles/cel.ts';
import { yamlOf } from '../yaml-text/yaml.ts';
import { makeResourceClaimTemplates } from './claim-templates.ts';

const board = findBoard('A100-80');
const pcie = 'NVIDIA A100 80GB PCIe';

function readExpression(template: unknown): string {
  const text = JSON.stringify(template);
  const [, expression = '""'] = /"expression":("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  return JSON.parse(expression) as string;
}

describe('claim templates of a plan', () => {
  it('are these objects, one for each service and profile', () => {
    const plan = placeOn(
      buildSlicePlan('chat:3g.40gb@4 embed:1g.10gb@0 chat:1g.10gb@1', 'embed:1g.10gb@0 embed:1g.10gb@1'),
      board,
      buildPlanNode('n1', [0]),
      buildPlanNode('n2', [0], pcie),
    );
    const templates = makeResourceClaimTemplates(plan, 'inference');
    expect(templates.map(({ service, profile, replicas, nodes }) => ({ service, profile, replicas, nodes }))).toEqual([
      { service: 'chat', profile: '1g.10gb', replicas: 1, nodes: ['n1'] },
      { service: 'chat', profile: '3g.40gb', replicas: 1, nodes: ['n1'] },
      { service: 'embed', profile: '1g.10gb', replicas: 3, nodes: ['n1', 'n2'] },
    ]);
    expect(templates[0]?.template).toEqual({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaimTemplate',
      metadata: { name: 'chat-1g-10gb', namespace: 'inference' },
      spec: {
        spec: {
          devices: {
            requests: [
              {
                name: 'mig',
                exactly: {
                  deviceClassName: 'mig.nvidia.com',
                  selectors: [
                    {
                      cel: {
                        expression: `device.driver == "gpu.nvidia.com" &&
device.attributes["gpu.nvidia.com"].type == "mig" &&
device.attributes["gpu.nvidia.com"].profile == "1g.10gb" &&
device.attributes["gpu.nvidia.com"].productName == "NVIDIA A100-SXM4-80GB"`,
                      },
                    },
                  ],
                  allocationMode: 'ExactCount',
                  count: 1,
                },
              },
            ],
          },
        },
      },
    });
    expect(templates[0]?.podSpec).toEqual({
      resourceClaims: [{ name: 'mig', resourceClaimTemplateName: 'chat-1g-10gb' }],
      containers: [{ name: 'chat', resources: { claims: [{ name: 'mig' }] } }],
    });
    expect(readExpression(templates[2]?.template)).toContain(
      'productName in ["NVIDIA A100 80GB PCIe", "NVIDIA A100-SXM4-80GB"]',
    );
    for (const { template } of templates) expect(parse(yamlOf(template))).toEqual(template);
  });

  it.each(migBoards.map((each) => [each.name, each] as const))(
    'select the instances of their profile among all devices of %s, and have names that Kubernetes takes',
    (_, each) => {
      const devices = makeMigResourceSlices({ name: 'n1', product: 'P', board: each, gpus: [0] })
        .flatMap(({ spec }) => spec.devices ?? [])
        .map(({ name, attributes }) => ({
          name,
          driver: 'gpu.nvidia.com',
          attributes: Object.fromEntries(Object.entries(attributes).map(([key, { string }]) => [key, string])),
          memoryBytes: null,
        }));
      for (const { profile, starts } of each.profiles) {
        const plan = placeOn(buildSlicePlan(`s:${profile}@0`), each, buildPlanNode('n1', [0], 'P'));
        const [found] = makeResourceClaimTemplates(plan);
        const expression = readExpression(found?.template);
        const chosen = devices.filter((device) => evaluateCel(expression, device) === true);
        expect(chosen.map(({ attributes }) => attributes['profile'])).toEqual(starts.map(() => profile));
        const [board0] = devices;
        expect(board0 === undefined ? null : evaluateCel(expression, board0)).toBe(false);
        const other = { driver: 'other', attributes: {}, memoryBytes: null };
        expect(evaluateCel(expression, other)).toBe(false);
        const twin = {
          ...devices[1],
          driver: 'gpu.nvidia.com',
          attributes: { ...chosen[0]?.attributes, productName: 'Q' },
        };
        expect(evaluateCel(expression, { ...twin, memoryBytes: null })).toBe(false);
        expect(expression.length).toBeLessThan(mostExpressionChars);
        expect(found?.podSpec['resourceClaims']).toEqual([
          {
            name: 'mig',
            resourceClaimTemplateName: expect.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])$/) as string,
          },
        ]);
      }
    },
  );
});

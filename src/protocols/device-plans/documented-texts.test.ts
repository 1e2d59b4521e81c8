import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildPlanNode, buildSlicePlan, findBoard, placeOn } from '../../testing/builders/packing/slice-plans.ts';
import { yamlOf } from '../yaml-text/yaml.ts';
import { makeResourceClaimTemplates } from './claim-templates.ts';
import { makeDevicePluginResources } from './device-plugin-resources.ts';
import { makeMigPartedConfig } from './mig-parted-config.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/slices.md'), 'utf8');
// Prettier writes single quotes.
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) =>
  text.trimEnd().replaceAll("'", '"'),
);

describe('the texts that docs/slices.md shows', () => {
  it('are those that are emitted for its example', () => {
    const gpu = 'embed:1g.10gb@0 embed:1g.10gb@1 embed:1g.10gb@2 embed:1g.10gb@3 chat:3g.40gb@4';
    const plan = placeOn(buildSlicePlan(gpu), findBoard('A100-80'), buildPlanNode('gpu-a', [0]));
    const { yaml, labels } = makeMigPartedConfig(plan);
    const [claim] = makeResourceClaimTemplates(plan, 'inference');
    const [limits] = makeDevicePluginResources(plan);
    expect(blocks).toEqual([
      yaml.trimEnd(),
      yamlOf(limits?.podSpec ?? {}),
      yamlOf(claim?.template ?? {}),
      yamlOf(claim?.podSpec ?? {}),
    ]);
    const [[node, own] = ['', {}]] = Object.entries(labels);
    const [[label, value] = ['', '']] = Object.entries(own);
    expect(page).toContain(`kubectl label node ${node} ${label}=${value} --overwrite`);
  });
});

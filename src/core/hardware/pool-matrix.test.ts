import { describe, expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import type { Verdict } from '../units/verdict.ts';
import type { DeviceVerdict, Finding, NodeVerdict, PoolVerdict } from './compatibility.ts';
import { poolMatrix } from './pool-matrix.ts';

const finding = (weight: Finding['weight'], message: string): Finding => ({
  rule: 'kernels',
  compatibility: 'native',
  weight,
  message,
  facts: {},
  source: 'a table',
});

const classOf = (name: string, verdict: Verdict): DeviceVerdict => ({
  deviceClass: digestOf(name),
  description: name,
  compatibility: verdict === 'pass' ? 'native' : verdict === 'fail' ? 'incompatible' : 'unknown',
  verdict,
  findings: [finding('deciding', `${name} decides`), finding('supporting', 'agrees'), finding('warning', 'mind this')],
});
const a100 = classOf('A100', 'pass');
const t4 = classOf('T4', 'fail');

const node = (name: string, ...classes: readonly DeviceVerdict[]): NodeVerdict => ({
  node: name,
  verdict: classes.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail',
  reason: `${classes.length} devices`,
  devices: classes.map(({ deviceClass, compatibility, verdict }, index) => ({
    device: `GPU ${index}`,
    deviceClass,
    compatibility,
    verdict,
  })),
});

const poolOf = (service: string, nodes: readonly NodeVerdict[]): PoolVerdict => ({
  service,
  environment: 'prod',
  pool: 'h100-eu',
  verdict: 'fail',
  reasons: ['T4 decides'],
  restsOnDeclared: false,
  nodes,
  nodesLeftOut: 0,
  classes: { [a100.deviceClass]: a100, [t4.deviceClass]: t4 },
});

describe('a pool as a picture', () => {
  it('has a row for each node, the failing ones first, and a mark for each device', () => {
    const { rows } = poolMatrix([poolOf('digits', [node('good', a100, a100), node('mixed', a100, t4)])], 5);
    expect(rows.map(({ names }) => names)).toEqual([['mixed'], ['good']]);
    expect(rows[0]?.cells[0]?.devices.map(({ compatibility }) => compatibility)).toEqual(['native', 'incompatible']);
  });

  it('leaves a cell empty where the selector of a service leaves the node out', () => {
    const both = poolMatrix(
      [poolOf('digits', [node('n1', a100), node('n2', a100)]), poolOf('chat', [node('n2', t4)])],
      5,
    );
    const cells = new Map(both.rows.map((row) => [row.names[0], row.cells]));
    expect(cells.get('n1')?.[1]).toBeNull();
    expect(cells.get('n2')?.map((cell) => cell?.verdict)).toEqual(['pass', 'fail']);
  });

  it('puts nodes together that answer alike, once there are many, and counts every node', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => node(`n${index}`, index % 1_000 === 0 ? t4 : a100));
    const { rows, nodesNotShown } = poolMatrix([poolOf('digits', many)], 5);
    expect(rows.map(({ nodes }) => nodes)).toEqual([10, 9_990]);
    expect(rows[0]?.names).toEqual(['n0', 'n1000', 'n2000', 'n3000', 'n4000']);
    expect(nodesNotShown).toBe(0);
  });

  it('is bounded also when every node is another, and shows the worst', () => {
    const all = Array.from({ length: 500 }, (_, index) =>
      node(`n${index}`, ...Array<DeviceVerdict>(index + 1).fill(index === 499 ? t4 : a100)),
    );
    const { rows, nodesNotShown } = poolMatrix([poolOf('digits', all)], 5);
    expect(rows).toHaveLength(100);
    expect(nodesNotShown).toBe(400);
    expect(rows[0]?.names).toEqual(['n499']);
  });

  it('says of each class what decides and what warns, the worst class first', () => {
    const [first] = poolMatrix([poolOf('digits', [node('n', a100)])], 5).classes;
    expect(first?.description).toBe('T4');
    expect(first?.answers[0]?.findings.map(({ message }) => message)).toEqual(['T4 decides', 'mind this']);
  });
});

import { expect, test } from 'vitest';
import type { HardwareSection } from '../../contract/contract.ts';
import type { ServiceDemands } from '../../hardware/compatibility.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import {
  boards,
  buildDemands,
  buildDevice,
  buildHardware,
  buildNode,
  buildPool,
  GiB,
} from '../../../testing/builders/pools/hardware-builders.ts';
import { acceptsModel } from '../room.ts';
import { makePoolTask, type PackedService } from './pool-task.ts';

const amd64 = { architecture: 'x64', model: null, cores: 32, features: null };
const node = (name: string, board: keyof typeof boards, changes: Partial<NodeFacts> = {}): NodeFacts =>
  buildNode(name, [buildDevice(boards[board]), buildDevice(boards[board])], {
    cpu: amd64,
    memoryBytes: 64 * GiB,
    ...changes,
  });
const service = (
  name: string,
  hardware: Partial<HardwareSection> = {},
  more: Partial<ServiceDemands> = {},
): PackedService => ({
  demands: buildDemands({ service: name, hardware: buildHardware({ host: { cpus: 4 }, ...hardware }), ...more }),
  replicas: 3,
});

/** Names of the nodes that each service accepts. */
function acceptedBy(services: readonly PackedService[], nodes: readonly NodeFacts[]): readonly (readonly string[])[] {
  const task = makePoolTask(services, buildPool(nodes));
  return task.replicas.map(({ shape }) =>
    task.nodes.filter((each) => acceptsModel(shape, each.shape.model)).map(({ name }) => name),
  );
}

test('a replica accepts the nodes on which the verifier passes its service, and no other', () => {
  const nodes = [node('a', 'a100'), node('h', 'h100', { labels: { zone: 'eu' } }), node('t', 't4')];
  const services = [
    service('any'),
    service('eu', {}, { selector: { zone: 'eu' } }),
    service('large', { memoryBytes: 200 * GiB }),
  ];
  expect(acceptedBy(services, nodes)).toEqual([['a', 'h'], ['h'], []]);
});

test('a node whose facts do not tell admits nobody', () => {
  const unknown = buildNode('u', [buildDevice({ driver: null, driverCuda: null })], { cpu: amd64 });
  expect(acceptedBy([service('any')], [unknown])).toEqual([[]]);
});

test('takes what the contract writes of the host, rounded up, and says of what it does not know', () => {
  const services = [
    service('digits', { devices: 2, host: { cpus: 0.5005, memoryBytes: 1.5 * 2 ** 20 } }),
    { ...service('words'), demands: buildDemands({ service: 'words' }) },
  ];
  const cut = node('m', 'a100', {
    devices: [buildDevice({ mig: { capable: true, enabled: true, instances: [] } })],
    memoryBytes: null,
  });
  const task = makePoolTask(services, buildPool([node('a', 'a100'), cut]));
  expect(
    task.replicas.map(({ name, count, shape }) => [name, count, shape.cpuMilli, shape.memoryMib, shape.devices]),
  ).toEqual([
    ['digits/prod', 3, 501, 2, 2],
    ['words/prod', 3, 0, 0, 1],
  ]);
  expect(task.nodes.map(({ shape }) => [shape.cpuMilli, shape.memoryMib, shape.devices])).toEqual([
    [32_000, 65_536, 2],
    [32_000, 0, 0],
  ]);
  expect(task.notes).toEqual([
    'CPU of words counts as 0: the contract does not write hardware.host.cpus',
    'nodes with MIG instances, which are not planned: 1',
    'nodes whose cores or memory are not known, and count as 0: 1',
  ]);
});

test('a service without an accelerator takes no device, on nodes that it is verified for', () => {
  const cpuNode = buildNode('c', [], {
    cpu: { ...amd64, model: 'AMD EPYC 7763', features: ['avx2'] },
    memoryBytes: 8 * GiB,
    devices: [],
  });
  const demands = buildDemands({ hardware: buildHardware({ accelerator: 'cpu' }), image: null });
  const { replicas } = makePoolTask([{ demands, replicas: 1 }], buildPool([cpuNode]));
  expect(replicas[0]?.shape).toMatchObject({ devices: 0, deviceMilli: 0 });
});

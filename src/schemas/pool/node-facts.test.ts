import { describe, expect, test } from 'vitest';
import { nodeFactsFormat, readNodeFacts } from './node-facts.ts';

const node = {
  name: 'node-1',
  source: 'proc',
  takenAtMs: 1000,
  labels: {},
  allocatable: { 'nvidia.com/gpu': 8 },
  cpu: { architecture: 'x64', model: null, cores: 2, features: ['avx2'] },
  memoryBytes: 1024,
  kernel: null,
  containerToolkit: null,
  devices: [],
  unknown: { kernel: 'not told' },
};
const file = { format: nodeFactsFormat, node, withPrivilege: [] };
const read = (value: unknown) =>
  readNodeFacts(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)), 'n.json');

describe('the JSON of probe', () => {
  test('reads', () => {
    expect(read(file)).toEqual(node);
  });

  test.each([
    ['text that is cut', JSON.stringify(file).slice(0, -5), 'n.json is not JSON'],
    ['a file of something else', { lockVersion: 1 }, 'n.json has no key format'],
    ['a list', [], 'n.json has no key format'],
    [
      'a later version',
      { ...file, format: 'plimsoll.dev/node-facts/v2' },
      'this version reads plimsoll.dev/node-facts/v1',
    ],
    ['a key that is missing', { ...file, node: { ...node, devices: undefined } }, '`node.devices`'],
    ['a key that is not known', { ...file, node: { ...node, device: [] } }, 'device'],
    ['a number that is none', { ...file, node: { ...node, memoryBytes: -1 } }, '`node.memoryBytes`'],
    ['a source that is not known', { ...file, node: { ...node, source: 'guess' } }, '`node.source`'],
  ])('%s is an error that names the file and the key', (_, value, message) => {
    expect(() => read(value)).toThrow(message);
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'node-facts-invalid', category: 'input' }));
  });

  test('a large file is refused unparsed', () => {
    expect(() => read(' '.repeat(9 * 1024 * 1024))).toThrow('too large');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceleratorClassOf } from '../../core/pool/classes/device-class.ts';
import { sortPool } from '../../core/pool/snapshot/pool-order.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { anyPool, buildDevice, buildNode, buildPool } from '../../testing/builders/pools/pool-builders.ts';
import { mostPoolBytes, poolSnapshotText, readPoolSnapshot } from './pool-snapshot.ts';

const read = (text: string): PoolSnapshot => readPoolSnapshot(Buffer.from(text), 'pools/lab.json');

function refusal(text: string | Uint8Array) {
  try {
    readPoolSnapshot(typeof text === 'string' ? Buffer.from(text) : text, 'pools/lab.json');
  } catch (thrown) {
    return asPlimsollError(thrown);
  }
  throw new Error('it was read');
}

const instances = [
  { profile: '1g.5gb', uuid: 'MIG-a', memoryBytes: 5, multiprocessors: 14, placement: { start: 0, size: 1 } },
  { profile: '2g.10gb', uuid: 'MIG-b', memoryBytes: 10, multiprocessors: 28, placement: { start: 2, size: 2 } },
];
const sliced = buildDevice({ index: 1, uuid: 'GPU-1', mig: { capable: true, enabled: true, instances } });
const pool = buildPool([
  buildNode('n1', { labels: { zone: 'a', 'kubernetes.io/hostname': 'n1' }, devices: [buildDevice(), sliced] }),
  buildNode('n2', { labels: { zone: 'a', 'kubernetes.io/hostname': 'n2' }, takenAtMs: 1_000 }),
]);
const text = poolSnapshotText(pool);

describe('the text of a pool snapshot', () => {
  it('reads back as the same snapshot, and writes again as the same bytes', () => {
    fc.assert(
      fc.property(anyPool, (any) => {
        const written = poolSnapshotText(any);
        const again = read(written);
        expect(again).toEqual(sortPool(any));
        expect(poolSnapshotText(again)).toBe(written);
      }),
    );
  });

  it('holds by how many a device is shared, and nothing of it where nothing tells', () => {
    const shared = buildDevice({ index: 1, sharing: 'mps', replicas: 4 });
    const deviceClass = acceleratorClassOf(shared);
    const declared = [{ deviceClass, devicesPerNode: 1, labels: {} }];
    const written = poolSnapshotText({ ...buildPool([buildNode('n1', { devices: [shared] })]), declared });
    expect(read(written)).toMatchObject({ nodes: [{ devices: [{ replicas: 4 }] }], declared: [{ deviceClass }] });
    expect(deviceClass.replicas).toBe(4);
    expect(text).not.toContain('replicas');
    expect('replicas' in acceleratorClassOf({ ...shared, sharing: 'exclusive' })).toBe(false);
  });

  it('does not depend on the order in which nodes, devices and instances were found', () => {
    fc.assert(
      fc.property(anyPool, (any) => {
        const reversed = {
          ...any,
          sources: [...any.sources].reverse(),
          declared: [...any.declared].reverse(),
          nodes: [...any.nodes].reverse().map((node) => ({
            ...node,
            labels: Object.fromEntries(Object.entries(node.labels).reverse()),
            devices:
              node.devices === null
                ? null
                : [...node.devices].reverse().map((device) => ({
                    ...device,
                    mig: device.mig === null ? null : { ...device.mig, instances: [...device.mig.instances].reverse() },
                  })),
          })),
        };
        expect(poolSnapshotText(reversed)).toBe(poolSnapshotText(any));
      }),
    );
  });

  it('writes what nodes and devices share once, and a device on one line', () => {
    expect(text.match(/"NVIDIA A100-SXM4-40GB"/g)).toHaveLength(2);
    expect(text.match(/"zone"/g)).toHaveLength(1);
    expect(text).toContain('      "labels": {\n        "kubernetes.io/hostname": "n1"\n      }');
    expect(text).toMatch(/^ {8}\{ "index": 1, "kind": "nvidia-a100-sxm4-40gb-[0-9a-f]{12}", "migUuids": \["MIG-a", /m);
  });

  it('stays small where nodes differ in little but their names: 250 bytes a device', () => {
    const nodes = Array.from({ length: 500 }, (_, at) => {
      const labels = Object.fromEntries(Array.from({ length: 60 }, (__, key) => [`d${key % 6}/label-${key}`, 'value']));
      const rack = { 'kubernetes.io/hostname': `n${at}`, rack: `r${at >> 4}` };
      const devices = Array.from({ length: 8 }, (__, index) =>
        buildDevice({ index, uuid: `GPU-${String(at * 8 + index).padStart(36, '0')}` }),
      );
      return buildNode(`n${at}`, { labels: { ...labels, ...rack }, memoryBytes: 2 ** 40 + at, devices });
    });
    expect(poolSnapshotText(buildPool(nodes)).length / (500 * 8)).toBeLessThan(250);
  });

  it('is read with CRLF line ends and with a byte order mark', () => {
    expect(read(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(sortPool(pool));
  });
});

describe('a snapshot that is not one', () => {
  it.each([
    ['', 'it is empty'],
    [text.slice(0, 500), 'not JSON'],
    ['[]', 'no snapshotVersion'],
    ['{"snapshotVersion": 2}', 'this version reads 1'],
    ['{"snapshotVersion": 1}', '`pool`'],
    [text.replace('"memoryBytes": 42949672960', '"memoryBytes": "40GiB"'), 'memoryBytes'],
    [text.replace(/"kind": "nvidia-a100-sxm4-40gb-[0-9a-f]{12}"/, '"kind": "gone"'), 'of the kind `gone`'],
    [text.replace('"n2": {', '"n1": {'), 'a key twice'],
    [text.replace('"pool"', '"color": 1,\n  "pool"'), 'color'],
    [text.replace('{', '{\n<<<<<<< HEAD'), 'pools/lab.json:2: a merge conflict'],
  ])('is refused with a reason (%#)', (broken, reason) => {
    const error = refusal(broken);
    expect(error).toMatchObject({ code: 'pool-invalid', category: 'input' });
    expect(error.message).toContain(reason);
    expect(error.next).toBeTruthy();
  });

  it('that is not UTF-8 or far too large is refused', () => {
    expect(refusal(Buffer.from([0xff, 0xff])).message).toContain('not UTF-8');
    expect(refusal(Buffer.alloc(mostPoolBytes + 1, 0x20)).message).toContain('too large');
  });

  it('of any bytes is refused with one of our errors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusal(bytes).code).toBe('pool-invalid');
      }),
    );
  });
});

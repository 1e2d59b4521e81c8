import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFilePools } from '../../adapters/files/project/pools.ts';
import type { ClusterReader } from '../../ports/nodes/cluster-reader.ts';
import { nodeFactsFormat } from '../../schemas/pool/node-facts.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { buildDevice, buildNode } from '../../testing/builders/pools/pool-builders.ts';

const captures = path.resolve(import.meta.dirname, '../../formats/nvidia-smi-xml/fixtures');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-pool-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: unknown): void =>
  writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const pool = (args: readonly string[], more: CommandLineWorld = {}) =>
  runCommandLine(['pool', ...args], { pools: makeFilePools(folder), cwd: folder, nowMs: 1_800_000_000_000, ...more });
const snapshotFile = (name = 'lab'): string => readFileSync(path.join(folder, 'pools', `${name}.json`), 'utf8');

const gfd = {
  'nvidia.com/gpu.product': 'NVIDIA-L4',
  'nvidia.com/gpu.count': '2',
  'nvidia.com/gpu.replicas': '1',
  'nvidia.com/gpu.memory': '23034',
  'nvidia.com/gpu.compute.major': '8',
  'nvidia.com/gpu.compute.minor': '9',
  'nvidia.com/mig.strategy': 'single',
  'nvidia.com/mig.capable': 'false',
  'nvidia.com/cuda.driver-version.full': '570.124.06',
  'nvidia.com/cuda.runtime-version.full': '12.8',
};
const kubernetesNode = (name: string, more: Readonly<Record<string, string>> = {}, capacity = '2'): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...gfd, ...more } },
  status: { capacity: { 'nvidia.com/gpu': capacity }, allocatable: { 'nvidia.com/gpu': capacity } },
});
const list = (...items: readonly object[]): object => ({ apiVersion: 'v1', kind: 'List', items });
const slice = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: 'n1-x' },
  spec: {
    driver: 'gpu.nvidia.com',
    nodeName: 'n1',
    pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
    devices: ['NVIDIA L4', 'Tesla T4'].map((product, at) => ({
      name: `gpu-${at}`,
      attributes: {
        type: { string: 'gpu' },
        uuid: { string: `GPU-${at}` },
        productName: { string: product },
        cudaComputeCapability: { version: at === 0 ? '8.9.0' : '7.5.0' },
        driverVersion: { version: '570.124.6' },
        cudaDriverVersion: { version: '12.8.0' },
      },
      capacity: { memory: { value: '16Gi' } },
    })),
  },
};

describe('plimsoll pool snapshot', () => {
  it('writes pools/NAME.json and prints what was read', async () => {
    write('nodes.json', list(kubernetesNode('n1'), kubernetesNode('n2')));
    const { exit, out, err } = await pool(['snapshot', 'lab', 'nodes.json']);
    expect([exit, err]).toEqual([0, '']);
    expect(out.split('\n').slice(0, 7).join('\n')).toMatchInlineSnapshot(`
      "pool lab: 2 nodes, 4 devices of 1 class, taken 2027-01-15 08:00:00Z
        SOURCE      WHAT IT IS         NODES
        nodes.json  kubectl get nodes  2
        CLASS         DEVICES  NODES  CERTAINTY  WHAT
        92ecb3a2a2cc  4        2      device     NVIDIA L4, capability 8.9, 22.5 GiB, driver 570.124.6, CUDA 12.8
      digest of the classes: 7c8b7c956ed4
      not known"
    `);
    expect(out).toContain('wrote pools/lab.json\nnext: plimsoll verify');
    expect(snapshotFile()).toContain('"takenAt": "2027-01-15T08:00:00.000Z"');
  });

  it('says what it is sure of on a node with two kinds of device, and is sure with a ResourceSlice', async () => {
    const mixed = kubernetesNode('n1', { 'nvidia.com/gpu.count': '1' });
    write('nodes.json', list(mixed));
    const labels = await pool(['snapshot', 'lab', 'nodes.json']);
    expect(labels.out).toMatch(/ {2}2 {8}1 {6}node {7}NVIDIA L4,/);
    expect(labels.out).toContain('labels count 1 of the labelled product, and the capacity is 2');
    write('both.json', list(mixed, slice));
    const both = await pool(['snapshot', 'lab', 'both.json']);
    expect(both.out).toContain('kubectl get nodes,resourceslices');
    expect(both.out).toMatch(/ {2}1 {8}1 {6}device {5}NVIDIA L4,/);
    expect(both.out).toMatch(/ {2}1 {8}1 {6}device {5}Tesla T4,/);
  });

  it('takes probe, nvidia-smi, kubectl, a cluster, standard input and this machine together', async () => {
    copyFileSync(path.join(captures, 'a100.xml'), path.join(folder, 'gpu-07.xml'));
    write('probe.json', { format: nodeFactsFormat, node: buildNode('n3'), withPrivilege: [] });
    write('nodes.json', kubernetesNode('n1'));
    const clusterReader: ClusterReader = {
      read: async ({ context }) => ({
        context: context ?? 'current',
        nodes: [kubernetesNode('n4')],
        slices: [],
        notes: ['the cluster serves no ResourceSlices'],
      }),
    };
    const nodeProbe = {
      probe: async () => ({ facts: buildNode('here', { source: 'proc', devices: [] }), withPrivilege: [] }),
    };
    const sources = ['gpu-07.xml', 'probe.json', 'nodes.json', 'cluster:lab', 'this-machine', '-'];
    const { exit, out } = await pool(['snapshot', 'lab', ...sources, '--json'], {
      clusterReader,
      nodeProbe,
      stdin: async () => JSON.stringify(kubernetesNode('n5')),
    });
    expect(exit).toBe(0);
    const json = JSON.parse(out) as { nodes: number; sources: { source: string; kind: string }[]; notes: string[] };
    expect(json.nodes).toBe(6);
    expect(Object.fromEntries(json.sources.map(({ source, kind }) => [source, kind]))).toEqual({
      'gpu-07.xml': 'nvidia-smi -q -x',
      'probe.json': 'plimsoll probe --json',
      'nodes.json': 'kubectl get nodes',
      'cluster:lab': 'the cluster of the context lab',
      'this-machine': 'the machine that this runs on',
      '-': 'kubectl get nodes',
    });
    expect(json.notes).toEqual(['the cluster serves no ResourceSlices']);
  });

  it('writes the same bytes for the same facts, in whatever order they come', async () => {
    write('nodes.json', list(kubernetesNode('n1'), kubernetesNode('n2'), slice));
    write('other.json', list(slice, kubernetesNode('n2'), kubernetesNode('n1')));
    await pool(['snapshot', 'lab', 'nodes.json']);
    const first = snapshotFile();
    await pool(['snapshot', 'lab', 'other.json']);
    expect(snapshotFile().replace('other.json', 'nodes.json')).toBe(first);
  });

  it('keeps what was declared, and takes only the nodes that a selector admits', async () => {
    write('nodes.json', list(kubernetesNode('n1', { pool: 'gpu' }), kubernetesNode('n2')));
    await pool(['snapshot', 'lab', 'nodes.json']);
    const { classes } = JSON.parse((await pool(['show', 'lab', '--json'])).out) as { classes: { digest: string }[] };
    await pool(['declare', 'lab', '--class', classes[0]?.digest.slice(7, 19) ?? '', '--devices-per-node', '2']);
    const { out } = await pool(['snapshot', 'lab', 'nodes.json', '--selector', 'pool=gpu']);
    expect(out).toContain('note: 1 nodes without the labels of --selector are left out');
    const shown = JSON.parse((await pool(['show', 'lab', '--json'])).out) as { nodes: object[]; declared: object[] };
    expect([shown.nodes.length, shown.declared.length]).toEqual([1, 1]);
  });

  it('writes elsewhere with --out, and then needs no project', async () => {
    write('nodes.json', kubernetesNode('n1'));
    const argv = ['pool', 'snapshot', 'lab', 'nodes.json', '--out', 'lab.json'];
    const { exit, out } = await runCommandLine(argv, { cwd: folder });
    expect([exit, existsSync(path.join(folder, 'pools'))]).toEqual([0, false]);
    expect(out).toContain('wrote lab.json');
    expect((await runCommandLine(['pool', 'show', 'lab.json'], { cwd: folder })).exit).toBe(0);
    const nowhere = await pool(['snapshot', 'lab', 'nodes.json', '--out', 'gone/lab.json']);
    expect([nowhere.exit, nowhere.err]).toEqual([2, expect.stringContaining('cannot write gone/lab.json (ENOENT)')]);
  });

  it('with a node that has no accelerator has one fact more, not a problem', async () => {
    write('nodes.json', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'cpu-1' }, status: {} });
    const { exit, out } = await pool(['snapshot', 'lab', 'nodes.json']);
    expect(exit).toBe(0);
    expect(out).toContain('pool lab: 1 node, 0 devices of 0 classes');
  });

  it('takes what a person states for what nvidia-smi does not tell', async () => {
    copyFileSync(path.join(captures, 't4.xml'), path.join(folder, 't4.xml'));
    await pool(['snapshot', 'lab', 't4.xml', '--sharing', 'exclusive', '--architecture', 'amd64']);
    const [node] = (await makeFilePools(folder).read('lab'))?.nodes ?? [];
    expect(node?.cpu).toMatchObject({ architecture: 'x64', model: null });
    expect(node?.devices?.[0]).toMatchObject({ sharing: 'exclusive' });
    expect((await pool(['snapshot', 'lab', 't4.xml', '--sharing', 'somehow'])).exit).toBe(2);
  });

  it('replaces a file that cannot be read, as its error advises, and says what is lost', async () => {
    mkdirSync(path.join(folder, 'pools'));
    write('pools/lab.json', '{"snapshotVersion": 1, "nod');
    write('nodes.json', list(kubernetesNode('n1')));
    const { exit, out } = await pool(['snapshot', 'lab', 'nodes.json']);
    expect(exit).toBe(0);
    expect(out).toContain('what it declared is not kept: pools/lab.json is not JSON');
    expect((await makeFilePools(folder).read('lab'))?.nodes).toHaveLength(1);
  });

  it('of an empty list says what to do for a pool that is scaled to zero', async () => {
    write('nodes.json', list());
    const { exit, out } = await pool(['snapshot', 'lab', 'nodes.json']);
    expect(exit).toBe(0);
    expect(out).toContain('plimsoll pool declare');
  });
});

describe('a source that is none', () => {
  it.each<[string, unknown, string]>([
    ['pods.json', list({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }), '1 of kind Pod'],
    ['cut.json', JSON.stringify(list(kubernetesNode('n1'))).slice(0, 300), 'it ends too early'],
    ['broken.json', '{"kind":\n"Node",}', 'broken.json:2: not JSON: expected a key'],
    ['other.json', '{"a": 1}', 'neither kubectl nor plimsoll probe'],
    ['nodes.yaml', 'apiVersion: v1\nkind: List\n', 'is YAML'],
    ['text.txt', 'hello', 'begins with `hello`'],
    ['empty.json', '', 'is empty'],
    ['binary', '\u0000\u0001', 'none of the sources'],
    ['other.xml', '<html></html>', 'html'],
    ['gpu-07.list', 'GPU 0: NVIDIA L4 (UUID: GPU-1)\n', 'gpu-07.xml'],
    ['facts.json', { format: nodeFactsFormat, node: {} }, 'facts.json'],
  ])('%s is refused with its reason and what to do', async (name, content, reason) => {
    write(name, content);
    const { exit, err } = await pool(['snapshot', 'lab', name]);
    expect(exit).toBe(2);
    expect(err).toContain(reason);
    expect(err).toMatch(/\n {2}next: ./);
    expect(existsSync(path.join(folder, 'pools'))).toBe(false);
  });

  it('of 200 MB is refused unread', async () => {
    write('large.json', '');
    truncateSync(path.join(folder, 'large.json'), 200_000_000);
    const { exit, err } = await pool(['snapshot', 'lab', 'large.json']);
    expect([exit, err]).toEqual([2, expect.stringContaining('200000000 bytes')]);
    expect(err).toContain('next: name the source `cluster`');
  });

  it('with one node twice and different facts names both places', async () => {
    write('a.json', kubernetesNode('n1'));
    write('b.json', kubernetesNode('n1', {}, '1'));
    const { exit, err } = await pool(['snapshot', 'lab', 'a.json', 'b.json']);
    expect([exit, err]).toEqual([2, expect.stringContaining('the node n1 is in a.json and in b.json')]);
  });

  it('is a snapshot that exists already, or a folder, or not there', async () => {
    write('nodes.json', kubernetesNode('n1'));
    await pool(['snapshot', 'lab', 'nodes.json']);
    mkdirSync(path.join(folder, 'folder'));
    expect((await pool(['snapshot', 'lab', 'pools/lab.json'])).err).toContain('is a snapshot already');
    expect((await pool(['snapshot', 'lab', 'folder'])).exit).toBe(2);
    expect((await pool(['snapshot', 'lab', 'node.json'])).err).toContain('did you mean');
    expect((await pool(['snapshot', 'lab', '-'])).err).toContain('nothing came on standard input');
    expect((await pool(['snapshot', '../lab', 'nodes.json'])).err).toContain('cannot be the name of a pool');
    expect((await pool(['snapshot', 'lab', 'nodes.json', '--selector', 'gpu'])).err).toContain('KEY=VALUE');
  });
});

describe('plimsoll pool show and list', () => {
  it('name classes, nodes and what is not known', async () => {
    write('nodes.json', list(kubernetesNode('n1')));
    await pool(['snapshot', 'lab', 'nodes.json']);
    const { exit, out } = await pool(['show', 'lab'], { nowMs: 1_800_000_000_000 + 3 * 3_600_000 });
    expect(exit).toBe(0);
    expect(out).toContain('(3h 0m ago)');
    expect(out).toMatch(/n1 {4}node-labels {2}2 {8}NVIDIA L4 {2}570\.124\.06 {2}not dated/);
    expect(out).toContain('device eccEnabled');
    expect((await pool(['list'])).out).toContain('lab');
  });

  it('of a pool that is not there are 3, and name the nearest', async () => {
    write('nodes.json', list(kubernetesNode('n1')));
    await pool(['snapshot', 'lab', 'nodes.json']);
    const { exit, err } = await pool(['show', 'lba']);
    expect([exit, err]).toEqual([3, expect.stringContaining('did you mean lab?')]);
    expect((await pool(['show', 'gone.json'])).exit).toBe(2);
  });
});

describe('plimsoll pool diff', () => {
  const snapshot = async (name: string, ...nodes: readonly object[]) => {
    write('nodes.json', list(...nodes));
    await pool(['snapshot', name, 'nodes.json']);
  };

  it('is 0 when a pool grew by nodes of its classes', async () => {
    await snapshot('before', kubernetesNode('n1'));
    await snapshot('after', kubernetesNode('n1'), kubernetesNode('n2'));
    const { exit, out } = await pool(['diff', 'before', 'after']);
    expect(exit).toBe(0);
    expect(out).toMatch(/n2 {2}appeared {2}2x NVIDIA L4/);
    expect(out).toContain('not moved: no evidence is stale by this');
  });

  it('is 1 when a driver moved, and names the evidence that is stale', async () => {
    await snapshot('before', kubernetesNode('n1'));
    await snapshot('after', kubernetesNode('n1', { 'nvidia.com/cuda.driver-version.full': '580.65.06' }));
    const { exit, out } = await pool(['diff', 'pools/before.json', 'after']);
    expect(exit).toBe(1);
    expect(out).toContain('driver 570.124.6 -> 580.65.6 (on 2 of 2 devices)');
    expect(out).toContain('hardware, golden, evaluation, cold-start, capacity, scaling (by cold-start)');
    const json = JSON.parse((await pool(['diff', 'before', 'after', '--json'])).out) as { decides: string };
    expect(json.decides).toBe('nvidia');
  });
});

describe('plimsoll pool declare', () => {
  const l4 = ['--product', 'NVIDIA L4', '--capability', '8.9', '--memory', '23034MiB', '--driver', '570.124.06'];
  const whole = [...l4, '--cuda', '12.8', '--devices-per-node', '2', '--label', 'pool=gpu'];

  it('writes a class for a pool that nobody has seen, and removes it again', async () => {
    const { exit, out } = await pool(['declare', 'zero', ...whole]);
    expect(exit).toBe(0);
    expect(out).toMatch(/ {2}2 {17}pool=gpu {2}NVIDIA L4, capability 8.9/);
    const shown = JSON.parse((await pool(['show', 'zero', '--json'])).out) as { declared: { deviceClass: object }[] };
    expect(shown.declared[0]?.deviceClass).toMatchObject({ certainty: 'declared', driver: '570.124.6', migLayout: [] });
    expect((await pool(['declare', 'zero', '--remove'])).out).toContain('removed 1 of 1');
    expect((await pool(['declare', 'zero', '--remove'])).exit).toBe(2);
  });

  it('of the same class twice is one class with the newer counts', async () => {
    await pool(['declare', 'zero', ...whole]);
    await pool(['declare', 'zero', ...whole, '--devices-per-node', '4']);
    const shown = JSON.parse((await pool(['show', 'zero', '--json'])).out) as {
      declared: { devicesPerNode: number }[];
    };
    expect(shown.declared.map(({ devicesPerNode }) => devicesPerNode)).toEqual([4]);
  });

  it('of a class of a snapshot moves no digest when the pool goes to zero and comes back', async () => {
    write('nodes.json', list(kubernetesNode('n1')));
    write('none.json', list());
    await pool(['snapshot', 'lab', 'nodes.json']);
    const shown = JSON.parse((await pool(['show', 'lab', '--json'])).out) as { classes: { digest: string }[] };
    await pool(['declare', 'lab', '--class', shown.classes[0]?.digest ?? '', '--devices-per-node', '2']);
    await pool(['snapshot', 'before', 'nodes.json']);
    await pool(['snapshot', 'lab', 'none.json']);
    expect((await pool(['diff', 'before', 'lab'])).exit).toBe(0);
    expect((await pool(['show', 'lab'])).out).toContain('declared');
    const removed = await pool(['declare', 'lab', '--remove', '--class', shown.classes[0]?.digest.slice(7, 15) ?? '']);
    expect(removed.out).toContain('removed 1 of 1');
  });

  it.each([
    [[], '--product'],
    [l4, '--cuda'],
    [[...whole, '--memory', '24G'], '24GiB'],
    [[...whole, '--capability', 'sm_89'], '--capability sm_89'],
    [[...whole, '--driver', '>=570'], '--driver >=570'],
    [[...whole, '--ecc', 'yes'], 'on or off'],
    [[...whole, '--sharing', 'all'], 'time-slicing'],
    [[...whole, '--mig', 'half'], '1g.10gb'],
    [[...whole, '--pci-device-id', '20b0'], '--pci-device-id 20b0'],
    [[...whole, '--devices-per-node', '0'], '1 to 1024'],
    [[...whole, '--label', 'gpu'], 'KEY=VALUE'],
    [['--class', 'ffffffff', '--from', 'lab'], 'there is no pool lab'],
    [['--class', 'zz'], 'there is no pool zero'],
  ])('%j is refused with what is needed', async (args, reason) => {
    const { exit, err } = await pool(['declare', 'zero', ...args]);
    expect(exit).toBeGreaterThan(1);
    expect(err).toContain(reason);
    expect(err).toContain('next: ');
  });

  it('with MIG instances is of another class than the whole board', async () => {
    await pool(['declare', 'a', ...whole]);
    await pool(['declare', 'b', ...whole, '--mig', '1g.10gb', '1g.10gb']);
    expect((await pool(['diff', 'a', 'b'])).exit).toBe(1);
    expect((await pool(['show', 'b'])).out).toContain('MIG 2x 1g.10gb');
  });
});

describe('a device with all of its facts', () => {
  it('comes back from the file as it went in', async () => {
    const node = buildNode('n1', { devices: [buildDevice({ numaNode: 1, powerLimitWatts: 400 })], takenAtMs: 5 });
    write('probe.json', { format: nodeFactsFormat, node, withPrivilege: [] });
    await pool(['snapshot', 'lab', 'probe.json']);
    expect((await makeFilePools(folder).read('lab'))?.nodes).toEqual([node]);
  });
});

it('writes --out through a link, which stays one', async () => {
  write('nodes.json', list(kubernetesNode('n1')));
  write('real.json', '');
  symlinkSync('real.json', path.join(folder, 'out.json'));
  expect((await pool(['snapshot', 'lab', 'nodes.json', '--out', 'out.json'])).exit).toBe(0);
  expect(lstatSync(path.join(folder, 'out.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(path.join(folder, 'real.json'), 'utf8')).toContain('"n1"');
});

describe('text of sources that acts on a terminal', () => {
  it.each(['n1\n::error::forged', 'n1\u001b[2J', 'n1\u202e', ''])(
    'is refused as the name of a node: %j',
    async (name) => {
      write('nodes.json', list(kubernetesNode(name)));
      const { exit, err } = await pool(['snapshot', 'lab', 'nodes.json']);
      expect(exit).toBe(2);
      expect(err).not.toMatch(/[\u001b\u202e]|\n::/);
    },
  );

  it('is shown by its number where it stands in a product or a label', async () => {
    write(
      'nodes.json',
      list(kubernetesNode('n1', { 'nvidia.com/gpu.product': 'L4\u001b]0;owned\u0007\u202e\n::error::x' })),
    );
    expect((await pool(['snapshot', 'lab', 'nodes.json'])).exit).toBe(0);
    const { out } = await pool(['show', 'lab']);
    expect(out).toContain('\\u{1b}]0;owned\\u{7}\\u{202e}\\u{a}::error::x');
    expect(out).not.toMatch(/[\u001b\u0007\u202e]|\n::/);
    const { out: json } = await pool(['show', 'lab', '--json']);
    expect(json).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(json).toContain('\\u202e');
  });
});

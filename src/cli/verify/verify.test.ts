import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { describe, expect, it } from 'vitest';
import { judgeEvidence } from '../../core/evidence/judge-evidence.ts';
import { acceleratorClassOf } from '../../core/pool/classes/device-class.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { ImageInspector } from '../../ports/artifacts/image-inspector.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { buildImageFacts } from '../../testing/builders/pools/hardware-builders.ts';
import {
  badNode,
  chatContract,
  chatLock,
  clusterNode,
  goodNodes,
  gpuPool,
  h100,
  t4,
  verifyWorld,
} from '../../testing/rigs/verify-world.ts';

const verify = (world: CommandLineWorld, ...args: string[]) => runCommandLine(['verify', ...args], world);
const golden = (name: string): string => `./verify-golden/${name}`;
const mixed = gpuPool([...goodNodes, badNode]);
const good = gpuPool(goodNodes);

describe('plimsoll verify', () => {
  it.each([
    ['text', 'text.txt'],
    ['json', 'verify.json'],
    ['sarif', 'sarif.json'],
    ['junit', 'junit.xml'],
    ['github', 'github.txt'],
    ['markdown', 'markdown.md'],
  ])('says which nodes fail, by which rule, and what would mend it, as %s', async (format, file) => {
    const { exit, out, err } = await verify(verifyWorld(mixed), '--format', format);
    expect([exit, err]).toEqual([1, '']);
    await expect(out).toMatchFileSnapshot(golden(file));
  });

  it('prints the same JSON by --json', async () => {
    const format = await verify(verifyWorld(mixed), '--format', 'json');
    expect((await verify(verifyWorld(mixed), '--json')).out).toBe(format.out);
  });

  it('writes SARIF with every member that the standard requires', async () => {
    const { out } = await verify(verifyWorld(mixed), '--format', 'sarif');
    const log = JSON.parse(out) as {
      version: string;
      runs: {
        tool: { driver: { name: string; rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; level: string; message: { text: string }; locations: object[] }[];
      }[];
    };
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run?.tool.driver.name).toBe('plimsoll verify');
    expect(run?.results.length).toBeGreaterThan(2);
    for (const { ruleId, ruleIndex, level, message, locations } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(['error', 'warning', 'note']).toContain(level);
      expect(message.text).not.toBe('');
      expect(locations).toHaveLength(1);
    }
  });

  it('passes on a pool whose every node will do', async () => {
    const { exit, out } = await verify(verifyWorld(good));
    expect(exit).toBe(0);
    expect(out.split('\n')[0]).toBe('pass: chat in prod runs on all 2 nodes of pool gpu-eu');
  });

  it('says what to do where a pool has too many kinds for a lock', async () => {
    const nodes = Array.from({ length: 2_001 }, (_, at) =>
      clusterNode(`gpu-${at}`, [{ ...h100, driver: `570.148.${at + 100}` }]),
    );
    const { exit, out } = await verify(verifyWorld(gpuPool(nodes)));
    expect(exit).toBe(0);
    expect(out).toContain('not recorded: the pool has more than 2,000 kinds of device or node, too many for a lock');
    expect(out).toMatch(/next: split the pool into several of at most 2,000 kinds.* --selector KEY=VALUE\n$/);
  });

  it.each([
    [['--format', 'sarif', '--json'], '--format sarif and --json ask for two forms of one answer'],
    [['--format', 'junit', '--emit', 'affinity'], '--format junit and --emit affinity ask for two forms'],
    [['--architecture', 'riscv'], 'Allowed choices are amd64, arm64'],
  ])('is 2 for %j', async (options, said) => {
    const { exit, out, err } = await verify(verifyWorld(good), ...options);
    expect(exit).toBe(2);
    expect(`${out}${err}`).toContain(said);
  });

  it('names some of ten thousand nodes, and counts the rest', async () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => clusterNode(`gpu-${index}`, [t4]));
    const { out } = await verify(verifyWorld(gpuPool(nodes)));
    expect(out.split('\n')[0]).toBe('fail: chat in prod does not run on any of 10,000 nodes of pool gpu-eu');
    expect(out).toContain('  and 9,988 more\n');
    expect(out.split('\n').length).toBeLessThan(40);
  });

  it('says what rests on declared classes', async () => {
    const deviceClass = acceleratorClassOf({ ...h100, certainty: 'declared' });
    const pool = gpuPool([], { declared: [{ deviceClass, devicesPerNode: 8, labels: { pool: 'gpu' } }] });
    const { exit, out } = await verify(verifyWorld(pool));
    expect(exit).toBe(0);
    expect(out.split('\n')[0]).toContain('resting on declared classes');
    expect(out).toContain('0 nodes and 1 declared');
  });

  it.each<[string, CommandLineWorld, number, string]>([
    [
      'nothing is known of the pool',
      verifyWorld(null, chatContract, chatLock(chatContract, good)),
      3,
      'plimsoll pool snapshot gpu-eu SOURCE...',
    ],
    ['the pool has neither nodes nor classes', verifyWorld(gpuPool([])), 3, 'plimsoll pool snapshot gpu-eu SOURCE...'],
    ['there is no lock', verifyWorld(good, chatContract, null), 3, 'plimsoll pin --environment prod'],
    [
      'the image was not inspected',
      verifyWorld(good, chatContract, chatLock(chatContract, good, null)),
      3,
      'plimsoll pin --environment prod',
    ],
    [
      'the lock pins another image',
      verifyWorld(good, chatContract, chatLock(chatContract.replace('1.4.0', '1.3.0'), good)),
      1,
      'plimsoll pin',
    ],
    [
      'the contract asks for no hardware',
      verifyWorld(good, chatContract.replace(/^hardware.*\n/m, '')),
      2,
      'plimsoll explain hardware',
    ],
  ])('is not pass when %s', async (_, world, exit, next) => {
    const result = await verify(world);
    expect(result.exit).toBe(exit);
    expect(result.err + result.out).toContain(`next: ${next}\n`);
  });
});

describe('the evidence of plimsoll verify', () => {
  const recorded = async (world: ReturnType<typeof verifyWorld>) =>
    (await world.project.lock())?.environments['prod']?.evidence.hardware;

  it('is bound to what was verified, and judged again from what was measured', async () => {
    const world = verifyWorld(mixed);
    expect((await verify(world)).out).toContain('recorded in plimsoll.lock');
    const evidence = await recorded(world);
    const present = await checkoutSubjects(world.project, 'prod');
    const { 'contract.hardware': contract, code, model, 'device-classes': classes } = present;
    expect(evidence?.subjects).toMatchObject({ 'contract.hardware': contract, code, model, 'device-classes': classes });
    const { contract: asking } = await world.project.contract();
    expect(evidence && judgeEvidence(evidence, asking).verdict).toBe('fail');
  });

  it('passes where the pool does', async () => {
    const world = verifyWorld(good);
    await verify(world);
    const evidence = await recorded(world);
    const { contract } = await world.project.contract();
    expect(evidence && judgeEvidence(evidence, contract)).toEqual({
      verdict: 'pass',
      reasons: ['2 of 2 nodes of pool gpu-eu, 2 device classes'],
    });
  });

  it.each([
    ['a dry run', ['--dry-run']],
    ['changed facts', ['--what-if', 'driver=580.95.05']],
    ['YAML for a cluster', ['--emit', 'affinity']],
  ])('is not written for %s', async (_, args) => {
    const world = verifyWorld(good);
    await verify(world, ...args);
    expect(await recorded(world)).toBeUndefined();
  });
});

describe('plimsoll verify --what-if', () => {
  it('says which row of which table tells what CUDA a driver speaks', async () => {
    const { exit, out } = await verify(verifyWorld(good), '--what-if', 'driver=580.95.05');
    expect(exit).toBe(0);
    expect(out.split('\n')[0]).toBe('pass: chat in prod runs on all 2 nodes of pool gpu-eu, with driver=580.95.05');
    expect(out).toContain('note: driver 580.95.05 speaks CUDA 13.0: CUDA Toolkit 13.1 release notes');
  });

  it('never infers what CUDA a driver speaks from its number', async () => {
    const { out } = await verify(verifyWorld(good), '--json', '--what-if', 'driver=595.45.04');
    const { classes, whatIf } = JSON.parse(out) as { classes: { description: string }[]; whatIf: { notes: string[] } };
    expect(classes.every(({ description }) => !description.includes('CUDA'))).toBe(true);
    expect(whatIf.notes[0]).toContain('what CUDA driver 595.45.04 speaks is not known');
    const given = await verify(verifyWorld(good), '--json', '--what-if', 'driver=595.45.04,cuda=13.2');
    expect((JSON.parse(given.out) as typeof JSON & { whatIf: { notes: string[] } }).whatIf.notes).toEqual([]);
  });

  it('fails when a node breaks, and says which and why', async () => {
    const { exit, out } = await verify(verifyWorld(good), '--what-if', 'product=T4');
    expect(exit).toBe(1);
    expect(out).toMatch(/breaks: 2 nodes\n {4}gpu-a1 {2}pass -> fail {2}no kernel for capability 7\.5/);
  });

  it('says who is freed', async () => {
    const { exit, out } = await verify(verifyWorld(mixed), '--what-if', 'product=H200,count=8');
    expect(exit).toBe(0);
    expect(out).toContain('before: fail: chat in prod does not run on 1 of 3 nodes of pool gpu-eu');
    expect(out).toMatch(/freed: 1 node\n {4}gpu-c1 {2}fail -> pass/);
    expect(out).toContain('2 nodes stay as before');
  });

  it('inspects another image', async () => {
    const inspected: string[] = [];
    const turing = buildImageFacts({
      libraries: [{ path: 'lib.so', bytes: 1, cubins: [{ capability: '7.5', suffix: '' }], ptx: [] }],
    });
    const inspector: ImageInspector = {
      resolve: () => Promise.reject(new Error('verify asks for facts')),
      inspect: async (reference) => {
        inspected.push(reference);
        return turing;
      },
    };
    const { exit, out } = await runCommandLine(['verify', '--what-if', 'image=registry.example/chat:turing'], {
      ...verifyWorld(mixed),
      imageInspector: inspector,
    });
    expect(inspected).toEqual(['registry.example/chat:turing']);
    expect(exit).toBe(1);
    expect(out).toContain('breaks: 2 nodes');
  });

  it('cuts boards into instances, of which one must have the memory', async () => {
    const sharing = chatContract.replace('memory: 20GiB', 'memory: 20GiB, sharing: [exclusive, mig]');
    const small = await verify(verifyWorld(good, sharing), '--what-if', 'mig=1g.10gb');
    expect(small.exit).toBe(1);
    expect(small.out).toContain('7x 1g.10gb');
    expect(small.out).toContain('breaks: 2 nodes');
    const large = await verify(verifyWorld(good, sharing), '--what-if', 'mig=3g.40gb*2');
    expect(large.exit).toBe(0);
  });

  it.each([
    ['driver', '`driver` is not a key with a value'],
    ['drivr=595.45.04', '--what-if knows no `drivr`; did you mean `driver`?'],
    ['product=H20O', 'did you mean `H200`?'],
    ['count=0', 'from 1 to 64'],
    ['driver=new', 'not a version'],
    ['mig=3g', 'neither `off` nor profiles'],
    ['driver=580.1.1,driver=580.1.2', 'changed twice'],
    ['memory=80GiB', 'of a `product`'],
  ])('refuses %s', async (change, said) => {
    const { exit, err } = await verify(verifyWorld(good), '--what-if', change);
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });

  it('is not of a pool that is to be enforced', async () => {
    expect((await verify(verifyWorld(good), '--what-if', 'count=2', '--emit', 'dra')).exit).toBe(2);
  });
});

describe('nodes whose source does not tell their architecture', () => {
  const untold = gpuPool(goodNodes.map((node) => ({ ...node, labels: { pool: 'gpu' } })));

  it('are unknown, until somebody states it', async () => {
    const { exit, out } = await verify(verifyWorld(untold));
    expect(exit).toBe(3);
    expect(out).toContain('the architecture of its CPU is not known');
    expect((await verify(verifyWorld(untold), '--architecture', 'amd64')).exit).toBe(0);
    expect((await verify(verifyWorld(untold), '--architecture', 'arm64')).exit).toBe(1);
  });
});

describe('a pool of a node with unknown devices', () => {
  it('is unknown, and says what it takes to know', async () => {
    const dark: NodeFacts = {
      ...clusterNode('dark', [h100]),
      devices: null,
      unknown: { devices: 'no device plugin runs there' },
    };
    const { exit, out } = await verify(verifyWorld(gpuPool([...goodNodes, dark])));
    expect(exit).toBe(3);
    expect(out.split('\n')[0]).toBe('unknown: whether chat in prod runs on 1 of 3 nodes of pool gpu-eu is not known');
    expect(out).toMatch(
      /nodes of which it is not known\n {2}dark {2}its devices are not known: no device plugin runs there/,
    );
    expect(out.trimEnd().endsWith('next: plimsoll pool snapshot gpu-eu SOURCE...')).toBe(true);
  });
});

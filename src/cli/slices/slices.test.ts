import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

const parvagpu = path.join(import.meta.dirname, '../../../../shared/data/packing/parvagpu');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-slices-'));
  write('points.csv', 'service,profile,batch,processes,throughput_per_s,latency_ms', ...points);
  write('rates.csv', 'service,rate_per_s,latency_ms', 'chat,55,100', 'embed,1100,80');
  write('nodes.csv', 'name,gpu,model', 'gpu-a,1,NVIDIA A100-SXM4-80GB');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const points = ['chat,1g.10gb,1,1,8,190', 'chat,3g.40gb,4,1,60,66', 'embed,1g.10gb,16,2,300,53'];
const write = (name: string, ...lines: readonly string[]): void =>
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
const read = (...name: readonly string[]): string => readFileSync(path.join(folder, ...name), 'utf8');
const slices = (...more: readonly string[]) =>
  runCommandLine(['slices', '--points', 'points.csv', '--rates', 'rates.csv', '--board', 'A100-80', ...more], {
    cwd: folder,
  });

describe('plimsoll slices', () => {
  it('names the instances of each service, the GPUs and the bound', async () => {
    const { exit, out } = await slices('--json');
    expect(exit).toBe(0);
    // 55/s needs one 3g (60/s; the 1g is too slow), 1,100/s needs four 1g: 3 + 4 slices are one GPU.
    expect(JSON.parse(out)).toMatchObject({ gpus: [{ instances: { length: 5 } }], slices: 7, bound: { gpus: 1 } });
    expect((await slices()).out).toContain('4 x 1g.10gb (batch 16, processes 2)');
  });

  it('writes what mig-parted, the device plugin and the DRA driver are given', async () => {
    const to = (form: string) => ['--nodes', 'nodes.csv', '--emit', form, '--out', form];
    expect((await slices(...to('mig-parted'))).exit).toBe(0);
    const config = parse(read('mig-parted', 'config.yaml')) as Record<'mig-configs', Record<string, unknown[]>>;
    const [[name, entries] = ['', []]] = Object.entries(config['mig-configs']);
    expect(entries).toMatchObject([{ devices: [0], 'mig-devices': { '1g.10gb': 4, '3g.40gb': 1 } }]);
    expect(read('mig-parted', 'apply.sh')).toContain(
      `kubectl label node gpu-a nvidia.com/mig.config=${name} --overwrite`,
    );
    expect(statSync(path.join(folder, 'mig-parted', 'apply.sh')).mode & 0o100).toBe(0o100);
    await slices(...to('device-plugin'));
    expect(readdirSync(path.join(folder, 'device-plugin')).sort()).toEqual([
      'apply.sh',
      'chat-3g-40gb.pod-spec.yaml',
      'config.yaml',
      'embed-1g-10gb.pod-spec.yaml',
    ]);
    await slices(...to('dra'), '--claim-namespace', 'ml');
    expect(parse(read('dra', 'embed-1g-10gb.claim-template.yaml'))).toMatchObject({
      kind: 'ResourceClaimTemplate',
      metadata: { name: 'embed-1g-10gb', namespace: 'ml' },
    });
    expect(parse(read('dra', 'embed-1g-10gb.pod-spec.yaml'))).toHaveProperty('resourceClaims');
    // The four 1g before the 3g, which otherwise takes the place of one of them.
    expect(read('dra', 'order.txt').trim().split('\n').slice(1)).toEqual([
      ...[1, 2, 3, 4].map((at) => `${at} gpu-a embed-1g-10gb`),
      '5 gpu-a chat-3g-40gb',
    ]);
  });

  it.skipIf(!existsSync(parvagpu))('reads profiles of ParvaGPU, and needs no more GPUs than it published', async () => {
    // Set 1 of the published objectives, with half of 0.9 of each as the limit of a batch: 2 GPUs.
    const rows = ['slo-request-rate.csv', 'slo-latency.csv'].map(
      (file) => readFileSync(path.join(parvagpu, file), 'utf8').split(/\r?\n/)[0]?.split(',') ?? [],
    );
    const files = readdirSync(parvagpu)
      .filter((file) => !/^(slo|deployment)-/.test(file))
      .sort();
    const rates = files.flatMap((file, at) => {
      const [rate = '', objective = ''] = rows.map((row) => row[at]?.trim() ?? '');
      return rate === 'N/A' ? [] : [`${path.basename(file, '.csv')},${rate},${(0.45 * Number(objective)).toFixed(3)}`];
    });
    write('rates.csv', 'service,rate_per_s,latency_ms', ...rates);
    const given = files.map((file) => path.join(parvagpu, file));
    const { exit, out } = await runCommandLine(
      ['slices', '--points', ...given, '--rates', 'rates.csv', '--board', 'A100-80', '--json'],
      { cwd: folder },
    );
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ gpus: { length: 2 }, bound: { gpus: 2 } });
  });
});

describe('wrong input of plimsoll slices', () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      'no operating point is within 50 ms. The nearest is 3g.40gb, batch 4, 1 process with 66 ms.',
      'rates.csv',
      ['chat,1,50'],
      [],
    ],
    [
      'rates.csv has a rate of chatt, which has no operating point; did you mean chat?',
      'rates.csv',
      ['chatt,1,50'],
      [],
    ],
    ['rates.csv:2: rate_per_s is "-1", and is to be a number', 'rates.csv', ['chat,-1,50'], []],
    ['Two services are named chat.', 'rates.csv', ['chat,1,100', 'chat,2,100'], []],
    ['The plan needs 3 GPUs. The nodes have 1.', 'rates.csv', ['chat,300,100'], ['--nodes', 'nodes.csv']],
    ['"Gpu A;" is no name of a node', 'nodes.csv', ['Gpu A;,1,A100'], ['--nodes', 'nodes.csv']],
    [
      'nodes.csv:2: gpu is "x", and is to be a whole number up to 64',
      'nodes.csv',
      ['a,x,A100'],
      ['--nodes', 'nodes.csv'],
    ],
    ['--emit needs --nodes or --pool', 'nodes.csv', [], ['--emit', 'dra']],
    ['--out needs --emit', 'nodes.csv', [], ['--out', 'claims']],
  ])('%s', async (message, file, rows, more) => {
    const header = { 'rates.csv': 'service,rate_per_s,latency_ms', 'nodes.csv': 'name,gpu,model' }[file] ?? '';
    if (rows.length > 0) write(file, header, ...rows);
    const { exit, err } = await slices(...more);
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('a board that is not in the table, or is several, is refused with the boards', async () => {
    const board = async (name: string): Promise<string> => (await slices('--board', name)).err;
    expect(await board('H100-8')).not.toContain('board-unknown');
    expect(await board('A100')).toContain('--board A100 is 2 boards: A100-40 and A800-40; A100-80 and A800-80');
    expect(await board('V100')).toContain('there is no board V100');
    write('points.csv', 'service,profile,throughput_per_s,latency_ms', 'chat,9g.90gb,60,66', 'embed,1g.10gb,300,53');
    expect((await slices()).err).toContain('the board has no profile 9g.90gb');
  });
});

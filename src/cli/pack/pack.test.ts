import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-pack-'));
  write(
    'nodes.csv',
    'name,cpu_milli,memory_mib,gpu,model',
    'a1,8000,32768,2,T4',
    'a2,8000,32768,2,T4',
    'b1,4000,32768,1,A10',
  );
  write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec', ...replicas);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const replicas = ['chat,1,4000,1024,2,1000,T4', 'digits,3,1000,1024,1,500,', 'words,1,1000,1024,1,1000,A10'];
const write = (name: string, ...lines: readonly string[]): void =>
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
const pack = (...more: readonly string[]) =>
  runCommandLine(['pack', '--nodes', 'nodes.csv', '--replicas', 'replicas.csv', ...more], { cwd: folder });
const planOf = (): { nodes: { node: string; held: { replica: string; devices: number[] }[] }[]; valueNano: string } =>
  JSON.parse(readFileSync(path.join(folder, 'plan.json'), 'utf8')) as ReturnType<typeof planOf>;

describe('plimsoll pack', () => {
  it('places what fits, and proves that nothing better is possible', async () => {
    const { exit, out } = await pack('--out', 'plan.json');
    expect(exit).toBe(0);
    expect(out).toContain('5 replicas of 3 shapes; 5 devices on 3 nodes of 2 shapes');
    expect(out).toContain('devices held: 4.50; no plan reaches more than 4.50 (proven best)');
    expect(out).toContain('all replicas are placed');
    const held = planOf().nodes.flatMap((node) => node.held.map(({ replica }) => `${node.node} ${replica}`));
    expect(held).toHaveLength(5);
    expect(held).toContain('b1 words');
    expect((await pack('--verify', 'plan.json')).out).toBe(
      'PASS plan.json holds: 4.50 devices; no plan reaches more than 4.50\n',
    );
  });

  it('refuses a plan in which anything was changed', async () => {
    await pack('--out', 'plan.json');
    const change = (edit: (plan: ReturnType<typeof planOf>) => void): void => {
      const plan = planOf();
      edit(plan);
      write('changed.json', JSON.stringify(plan));
    };
    const refused = async (): Promise<string> => {
      const { exit, out } = await pack('--verify', 'changed.json');
      expect(exit).toBe(1);
      return out;
    };
    change((plan) => (plan.valueNano = '5000000000'));
    expect(await refused()).toContain(
      'FAIL changed.json does not hold: the value is 4500000000 nano and not 5000000000',
    );
    change((plan) =>
      plan.nodes.forEach((node) => node.held.forEach((each) => (each.devices = each.devices.map(() => 0)))),
    );
    expect(await refused()).toContain('does not hold: node');
    change((plan) => plan.nodes.push({ node: 'c9', held: [] }));
    expect(await refused()).toContain('there is no node c9');
  });

  it('says what is not placed and that no plan places it, and ends with 1 where all were asked for', async () => {
    write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu', 'chat,4,1000,1024,2');
    const { exit, out } = await pack('--objective', 'fewest-nodes');
    expect(exit).toBe(1);
    expect(out).toContain('not placed: 2 (no plan places them all): chat x 2');
  });

  it('prices one change, and says what contradicts what where all are required', async () => {
    write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu,per_node', 'chat,4,1000,1024,1,1');
    const { exit, out } = await pack('--require-all');
    expect(exit).toBe(1);
    expect(out).toContain(
      [
        'what one change would give, by the prices of the bound:',
        '  one more replica of chat on each node: up to 2 devices more',
        '  one more node like a1 (2 x T4): up to 1 device more',
      ].join('\n'),
    );
    expect(out).toContain(
      [
        'these cannot all hold together, and without any one of them the others can:',
        '  the limits of services on a node',
        '  4 x chat\n',
      ].join('\n'),
    );
    expect((await pack()).exit).toBe(0);
  });

  it('says what a change of the nodes would give', async () => {
    write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu', 'chat,4,1000,1024,2');
    const { exit, out } = await pack('--what-if', 'add=2xa1', 'drain=b1', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      before: { valueNano: '4000000000', unplaced: 2, allPlaced: 'impossible' },
      after: { valueNano: '8000000000', unplaced: 0, allPlaced: 'yes' },
    });
  });

  it('stranded devices have a cause', async () => {
    write('nodes.csv', 'name,cpu_milli,memory_mib,gpu,model', 'a1,1000,32768,2,T4');
    write('replicas.csv', 'name,cpu_milli,memory_mib,num_gpu', 'one,1000,1024,1', 'two,1000,1024,1');
    const { out } = await pack();
    expect(out).toContain('not placed: 1 (no plan places them all): ');
    expect(out).toContain('stranded: 1.00 devices\n  1.00 on 1 node: no CPU is left');
  });
});

describe('rules of a plan', () => {
  const limited = (...rows: readonly string[]): void =>
    write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu,per_node,previous,reserved,mig_profile', ...rows);

  it('spreads a service, keeps its previous release and room free, and the check of the plan knows the rules', async () => {
    limited('chat,2,1000,1024,1,1,1,,', 'spare,1,1000,1024,1,,,yes,');
    const { exit, out } = await pack('--out', 'plan.json');
    expect(exit).toBe(0);
    expect(out).toContain('kept free: 1 of 1 x spare\nservices with at most 1 replica on a node: 1\n');
    expect(out).toContain('devices held: 3; no plan reaches more than 3 (proven best)');
    expect((await pack('--verify', 'plan.json')).out).toMatch(/^PASS/);
    const all = planOf();
    const others = all.nodes.filter(({ held }) => !held.some(({ replica }) => replica === 'chat'));
    const both = ['chat', 'chat'].map((replica, at) => ({ replica, devices: [at] }));
    write('plan.json', JSON.stringify({ ...all, nodes: [...others, { node: 'a1', held: both }] }));
    expect((await pack('--verify', 'plan.json')).exit).toBe(1);
  });

  it('places replicas on MIG instances of boards that may be cut', async () => {
    write('nodes.csv', 'name,cpu_milli,memory_mib,gpu,model,mig_board', 'a1,8000,32768,2,A100,A100-80');
    limited('small,3,100,1024,1,,,,1g.10gb', 'large,2,100,1024,1,,,,3g');
    const { out } = await pack('--out', 'plan.json');
    expect(out).toContain('all replicas are placed');
    expect(out).toContain('devices cut into MIG instances: 2 (1g.10gb x 3, 3g.40gb x 2)');
    expect((await pack('--verify', 'plan.json')).out).toMatch(/^PASS plan.json holds: 1.38 devices/);
  });

  it('--headroom and --per-node hold for all services', async () => {
    write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu', 'chat,5,1000,1024,1');
    const { out } = await pack('--headroom', '20%', '--per-node', '1');
    expect(out).toContain('kept free: 1 of 1 x headroom');
    expect(out).toContain('not placed: 2 (no plan places them all): chat x 2');
    const kept = await pack('--keep-previous', '--per-node', '1');
    expect(kept.out).toContain('10 replicas of 2 shapes');
  });
});

describe('the way from what is placed at present', () => {
  beforeEach(() => {
    write('nodes.csv', 'name,cpu_milli,memory_mib,gpu,model', 'a1,8000,32768,2,T4', 'a2,8000,32768,2,T4');
    write('replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu', 'chat,2,1000,1024,1', 'pair,1,1000,1024,2');
    write('present.csv', 'node,replica,devices', 'a1,chat,0', 'a2,chat,1');
  });

  it('is shown in an order in which each step has room, and the plan is that of these nodes', async () => {
    const { exit, out } = await pack('--present', 'present.csv', '--out', 'plan.json');
    expect(exit).toBe(0);
    expect(out).toContain('from the present placement: 1 stay, 1 move, 0 are drained first, 1 start, 0 stop');
    expect(out).toMatch(/1 +move +chat +a[12] device [01] +a[12] device [01]\n2 +start +pair +- +a[12] device 0,1\n/);
    expect((await pack('--verify', 'plan.json')).exit).toBe(0);
    expect((await pack('--present', 'plan.json')).out).toContain(': 3 stay, 0 move');
  });

  it('is a few moves with --defragment, and says whether more would give more', async () => {
    const { out } = await pack('--present', 'present.csv', '--defragment', '--moves', '1');
    expect(out).toContain('devices held: 2 more by 1 of at most 1 moves; no number of moves gives more (proven best)');
    const none = await pack('--present', 'present.csv', '--defragment', '--moves', '0');
    expect(none.out).toBe(
      'devices held: 0 more by 0 of at most 0 moves; chosen by a heuristic; no number of moves gives more than 2\n',
    );
  });

  it('needs a placement that the lists know', async () => {
    write('present.csv', 'node,replica,devices', 'a1,old,0');
    const { exit, err } = await pack('--present', 'present.csv');
    expect([exit, err]).toEqual([2, expect.stringContaining('present.csv: there is no replica old')]);
    write('present.csv', 'node,replica,devices', 'a1,chat,x');
    expect((await pack('--present', 'present.csv')).err).toContain('devices is "x", and is to be indices like 0|1');
    expect((await pack('--defragment')).err).toContain('--defragment needs --present');
    expect((await pack('--defragment', '--present', 'present.csv')).err).toContain('--defragment needs --moves');
  });
});

describe('when the nodes are full', () => {
  beforeEach(() => {
    write(
      'replicas.csv',
      'name,count,cpu_milli,memory_mib,num_gpu,gpu_spec',
      'chat,1,1000,1024,1,T4',
      'rank,1,10,10,1,',
    );
  });

  it('is proven for a growth, with what is full then', async () => {
    const { exit, out } = await pack('--growth', '100%/week');
    expect(exit).toBe(0);
    expect(out).toBe(
      [
        'all replicas fit until in 1 week (planned)',
        'full: in 2 weeks; no plan places all replicas then (proven)',
        'these cannot all hold together, and without any one of them the others can:',
        '  the devices of the nodes, and their MIG instances',
        '  4 x chat',
        '  4 x rank\n',
      ].join('\n'),
    );
  });

  it('is read from a forecast, which may fall again', async () => {
    write('forecast.csv', 'time,service,replicas', '2027-01-01,chat,5', '2027-02-01,chat,2', '2027-03-01,rank,3');
    const { out } = await pack('--forecast', 'forecast.csv', '--json');
    expect(JSON.parse(out)).toMatchObject({
      onlyGrows: false,
      firstImpossible: '2027-01-01',
      firstNotFound: '2027-01-01',
    });
    write('forecast.csv', 'time,service,replicas', '2027-02-01T12:00Z,chat,2', '2027-03-01,rank,3');
    expect((await pack('--forecast', 'forecast.csv')).out).toBe(
      'all replicas fit at each of 2 times, up to 2027-03-01 (planned)\n',
    );
  });

  it.each([
    ['tomorrow,chat,1', 'time is "tomorrow"'],
    ['2027-01-01T12:00,chat,1', 'or a time with its zone'],
    ['2027-01-01,chats,1', 'no replicas are named chats; is it chat?'],
    ['2027-01-01,chat,-1', 'replicas is "-1"'],
  ])('a forecast with %s is refused', async (row, reason) => {
    write('forecast.csv', 'time,service,replicas', row);
    const { exit, err } = await pack('--forecast', 'forecast.csv');
    expect([exit, err]).toEqual([2, expect.stringContaining(reason)]);
  });

  it('a growth without a period is refused', async () => {
    expect((await pack('--growth', '5%')).err).toContain('"5%" is no growth');
  });
});

describe('wrong input of plimsoll pack', () => {
  const failing = async (...args: readonly string[]): Promise<string> => {
    const { exit, err } = await pack(...args);
    expect(exit).toBe(2);
    return err;
  };

  it.each([
    ['nodes.csv', 'name,cpu_milli,memory_mib,gpu', ['a,1,1,0'], 'there is no column model'],
    ['nodes.csv', 'name,cpu_mili,memory_mib,gpu,model', ['a,1,1,0,'], 'there is no column cpu_milli; is it cpu_mili?'],
    ['nodes.csv', 'name,cpu_milli,memory_mib,gpu,model', ['a,1,1,0,', 'a,1,1,0,'], 'nodes.csv:3: a is there twice'],
    ['nodes.csv', 'name,cpu_milli,memory_mib,gpu,model', ['a,1,1,2,'], 'a has 2 devices and no model'],
    [
      'nodes.csv',
      'name,cpu_milli,memory_mib,gpu,model',
      ['a,-1,1,1,T4'],
      'cpu_milli is "-1", and is to be a whole number',
    ],
    [
      'nodes.csv',
      'name,cpu_milli,memory_mib,gpu,model',
      ['a,1,1,65,T4'],
      'gpu is "65", and is to be a whole number up to 64',
    ],
    ['nodes.csv', 'name,cpu_milli,memory_mib,gpu,model', [], 'there is no row below the header'],
    ['replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,gpu_milli', ['r,1,1,2,500'], 'r holds shares of 2 devices'],
    [
      'replicas.csv',
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli',
      ['r,1,1,1,0'],
      'r holds 1 devices and 0 thousandths',
    ],
    ['nodes.csv', 'name,cpu_milli,memory_mib,gpu,model,mig_board', ['a,1,1,1,T4,T4'], 'knows the MIG board T4'],
    ['replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,mig_profile', ['r,1,1,1,9g'], 'knows the MIG profile 9g'],
    ['replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,mig_profile', ['r,1,1,2,1g'], 'so num_gpu is 1'],
    ['replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,per_node', ['r,1,1,2,0'], 'per_node is 0'],
    ['replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,reserved', ['r,1,1,2,2'], 'reserved is "2"'],
    ['replicas.csv', 'name,count,cpu_milli,memory_mib,num_gpu', ['r,99999999,1,1,1'], 'more than 1000000 replicas'],
  ])('%s with %s %j is refused', async (file, header, rows, reason) => {
    write(file, header, ...rows);
    expect(await failing()).toContain(reason);
  });

  it('a file that is missing, a plan that is none and an option that is left out are refused with what to do', async () => {
    write('plan.json', '{"plan":1}');
    expect(await failing('--verify', 'plan.json')).toContain('plan.json is no plan: objective');
    expect(await failing('--verify', 'pla.json')).toContain('did you mean plan.json?');
    expect(await failing('--what-if', 'drain=a9')).toContain('there is no node a9');
    expect(await failing('--headroom', 'some')).toContain('no number of devices');
    expect(await failing('--per-node', '0')).toContain('no number of replicas');
    const { exit, err } = await runCommandLine(['pack', '--nodes', 'nodes.csv'], { cwd: folder });
    expect([exit, err]).toEqual([2, expect.stringContaining('--nodes needs --replicas')]);
  });
});

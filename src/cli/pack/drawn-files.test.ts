import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-drawn-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const size = fc.oneof(
  { weight: 100, arbitrary: fc.constantFrom('0', '1', '500', '4000', '32000', '1000000000') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1000000001', '9007199254740991', '9007199254740993', '-1', '1e3', '', ' 4'),
  },
);
const rare = <Value>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: odd });
const nodeRow = fc
  .tuple(
    size,
    size,
    rare(
      fc.constantFrom('0,', '1,T4', '2,T4', '2,A100', '8,A100', '4,A30', '1,A30'),
      fc.constantFrom('64,H100', '65,T4', '1,', ','),
    ),
    rare(fc.constantFrom('', '', 'A100-80', 'A30'), fc.constantFrom('H100-80', 'none such')),
  )
  .map((cells) => cells.join(','));
const replicaRow = fc
  .tuple(
    rare(fc.constantFrom('0', '1', '2', '3', '7'), fc.constantFrom('900000', '-1', '1.5')),
    size,
    size,
    rare(
      fc.constantFrom('0,,', '1,1000,', '2,1000,', '8,,', '1,250,', '1,500,A30|A100', '1,999,', '1,1,T4'),
      fc.constantFrom('1,0,', '2,500,', '1,1001,', '1,,|'),
    ),
    rare(fc.constantFrom('', '', '1g', '2g', '3g|2g', '7g'), fc.constantFrom('1g.5gb', '9g')),
    rare(fc.constantFrom('', '', '1', '2'), fc.constantFrom('0', '1000000')),
    fc.constantFrom('', '', '1'),
    fc.constantFrom('', '', 'yes', 'no'),
  )
  .map(([count, cpu, memory, devices, profile, ...rules]) =>
    [count, cpu, memory, devices, devices.startsWith('1,') ? profile : '', ...rules].join(','),
  );
const presentRow = fc.tuple(
  fc.constantFrom('n0', 'n0', 'n1', 'n2'),
  fc.constantFrom('r0', 'r0', 'r1', 'r2', 'r3'),
  fc.constantFrom('', '0', '0', '1', '0|1', '0|0', '63'),
);
const options = fc.constantFrom(
  [],
  ['--objective', 'fewest-nodes'],
  ['--headroom', '1'],
  ['--headroom', '50%'],
  ['--per-node', '1'],
  ['--require-all'],
  ['--what-if', 'add=2xn0', 'drain=n0'],
  ['--growth', '50%/week'],
  ['--keep-previous'],
  ['--present', 'present.csv'],
  ['--present', 'present.csv', '--objective', 'fewest-nodes'],
  ['--present', 'present.csv', '--defragment', '--moves', '2'],
);
/** `n0,...` for each row; the first name once more where a name is drawn twice. */
const toCsv = (header: string, letter: string, rows: readonly string[], twice = false): string =>
  [header, ...rows.map((row, at) => `${letter}${twice ? 0 : at},${row}`)].join('\n');

test('files of any rows end with a plan that its certificate proves, or with a named reason', async () => {
  const run = (...more: readonly string[]) =>
    runCommandLine(['pack', '--nodes', 'nodes.csv', '--replicas', 'replicas.csv', ...more], { cwd: folder });
  await fc.assert(
    fc.asyncProperty(
      fc.array(nodeRow, { minLength: 1, maxLength: 4 }),
      fc.array(replicaRow, { minLength: 1, maxLength: 4 }),
      fc.array(presentRow, { maxLength: 4 }),
      options,
      rare(fc.constant(false), fc.constant(true)),
      async (nodes, replicas, present, more, twice) => {
        const files = {
          'nodes.csv': toCsv('name,cpu_milli,memory_mib,gpu,model,mig_board', 'n', nodes, twice),
          'replicas.csv': toCsv(
            'name,count,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,mig_profile,per_node,previous,reserved',
            'r',
            replicas,
          ),
          'present.csv': ['node,replica,devices', ...present.map((row) => row.join(','))].join('\n'),
        };
        for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), `${text}\n`);
        const planned = await run(...more);
        expect(planned.err, planned.err).not.toMatch(/defect|RangeError|TypeError|at .*:\d+:\d+/);
        if (planned.exit > 1) expect(planned.err).toContain('next: ');
        if (planned.exit > 1 || more.length > 0) return;
        expect((await run('--out', 'plan.json')).exit).toBe(0);
        expect((await run('--verify', 'plan.json')).out).toContain('PASS');
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

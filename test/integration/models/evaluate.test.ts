import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initializer, writeOnnx } from '../../../src/testing/builders/files/onnx-writer.ts';
import { UserProject } from '../../user-project.ts';

/** What each of the two versions gets right: every row is one of these four. */
interface Counts {
  readonly both: number;
  readonly onlyCandidate: number;
  readonly onlyBaseline: number;
  readonly neither: number;
}

const contract = `apiVersion: plimsoll.dev/v1
service: sorter
code: { command: [plimsoll, serve-model] }
model: { name: sorter, version: candidate }
evaluation:
  dataset: labelled
  gates: [{ metric: accuracy, noWorseThan: approved, margin: 1% }]
  slices: [site]
`;

/** Two logits that are two columns of the row: with one version the first two, with the other the last two. */
function columnsModel(first: number): Uint8Array {
  const weights = Float32Array.from({ length: 8 }, (_, at) => (Math.floor(at / 2) === first + (at % 2) ? 1 : 0));
  return writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', 4] }],
    outputs: [{ name: 'logits', datatype: 'FP32', shape: ['n', 2] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['logits'] }],
    initializers: [initializer('w', 'FP32', [4, 2], weights)],
  });
}

/** Rows whose first two columns decide what the baseline answers, and whose last two what the candidate does. */
function rowsOf({ both, onlyCandidate, onlyBaseline, neither }: Counts): string {
  const rows: string[] = [];
  const add = (count: number, baselineRight: boolean, candidateRight: boolean): void => {
    for (let at = 0; at < count; at += 1) {
      const label = at % 2;
      const logits = (right: boolean): readonly number[] => (right === (label === 1) ? [-2, 2] : [2, -2]);
      const site = at % 3 === 0 ? 'north' : 'south';
      rows.push(JSON.stringify({ x: [...logits(baselineRight), ...logits(candidateRight)], label, site }));
    }
  };
  add(both, true, true);
  add(onlyCandidate, false, true);
  add(onlyBaseline, true, false);
  add(neither, false, false);
  return `${rows.join('\n')}\n`;
}

interface Evaluated {
  readonly verdict: string;
  readonly dataset: { readonly rows: number };
  readonly gates: readonly {
    readonly verdict: string;
    readonly rules: readonly {
      readonly estimate: number;
      readonly rowsNeeded: { readonly rows: number; readonly moreRows: number; readonly towards: string } | null;
    }[];
    readonly slices: readonly { readonly slice: { readonly value: string }; readonly verdict: string }[];
  }[];
}

describe('plimsoll evaluate, from a command line, over labelled rows and two real models', () => {
  const project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'approved.onnx': columnsModel(0), 'candidate.onnx': columnsModel(2) },
  });
  beforeAll(async () => {
    for (const alias of ['approved', 'candidate'])
      await project.passing('model', 'add', `${alias}.onnx`, '--name', 'sorter', '--alias', alias);
  });
  afterAll(async () => {
    expect(await project.stop()).toMatchObject({ left: 0 });
    project.remove();
  });

  /** Evaluates on these rows as a person would: add, pin, evaluate. */
  async function evaluated(counts: Counts, ...words: readonly string[]) {
    project.write('rows.jsonl', rowsOf(counts));
    await project.passing('data', 'add', 'rows.jsonl', '--name', 'labelled');
    await project.passing('pin');
    return project.plimsoll('evaluate', ...words);
  }
  const reportOf = (stdout: string): Evaluated => JSON.parse(stdout) as Evaluated;

  it('fails a candidate that is shown to be worse, with what it loses, where, and a lock that says so', async () => {
    const counts = { both: 900, onlyCandidate: 10, onlyBaseline: 60, neither: 30 };
    const { status, stdout, stderr } = await evaluated(counts, '--report', 'report');
    expect([status, stdout], stderr).toEqual([1, expect.stringMatching(/^fail: accuracy is -5% against `approved`/m)]);
    expect(stdout).toContain('70 rows answered otherwise than by approved: 10 better, 60 worse');
    const report = reportOf(project.read('report/report.json'));
    expect(report).toMatchObject({ verdict: 'fail', dataset: { rows: 1000 }, gates: [{ verdict: 'fail' }] });
    expect(report.gates[0]?.slices.map(({ slice }) => slice.value).sort()).toEqual(['north', 'south']);
    expect(project.read('report/report.junit.xml')).toMatch(/failures="1"/);
    const check = await project.plimsoll('check');
    expect([check.status, check.stdout]).toEqual([1, expect.stringMatching(/evaluation +fresh +fail/)]);
  });

  it('says of one that few rows cannot decide how many more would, and so many rows decide', async () => {
    const counts = { both: 190, onlyCandidate: 3, onlyBaseline: 2, neither: 5 };
    const text = await evaluated(counts);
    expect([text.status, text.stdout], text.stderr).toEqual([3, expect.stringMatching(/^inconclusive: /m)]);
    const few = reportOf((await project.plimsoll('evaluate', '--format', 'json')).stdout);
    const needed = few.gates[0]?.rules[0]?.rowsNeeded;
    expect(needed).toMatchObject({ towards: 'pass', moreRows: (needed?.rows ?? 0) - 200 });
    expect(text.stdout).toContain(`${needed?.moreRows} more rows would decide with a probability of 80%`);
    expect((await project.plimsoll('check')).status).toBe(3);

    const times = Math.ceil((needed?.rows ?? 0) / 200);
    expect(times).toBeGreaterThan(1);
    const more = Object.fromEntries(Object.entries(counts).map(([cell, rows]) => [cell, rows * times]));
    const enough = await evaluated(more as unknown as Counts);
    expect([enough.status, enough.stdout], enough.stderr).toEqual([
      0,
      expect.stringMatching(/^pass: accuracy is \+0\.5%/m),
    ]);
    expect((await project.plimsoll('check')).status).toBe(0);
  });

  it('promises no rows where the estimate itself is beyond the margin', async () => {
    const { status, stdout } = await evaluated({ both: 90, onlyCandidate: 3, onlyBaseline: 5, neither: 2 });
    expect([status, stdout]).toEqual([3, expect.stringContaining('more rows promise no pass')]);
  });
});

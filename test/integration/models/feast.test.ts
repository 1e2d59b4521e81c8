/** Feature views of a real Feast: pinned from its registry, stale after a change, and served as training has them. */
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckOutcome } from '../../../src/cli/check/check-outcome.ts';
import { initializer, writeOnnx } from '../../../src/testing/builders/files/onnx-writer.ts';
import { findFeast } from '../../peers/feast-environment.ts';
import { runProgram, userEnvironment, UserProject } from '../../user-project.ts';

const feast = findFeast();
if (feast.kind === 'missing') {
  console.warn(
    `the tests with Feast are skipped: ${feast.why}; node scripts/bootstrap.mjs test/peers/install/feast.ts`,
  );
}

const contractFor = (registry: string): string => `apiVersion: plimsoll.dev/v1
service: rides
code: { command: [plimsoll, serve-model] }
model: { name: rides, version: candidate }
features:
  - path: sql
  - feast: { registry: "${registry}", featureService: activity }
evaluation:
  dataset: labelled
  gates: [{ metric: accuracy, atLeast: 80% }]
`;
/** Answers its two inputs as logits. */
const model = writeOnnx({
  inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', 2] }],
  outputs: [{ name: 'logits', datatype: 'FP32', shape: ['n', 2] }],
  nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['logits'] }],
  initializers: [initializer('w', 'FP32', [2, 2], Float32Array.of(1, 0, 0, 1))],
});
const rows = Array.from({ length: 200 }, (_, at) => JSON.stringify({ x: at % 2 ? [-2, 2] : [2, -2], label: at % 2 }));

describe.skipIf(feast.kind === 'missing')('a feature repository of Feast', () => {
  const python = feast.kind === 'installed' ? feast.python : '';
  const repository = mkdtempSync(path.join(tmpdir(), 'plimsoll-feast-'));
  const fixtures = path.join(import.meta.dirname, '../../peers/feast');
  const inRepository = (name: string): string => path.join(repository, name);
  let project: UserProject;

  const run = async (program: string, ...words: readonly string[]): Promise<void> => {
    const env = { ...userEnvironment(), PYTHONWARNINGS: 'ignore', FEAST_USAGE: 'False' };
    const { status, stdout, stderr } = await runProgram(program, words, repository, env);
    if (status !== 0)
      throw new Error(`${words.join(' ')} ended with ${status}:\n${stdout.slice(-2_000)}${stderr.slice(-2_000)}`);
  };
  const values = (...words: readonly string[]) => run(python, path.join(fixtures, 'values.py'), ...words);
  const apply = (edit: (views: string) => string = (views) => views): Promise<void> => {
    writeFileSync(inRepository('views.py'), edit(readFileSync(path.join(fixtures, 'repository/views.py'), 'utf8')));
    return run(path.join(path.dirname(python), 'feast'), 'apply');
  };
  const check = async () => {
    const { status, stdout } = await project.plimsoll('check', '--json');
    const [environment] = (JSON.parse(stdout) as CheckOutcome).environments;
    const evaluation = environment?.evidence.find(({ kind }) => kind === 'evaluation');
    const mismatches = environment?.mismatches.map(({ message }) => message) ?? [];
    return { status, mismatches, freshness: evaluation?.freshness, reasons: evaluation?.reasons ?? [] };
  };

  beforeAll(async () => {
    cpSync(path.join(fixtures, 'repository'), repository, { recursive: true });
    await values('data');
    await apply();
    project = new UserProject({
      files: {
        'plimsoll.yaml': contractFor(inRepository('data/registry.db')),
        'sql/spend.sql': 'select user, sum(amount) from orders group by user\n',
        'model.onnx': model,
        'rows.jsonl': rows.join('\n'),
      },
    });
    await project.passing('model', 'add', 'model.onnx', '--name', 'rides', '--alias', 'candidate');
    await project.passing('data', 'add', 'rows.jsonl', '--name', 'labelled');
    await project.passing('pin');
    await project.passing('evaluate');
  }, 300_000);
  afterAll(() => {
    rmSync(repository, { recursive: true, force: true });
    (project as UserProject | undefined)?.remove();
  });

  it('serves what training has, and skew that is put in is found', { timeout: 240_000 }, async () => {
    await values('serve', '2026-11-27T06:00:00');
    const [history, online] = [inRepository('historical.parquet'), inRepository('online.jsonl')];
    const skew = (offline: string, served: string, ...more: readonly string[]) =>
      project.plimsoll('drift', 'skew', offline, served, '--time', 'event_timestamp', ...more);
    const same = await skew(history, online, '--view', 'activity');
    expect([same.status, same.stdout]).toEqual([0, expect.stringContaining('pass: 500 entities on both sides')]);
    // The offline store itself, joined at the times of serving, and not by Feast.
    const joined = await skew(inRepository('data/stats.parquet'), online, '--view', 'driver_stats');
    expect([joined.status, joined.stdout]).toEqual([0, expect.stringContaining('pass: 500 entities on both sides')]);

    const injected = readFileSync(online, 'utf8').replace(/"conv_rate": (0\.\d+)/g, (found, rate: string) =>
      Number(rate) > 0.9 ? `"conv_rate": ${100 * Number(rate)}` : found,
    );
    project.write('injected.jsonl', injected);
    const found = await skew(history, 'injected.jsonl', '--view', 'activity');
    expect(found.status).toBe(1);
    expect(found.stdout).toMatch(/conv_rate +fail/);
    expect(found.stdout).toMatch(/trips +pass/);
    // At a time before the newest values the online store would have leaked them.
    project.write('leaked.jsonl', readFileSync(online, 'utf8').replaceAll('2026-11-27T06', '2026-11-26T20'));
    expect((await skew(inRepository('data/stats.parquet'), 'leaked.jsonl', '--view', 'driver_stats')).status).toBe(1);
  });

  it('stays in step after it was applied again, and after values were materialized', { timeout: 240_000 }, async () => {
    if (!existsSync(inRepository('online.jsonl'))) await values('serve', '2026-11-27T06:00:00');
    await apply();
    expect(await check()).toMatchObject({ status: 0, mismatches: [], freshness: 'fresh' });
  });

  it('is out of step after a change, which check, evaluate and pin name', { timeout: 240_000 }, async () => {
    await apply((views) => views.replace('inputs["conv_rate"] / inputs', '100 * inputs["conv_rate"] / inputs'));
    const edited = await check();
    expect([edited.status, edited.mismatches]).toEqual([1, ['feature view per_km: transformation changed']]);
    expect(edited.reasons.join()).toContain('feature view per_km: transformation changed');
    const refused = await project.plimsoll('evaluate');
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('per_km: transformation changed')]);

    cpSync(inRepository('data/stats.parquet'), inRepository('data/other.parquet'));
    await apply((views) =>
      views
        .replace('name="trips", dtype=Int64', 'name="trips", dtype=Float64')
        .replace(
          'schema=[Field(name="conv_rate"',
          'schema=[Field(name="acc_rate", dtype=Float32), Field(name="conv_rate"',
        )
        .replace('path="data/stats.parquet"', 'path="data/other.parquet"'),
    );
    const changed =
      'feature view driver_stats: feature acc_rate added (FLOAT), feature trips INT64 -> DOUBLE, source stats_source changed';
    const moved = await check();
    expect([moved.status, moved.freshness]).toEqual([1, 'stale']);
    expect(moved.mismatches).toContain(changed);
    expect(await project.passing('pin')).toContain('feature trips INT64 -> DOUBLE');
    const pinned = await check();
    expect(pinned).toMatchObject({ status: 3, mismatches: [], freshness: 'stale' });
    expect(pinned.reasons.join()).toContain(changed);
    await project.passing('evaluate');
    expect(await check()).toMatchObject({ status: 0, freshness: 'fresh' });

    renameSync(inRepository('data/registry.db'), inRepository('data/moved.db'));
    const unread = await check();
    expect([unread.status, unread.freshness]).toEqual([3, 'unknown']);
    expect(unread.reasons.join()).toContain('there is no Feast registry at');
    renameSync(inRepository('data/moved.db'), inRepository('data/registry.db'));

    project.write('sql/spend.sql', 'select user, avg(amount) from orders group by user\n');
    expect((await check()).mismatches).toEqual([
      expect.stringMatching(/^features: file sql\/spend.sql \w{12} -> \w{12}$/),
    ]);
  });
});

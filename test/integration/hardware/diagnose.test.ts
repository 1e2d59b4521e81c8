/** `plimsoll diagnose` of a real service: its built-in model server, its gateway, and this machine. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyModel, rowOf } from '../../rigs/tiny-model.ts';
import type { DiagnosisAnswer } from '../../../src/schemas/diagnosis/http-diagnosis.ts';
import type { DiagnoseReport } from '../../../src/cli/diagnose/diagnose-report.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
`;
let project: UserProject;

beforeAll(async () => {
  const golden = [1, 2, 3].map((index) => `${JSON.stringify({ x: rowOf(index) })}\n`).join('');
  project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'model.onnx': tinyModel(1).bytes, 'golden.jsonl': golden },
  });
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.up();
  await project.passing('release');
  await vi.waitFor(
    async () => {
      expect((await project.view()).replicas.some(({ admitted }) => admitted)).toBe(true);
    },
    { timeout: 90_000, interval: 200 },
  );
}, 240_000);
afterAll(async () => {
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

const diagnose = async (...words: readonly string[]) => {
  const { status, stdout, stderr } = await project.plimsoll('diagnose', ...words, '--json');
  expect([0, 1, 3], stderr).toContain(status);
  return JSON.parse(stdout) as DiagnoseReport;
};

describe('plimsoll diagnose', () => {
  it('divides the time of requests under a load of its own, and accounts for nearly all of it', async () => {
    const { waterfall, window, service, start } = await diagnose('--load', '--seconds', '2');
    expect(service?.replicas).toHaveLength(1);
    const known = waterfall?.rows.filter(({ ms }) => 'value' in ms).map(({ phase }) => phase);
    expect(known).toEqual(
      expect.arrayContaining(['admission', 'queue', 'connect', 'transfer', 'preprocess', 'run', 'encode']),
    );
    const [total, rest] = [waterfall?.totalMs, waterfall?.notAccountedMs].map((each) =>
      each !== undefined && 'value' in each ? each.value : NaN,
    );
    expect(rest).toBeLessThan(0.3 * (total ?? 0));
    expect(window.engine).toBe('cpu');
    expect(window.values.busiestThreadShare).toMatchObject({ value: expect.any(Number) as number });
    expect(window.values.generatorDelayMs).toMatchObject({ value: expect.any(Number) as number });
    // The platform verified the files of the model before its process, and the server hashed them once more.
    const reads = start?.phases.filter(({ phases }) => phases.includes('weights-fetch')).map(({ storage }) => storage);
    expect(reads).toHaveLength(2);
    for (const read of reads ?? []) expect(read?.bytesPerSecond).toBeGreaterThan(0);
  });

  it('runs no experiment on a replica that serves clients, and says how', async () => {
    const { finding } = await diagnose('--load', '--seconds', '2');
    for (const { outcome } of finding.experiments) {
      expect(outcome).toMatchObject({ kind: 'not-run', reason: expect.stringMatching(/--live/) as string });
    }
    expect(finding.verdict).not.toBe('shown');
  });

  it('looks at the node alone, and says what it cannot know of it', async () => {
    const { service, waterfall, suspicions } = await diagnose('--node', '--seconds', '1');
    expect(service).toBeNull();
    expect(waterfall).toBeNull();
    expect(suspicions.notRead.map(({ cause }) => cause)).toContain('preprocessing');
  });

  it('refuses what contradicts itself, with what to run instead', async () => {
    const { status, stderr } = await project.plimsoll('diagnose', '--node', '--load');
    expect(status).toBe(2);
    expect(stderr).toContain('plimsoll diagnose --node');
  });

  it('names a service that no control plane has', async () => {
    const { status, stderr } = await project.plimsoll('diagnose', 'other');
    expect(status).toBe(2);
    expect(stderr).toContain('has a service other');
  });

  it('is kept by the control plane, which watches the service by itself too', async () => {
    const { finding } = await diagnose('--load', '--seconds', '2');
    const read = async (): Promise<DiagnosisAnswer> => {
      const answer = await fetch(`${project.pageUrl}/v1/diagnosis`, { signal: AbortSignal.timeout(30_000) });
      expect(answer.status).toBe(200);
      return (await answer.json()) as DiagnosisAnswer;
    };
    const { run } = await read();
    expect(run?.finding).toMatchObject({ verdict: finding.verdict, cause: finding.cause });
    expect(run?.record).toMatchObject({ engine: { of: 'cpu' }, accelerators: 1, node: expect.any(String) as string });
    // Two looks, half a minute apart.
    await vi.waitFor(
      async () => {
        const { watched } = await read();
        if ('missing' in watched) throw new Error(watched.missing);
        expect(watched.record.ceilings.some(({ use }) => 'value' in use)).toBe(true);
        expect(watched.record.experiments).toEqual([]);
      },
      { timeout: 240_000, interval: 1_000 },
    );
  }, 400_000);
});

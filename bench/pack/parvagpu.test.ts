import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runParvagpu } from './parvagpu.ts';

const shared = path.join(import.meta.dirname, '../../../shared/data/packing/parvagpu');
/** GPUs of the deployments in ParvaGPU's repository, sets 1 to 6 (commit 32d4890, deployment/). */
const publishedGpus = [2, 3, 5, 7, 13, 16];

interface Output {
  readonly holds: boolean;
  readonly results: readonly {
    readonly row: number;
    readonly problems: readonly string[];
    readonly ours: {
      readonly gpus: number;
      readonly slices: number;
      readonly boundGpus: number;
      readonly gpusProof: string;
      readonly boundError: string | null;
      readonly errors: readonly string[];
      readonly services: readonly { readonly service: string; readonly holds: boolean }[];
    } | null;
    readonly published: {
      readonly gpus: number;
      readonly errors: readonly string[];
      readonly startsThatOverlap: readonly string[];
      readonly services: readonly { readonly holds: boolean }[];
    } | null;
  }[];
}

function runJson(folder: string, rows: readonly number[]): { readonly status: number; readonly output: Output } {
  let text = '';
  const status = runParvagpu({ folder, rows, json: true, print: (printed) => (text = printed) });
  return { status, output: JSON.parse(text) as Output };
}

describe.skipIf(!existsSync(shared))(
  'slices for the profiles of ParvaGPU (skipped where ../shared/data is absent)',
  () => {
    it('take no more GPUs than the published deployments on sets 1 to 3, proven to be the fewest, inside the objective', () => {
      const { status, output } = runJson(shared, [1, 2, 3]);
      expect(status).toBe(0);
      expect(output.results.map(({ published }) => published?.gpus)).toEqual(publishedGpus.slice(0, 3));
      for (const { ours, published } of output.results) {
        expect(ours).toMatchObject({ errors: [], boundError: null, gpusProof: 'prices', boundGpus: ours?.gpus });
        expect(ours?.gpus).toBeLessThanOrEqual(published?.gpus ?? 0);
        expect(ours?.services.every(({ holds }) => holds)).toBe(true);
        expect(published?.errors).toEqual([]);
        expect(published?.services.every(({ holds }) => holds)).toBe(true);
      }
    });

    it('take one GPU less on sets 5 and 6', () => {
      const { output } = runJson(shared, [4, 5, 6]);
      expect(output.results.map(({ ours }) => ours?.gpus)).toEqual([7, 12, 15]);
      expect(output.results.map(({ ours }) => ours?.boundGpus)).toEqual([7, 12, 15]);
      expect(output.results.every(({ ours }, at) => (ours?.gpus ?? Infinity) <= (publishedGpus[at + 3] ?? 0))).toBe(
        true,
      );
    });
  },
);

describe('files in the form of ParvaGPU', () => {
  let folder = '';
  const write = (name: string, ...lines: readonly string[]): void =>
    writeFileSync(path.join(folder, name), [...lines, ''].join('\n'));
  const head = 'Mig instance,Batch size,Workload Number,Throughput,Latency';

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-parvagpu-'));
    mkdirSync(folder, { recursive: true });
    // Three processes carry 3 x 40; the fourth did not run.
    write('alpha.csv', head, '1,8,1,60,0.020', '1,8,3,40,0.044', '1,8,4,0,0', '3,8,1,300,0.045');
    write('beta.csv', head, '2,4,1,50,0.010');
    write('slo-request-rate.csv', '120,50', '121,N/A', '10,10');
    write('slo-latency.csv', '100.9,100', '100,N/A', '40,40');
    write(
      'deployment-slo1.csv',
      'Num instance,Num GPU,Model,Placement,Instance size,Batch size,Num proc',
      '0,0,alpha,1,1,8,3',
      '0,0,beta,0,2,4,1',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('count the throughput of all processes, and a latency below 0.45 of the objective', () => {
    const { status, output } = runJson(folder, [1]);
    expect(status).toBe(0);
    expect(output.results[0]?.ours).toMatchObject({
      gpus: 1,
      slices: 3,
      services: [
        { service: 'alpha', carriedPerSecond: 120, latencyMs: 44, belowMs: 45, objectiveMs: 100.9 },
        { service: 'beta', carriedPerSecond: 50 },
      ],
    });
  });

  it('tell starts of a deployment that overlap, and place its sizes again', () => {
    const [row] = runJson(folder, [1]).output.results;
    expect(row?.published).toMatchObject({
      gpus: 1,
      errors: [],
      startsThatOverlap: ['GPU 0: 1g.10gb and 2g.20gb share the memory slice 1.'],
    });
  });

  it('leave out services of N/A; a deployment is not needed', () => {
    const [row] = runJson(folder, [2]).output.results;
    expect(row?.ours).toMatchObject({ slices: 2, services: [{ service: 'alpha', ratePerSecond: 121 }] });
    expect(row?.published).toBeNull();
  });

  it('end with 1 where a service has no point inside its objective, and name the nearest', () => {
    const { status, output } = runJson(folder, [3]);
    expect(status).toBe(1);
    expect(output.results[0]?.problems).toEqual([
      'alpha: no operating point is within 17.999999 ms. The nearest is 1g.10gb, batch 8, 1 process with 20 ms.',
    ]);
  });

  it('end with 3 where the folder is missing, and refuse a row that is not there', () => {
    let text = '';
    const print = (printed: string): void => void (text = printed);
    expect(runParvagpu({ folder: path.join(folder, 'none'), rows: [1], json: false, print })).toBe(3);
    expect(text).toContain('There is no folder');
    expect(() => runParvagpu({ folder, rows: [4], json: false, print })).toThrow('There is no SLO row 4');
  });

  it('print the plan, the deployment, the bound and each service', () => {
    let text = '';
    expect(runParvagpu({ folder, rows: [1], json: false, print: (printed) => (text = printed) })).toBe(0);
    expect(text).toMatch(/Plimsoll {3}1 GPU, 3 compute slices, the fewest by the bound/);
    expect(text).toMatch(/published {2}1 GPU, 3 compute slices/);
    expect(text).toMatch(/bound {6}1 GPU: the services cost at least 3\/7 of a GPU; checked/);
    expect(text).toMatch(/published {2}beta {9}holds {2}50\.0 of 50 requests\/s, 10 ms, below 45 ms/);
  });
});

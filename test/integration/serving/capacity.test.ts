import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readCapacity } from '../../../src/core/capacity/read-capacity.ts';
import type { ReplicaCapacity } from '../../../src/core/capacity/service-curve.ts';
import { seededRandom } from '../../../src/core/statistics/random.ts';
import { readLock } from '../../../src/schemas/lock/lock.ts';
import { readPacedOptions } from '../../../src/testing/rigs/programs/paced-options.ts';
import { repositoryFolder, UserProject } from '../../user-project.ts';

const server = path.join(repositoryFolder, 'src/testing/rigs/programs/paced-server.ts');
const objectiveMs = 250;

const contract = (curve: string): string => `apiVersion: plimsoll.dev/v1
service: paced
code:
  command: ["${process.execPath}", --disable-warning=ExperimentalWarning, "${server}", --curve, "${curve}"]
model: { name: paced, version: candidate }
objective: { latency: { p90: ${objectiveMs}ms }, horizon: 3s }
scaling: { replicas: { min: 1, max: 4 } }
`;

let project: UserProject;
afterEach(async () => {
  expect(await project.stop()).toMatchObject({ left: 0 });
  project.remove();
});

/** Latency of a Poisson stream at its 90% quantile, of a server that is nothing but its curve. */
function p90Ms(batchMs: readonly number[], perSecond: number): number {
  const random = seededRandom(1);
  const arrivals: number[] = [];
  for (let atMs = 0; arrivals.length < 100_000;) {
    atMs -= (1_000 * Math.log(1 - random.nextShare())) / perSecond;
    arrivals.push(atMs);
  }
  const times: number[] = [];
  let freeMs = 0;
  for (let first = 0; first < arrivals.length;) {
    const beginMs = Math.max(freeMs, arrivals[first] ?? 0);
    let end = first;
    while (end < arrivals.length && end - first < batchMs.length && (arrivals[end] ?? Infinity) <= beginMs) end += 1;
    freeMs = beginMs + (batchMs[end - first - 1] ?? NaN);
    for (let at = first; at < end; at += 1) times.push(freeMs - (arrivals[at] ?? NaN));
    first = end;
  }
  return times.sort((a, b) => a - b)[Math.ceil(0.9 * times.length) - 1] ?? NaN;
}

/** The largest rate at which the quantile is inside the objective, by halving. */
function trueRate(batchMs: readonly number[]): number {
  let [low, high] = [0, (1_000 * batchMs.length) / (batchMs.at(-1) ?? NaN)];
  for (let step = 0; step < 12; step += 1) {
    const middle = (low + high) / 2;
    if (p90Ms(batchMs, middle) <= objectiveMs) low = middle;
    else high = middle;
  }
  return low;
}

async function measured(curve: string, ...words: readonly string[]): Promise<ReplicaCapacity> {
  expect(existsSync(server)).toBe(true);
  project = new UserProject({ files: { 'plimsoll.yaml': contract(curve), 'model.bin': 'nothing is computed' } });
  await project.passing('model', 'add', 'model.bin', '--name', 'paced', '--alias', 'candidate');
  await project.passing('pin');
  const { status, stdout, stderr } = await project.plimsoll('capacity', '--seconds', '0.5', ...words);
  // 3: on a busy machine throughput is too noisy to show that the replica keeps its speed.
  expect([0, 3], `${stdout}${stderr}`).toContain(status);
  expect(stdout).toMatch(/^(pass|inconclusive): at least .* by one replica/m);
  const lock = readLock(Buffer.from(project.read('plimsoll.lock')), 'plimsoll.lock');
  const capacity = readCapacity(lock.environments['default']?.evidence.capacity?.measurements ?? {});
  if (capacity === null) throw new Error('there is a rate inside the objective');
  return capacity;
}

it('finds a lower limit of the rate of a server that batches, and its curve', { timeout: 600_000 }, async () => {
  // Some 43 requests a second at most: a machine that also does other things still carries the client and the server.
  const text = 'batch:4,60ms+8ms';
  const truth = readPacedOptions(['--curve', text]).curve;
  if (truth.kind !== 'batch') throw new Error('it is a batch curve');
  const { curve, ratePerSecond, interval } = await measured(text, '--concurrency', '1,2,4,8');
  const rate = trueRate(truth.batchMs);
  // The truth is of an endless run. Horizons of three seconds vary by more than the limit can be above it.
  expect(ratePerSecond, `${ratePerSecond} of ${rate}`).toBeLessThan(1.05 * rate);
  expect(ratePerSecond, `${ratePerSecond} of ${rate}`).toBeGreaterThan(0.25 * rate);
  expect(interval).toMatchObject({ lower: ratePerSecond, confidence: 0.95 });
  expect(interval?.horizons).toBeGreaterThanOrEqual(14);
  if (curve.kind !== 'batch') throw new Error('a server that batches has a batch curve');
  expect(curve.batchMs).toHaveLength(4);
  curve.batchMs.forEach((ms, at) => expect(Math.abs(ms / (truth.batchMs[at] ?? NaN) - 1)).toBeLessThan(0.15));
});

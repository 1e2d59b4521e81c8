import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from './main.ts';
import { readTraceWorld, type GivenTrace } from './trace-world.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trace-world-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function world(text: string, options: Partial<GivenTrace> = {}) {
  const file = path.join(folder, 'trace');
  await writeFile(file, text);
  return (await readTraceWorld({ file, tokens: undefined, curve: undefined, latency: undefined, ...options }))(40);
}
const worksOf = ({ arrivals }: Awaited<ReturnType<typeof world>>) =>
  [...{ [Symbol.iterator]: arrivals }].map(({ workMs }) => workMs);

/** 20 minutes: requests of 1 s and of 3 s. */
const costs = '0,1000\n600,3000\n1200,2000\n';
const tokens =
  'TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,0,10\n2024-05-10 00:10:00,0,30\n2024-05-10 00:20:00,0,20\n';

describe('the world of a trace', () => {
  it('tells the mean of its requests, whatever mean was stated: right knowledge is right', async () => {
    const made = await world(costs, { curve: 'slots:4,200ms' });
    expect(made.capacity.curve).toEqual({ kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 2_000 });
    expect(made.capacity.ratePerSecond).toBeCloseTo(0.7 * 2, 9);
    expect(worksOf(made)).toEqual([1_000, 3_000, 2_000]);
    expect((await world(costs)).capacity.curve).toMatchObject({ slots: 2, meanWorkMs: 2_000 });
    const bare = await world('0\n1200\n', { curve: 'slots:4,200ms' });
    expect(bare.capacity.curve).toMatchObject({ meanWorkMs: 200 });
  });

  it('of batches has factors around 1, so that a mean request takes what the curve says', async () => {
    const made = await world(tokens, { curve: 'batch:50ms,60ms' });
    expect(made.capacity.curve).toMatchObject({ kind: 'batch', batchMs: [50, 60] });
    const works = worksOf(made);
    expect(works.reduce((sum, each) => sum + each, 0)).toBeCloseTo(3, 9);
    // The times of costs are for a factor of 1.
    const factors = await world('0,1\n600,3\n1200,2\n', { curve: 'batch:50ms,60ms' });
    expect(factors.capacity.curve).toMatchObject({ batchMs: [100, 120] });
    expect(worksOf(factors)).toEqual([0.5, 1.5, 1]);
  });

  it.each([
    ['too short to score', '0,5\n600,5\n', {}, 'trace-too-short', 'spans 10m 0s, and what comes after ten minutes'],
    ['without any work', '0,0\n1200,0\n', {}, 'trace-no-work', 'take no time'],
    ['empty', '', {}, 'file-empty', ''],
    ['out of order', '0\n900\n30\n', {}, 'data-invalid', 'line 3'],
    ['of thousands of years', '0\n1e11\n', {}, 'trace-too-long', '400 days'],
    ['with tokens that are none', costs, { tokens: '50ms,much' }, 'option-invalid', '--tokens'],
    ['with a curve that is none', costs, { curve: 'slots:0,1s' }, 'option-invalid', '--curve'],
    ['with a latency that is none', costs, { latency: 'soon' }, 'option-invalid', '--latency'],
  ])('%s: says what is wrong', async (_, text, options, code, message) => {
    const next = expect.any(String) as string;
    const expected = { code, category: 'input', message: expect.stringContaining(message) as string, next };
    await expect(world(text, options)).rejects.toMatchObject(expected);
  });

  it('that cannot be read ends the bench with a sentence and the next step, and not with a trace of the stack', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(await main(['--trace', path.join(folder, 'none.csv')])).toBe(2);
    expect(error.mock.lastCall?.[0]).toMatch(/^scaling-wrong: .*none\.csv.*\n {2}next: /);
    error.mockRestore();
  });
});

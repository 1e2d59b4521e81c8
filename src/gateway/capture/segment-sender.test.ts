import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { splitSegment } from '../../schemas/monitoring/sample-segment.ts';
import { aCapture } from '../../testing/builders/captures.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { until } from '../../testing/rigs/gateway-rig.ts';
import type { PostAnswer } from '../following/control-plane-link.ts';
import { Spools } from './spools.ts';

type Answer = { readonly status: number; readonly text: string } | null;

let root: string;
let clock: FakeClock;
let spools: Spools;
/** What the control plane was sent: the resource and of how many captured requests. */
let posts: { readonly resource: string; readonly captures: number }[];
let answer: (sequence: number) => Answer;
const log: string[] = [];
const owner = { service: 'digits', environment: 'prod' };

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'plimsoll-sender-'));
  clock = new FakeClock();
  posts = [];
  log.length = 0;
  answer = (sequence) => ({ status: 200, text: JSON.stringify({ acknowledged: sequence }) });
  spools = makeSpools();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const makeSpools = (digit = 'a'): Spools =>
  new Spools({
    folder: path.join(root, 'gateway'),
    clock,
    random: { next: () => 0, hex: (bytes) => digit.repeat(bytes * 2) },
    log: (event) => void log.push(event),
  });

const link = {
  async postBytes(resource: string, body: string | Uint8Array): Promise<(PostAnswer & { status: number }) | null> {
    posts.push({ resource, captures: splitSegment(Buffer.from(body)).length });
    const sequence = Number(new URLSearchParams(resource.split('?')[1]).get('sequence'));
    const given = answer(sequence);
    return Promise.resolve(given === null ? null : { ...given, headers: {} });
  },
};

/** One segment for each number, of so many captured requests. */
async function spool(...counts: number[]): Promise<ReturnType<Spools['of']>> {
  const sink = spools.of(owner);
  for (const count of counts) {
    for (let n = 0; n < count; n += 1) sink.offer(aCapture());
    await (sink as unknown as { close(): Promise<void> }).close();
  }
  // Nobody but the sender sleeps from now on.
  while (clock.sleeping > 0) await clock.advance(80);
  return sink;
}
/** Moves time on until everything is over. */
async function closeSpools(): Promise<void> {
  const closed = spools.close().then(() => true);
  while (!(await Promise.race([closed, clock.advance(100)]))) await new Promise((resolve) => setTimeout(resolve, 1));
}
const files = async (): Promise<number> => {
  const [folder] = await readdir(path.join(root, 'gateway')).catch(() => []);
  return folder === undefined ? 0 : (await readdir(path.join(root, 'gateway', folder))).length;
};
const sequences = (): string[] => posts.map(({ resource }) => /sequence=(\d+)/.exec(resource)?.[1] ?? '');

test('segments are sent in order, each until it is acknowledged, and removed then', async () => {
  await spool(2, 3);
  spools.sendTo(link);
  await until(() => posts.length === 2);
  while ((await files()) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const query = `service=digits&environment=prod&spool=${'a'.repeat(32)}`;
  expect(posts).toEqual([
    { resource: `samples?${query}&sequence=1`, captures: 2 },
    { resource: `samples?${query}&sequence=2`, captures: 3 },
  ]);
  await spool(1);
  await until(() => posts.length === 3);
  expect(sequences()).toEqual(['1', '2', '3']);
  // It is read into the memory of a longer one.
  expect(posts[2]?.captures).toBe(1);
  await closeSpools();
});

test.each<[string, Answer]>([
  ['does not answer', null],
  ['is busy', { status: 503, text: '' }],
  ['is of a version without this', { status: 404, text: '' }],
  ['has recorded less', { status: 200, text: '{"acknowledged":0}' }],
  ['says something else', { status: 200, text: 'hello' }],
])('while the control plane %s, a segment is sent again, ever more rarely', async (_what, refusal) => {
  answer = () => refusal;
  const sink = await spool(1, 1);
  spools.sendTo(link);
  const waitsMs: (number | null)[] = [];
  for (let tries = 1; tries <= 9; tries += 1) {
    await until(() => posts.length === tries && clock.sleeping === 1);
    waitsMs.push(clock.nextWakeInMs);
    if (tries === 9) answer = (sequence) => ({ status: 200, text: JSON.stringify({ acknowledged: sequence }) });
    await clock.advance(clock.nextWakeInMs ?? 0);
  }
  expect(waitsMs).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  await until(() => posts.length === 11);
  expect(sequences().slice(8)).toEqual(['1', '1', '2']);
  expect(sink.counts).toEqual({ captured: 2, dropped: 0 });
  await closeSpools();
});

test('a segment that the control plane cannot read is lost, counted, and does not hold up the next', async () => {
  answer = (sequence) =>
    sequence === 1 ? { status: 400, text: 'line 1' } : { status: 200, text: '{"acknowledged":2}' };
  const sink = await spool(3, 1);
  spools.sendTo(link);
  await until(() => posts.length === 2);
  expect(sink.counts).toEqual({ captured: 4, dropped: 3 });
  expect(log).toContain('capture.refused');
  await closeSpools();
});

test('what is not sent at the end waits for the next start', async () => {
  answer = () => null;
  const sink = await spool(1);
  spools.sendTo(link);
  sink.offer(aCapture());
  await closeSpools();
  expect(await files()).toBe(2);
  answer = (sequence) => ({ status: 200, text: JSON.stringify({ acknowledged: sequence }) });
  posts = [];
  spools = makeSpools('b');
  spools.sendTo(link);
  spools.of(owner);
  await until(() => posts.length === 2);
  expect(posts.every(({ resource }) => resource.includes(`spool=${'a'.repeat(32)}`))).toBe(true);
  await closeSpools();
});

test('of a service that is gone nothing stays on the disk', async () => {
  answer = () => null;
  await spool(1, 1);
  spools.sendTo(link);
  spools.forget(owner);
  while ((await readdir(path.join(root, 'gateway'))).length > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await closeSpools();
});

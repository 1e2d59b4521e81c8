import { appendFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSegment } from '../../control-plane/monitoring/read-segment.ts';
import { segmentBytesAtMost } from '../../schemas/monitoring/sample-segment.ts';
import { aCapture } from '../../testing/builders/captures.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { Spool } from './spool.ts';
import { SpoolFolder } from './spool-folder.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'plimsoll-spool-'));
  folder = path.join(root, 'spool', 'digits');
});
const opened: SpoolFolder[] = [];
afterEach(async () => {
  for (const files of opened.splice(0)) await files.destroy();
  await rm(root, { recursive: true, force: true });
});

const spoolIdOf = (digit: string): string => digit.repeat(32);

function openSpool(at = folder, digit = 'a') {
  const clock = new FakeClock();
  const log: string[] = [];
  const files = new SpoolFolder(at, spoolIdOf(digit));
  const ended = new AbortController();
  opened.push(files);
  const spool = new Spool({
    folder: files,
    owner: 'digits',
    clock,
    log: (event) => void log.push(event),
    signal: ended.signal,
  });
  return { spool, files, clock, log, ended };
}
const idsIn = (bytes: Uint8Array): string[] => readSegment(bytes).map(({ requestId }) => requestId);

/** Ids of everything that waits, in the order in which it is sent; all of it is removed. */
async function takeAll(files: SpoolFolder): Promise<string[]> {
  const ids: string[] = [];
  for (let segment = files.oldest; segment !== null; segment = files.oldest) {
    ids.push(...idsIn(await files.read(segment)));
    await files.remove(segment);
  }
  return ids;
}

test('what is offered is on disk after 80 ms and can be sent after a second, for this user alone', async () => {
  const { spool, files, clock } = openSpool();
  await spool.flush();
  spool.offer(aCapture({ requestId: 'one' }));
  expect(await readdir(root)).toEqual([]);
  await clock.advance(80);
  await spool.flush();
  const [name = ''] = await readdir(folder);
  expect(name).toMatch(/^a{32}-0000000001\.seg\.\d+\.open$/);
  expect(idsIn(await readFile(path.join(folder, name)))).toEqual(['one']);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
  expect([files.oldest, spool.counts]).toEqual([null, { captured: 1, dropped: 0 }]);
  while (files.oldest === null) {
    await clock.advance(80);
    await spool.flush();
  }
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(1000);
  expect(files.oldest).toMatchObject({ spoolId: spoolIdOf('a'), sequence: 1 });
  // Nothing more is to be done: nobody sleeps.
  await clock.advance(80);
  expect(clock.sleeping).toBe(0);
});

test('a segment grows while another waits: with slow answers the spool still keeps up', async () => {
  const { spool, files, clock } = openSpool();
  const seconds = 20;
  let sent = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    spool.offer(aCapture({ requestId: `id-${ms}` }));
    await clock.advance(100);
    await spool.flush();
    // An answer takes two seconds.
    const { oldest } = files;
    if (oldest === null || ms % 2000 !== 1900) continue;
    sent += idsIn(await files.read(oldest)).length;
    await files.remove(oldest);
  }
  // At most what came during the last two answers waits.
  expect(sent).toBeGreaterThanOrEqual(10 * (seconds - 4));
});

test('segments follow one another, none above what one request may carry', async () => {
  const { spool, files } = openSpool();
  const ids = Array.from({ length: 40 }, (_, n) => `id-${n}`);
  for (const requestId of ids) spool.offer(aCapture({ requestId }, 'x'.repeat(60_000)));
  await spool.close();
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size),
  );
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(segmentBytesAtMost);
  expect(files.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  expect(await takeAll(files)).toEqual(ids);
  expect(files.bytes).toBe(0);
});

test('a full spool drops what comes next and counts it, until some of it is taken', async () => {
  const { spool, files } = openSpool();
  spool.limit(5000);
  const offer = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += 1) spool.offer(aCapture({ requestId: `id-${n}` }, 'x'.repeat(1000)));
    await spool.flush();
  };
  await offer(0, 8);
  const kept = spool.counts.captured;
  expect(kept).toBeGreaterThan(1);
  expect(spool.counts).toEqual({ captured: kept, dropped: 8 - kept });
  expect(files.bytes).toBeLessThanOrEqual(5000);
  await spool.close();
  expect(await takeAll(files)).toEqual(Array.from({ length: kept }, (_, n) => `id-${n}`));
  await offer(8, 9);
  expect(spool.counts.captured).toBe(kept + 1);
});

test('a burst beyond what waits in memory is dropped and counted, and a body that no segment holds', async () => {
  const { spool } = openSpool();
  for (let n = 0; n < 20; n += 1) spool.offer(aCapture({}, 'x'.repeat(700_000)));
  spool.offer(aCapture({}, 'x'.repeat(800_000)));
  await spool.flush();
  // 8 MiB hold eleven of the first kind.
  expect(spool.counts).toEqual({ captured: 11, dropped: 10 });
});

test('a folder that cannot be made is told once, and what was captured is counted as lost', async () => {
  await writeFile(path.join(root, 'spool'), 'a file');
  const { spool, log } = openSpool();
  for (let n = 0; n < 3; n += 1) {
    spool.offer(aCapture());
    await spool.flush();
  }
  expect(spool.counts).toEqual({ captured: 0, dropped: 3 });
  expect(log.filter((event) => event === 'capture.not-written')).toHaveLength(1);
  await rm(path.join(root, 'spool'));
  spool.offer(aCapture());
  await spool.flush();
  expect(spool.counts).toEqual({ captured: 1, dropped: 3 });
});

test('the next process sends what a killed one left, under the same spool and sequence, without the record that was cut', async () => {
  const killed = openSpool();
  for (const requestId of ['one', 'two']) {
    killed.spool.offer(aCapture({ requestId }));
    await killed.spool.close();
  }
  killed.spool.offer(aCapture({ requestId: 'three' }));
  await killed.spool.flush();
  killed.ended.abort();
  const open = (await readdir(folder)).find((name) => name.endsWith('.open')) ?? '';
  await appendFile(path.join(folder, open), Buffer.from([0, 0, 1, 0, 0, 0]));

  const next = openSpool(folder, 'b');
  next.spool.offer(aCapture({ requestId: 'five' }));
  await next.spool.close();
  expect(next.files.oldest).toMatchObject({ spoolId: spoolIdOf('a'), sequence: 1 });
  expect(await takeAll(next.files)).toEqual(['one', 'two', 'three', 'five']);
  expect(await readdir(folder)).toEqual([]);
});

test('a segment that another living process writes to is left to it', async () => {
  const other = openSpool();
  other.spool.offer(aCapture());
  await other.spool.flush();
  const [name = ''] = await readdir(folder);
  const ofParent = name.replace(/\.\d+\.open$/, `.${process.ppid}.open`);
  await rename(path.join(folder, name), path.join(folder, ofParent));
  const { spool, files } = openSpool(folder, 'b');
  await spool.flush();
  expect(files.oldest).toBeNull();
  expect(await readdir(folder)).toEqual([ofParent]);
});

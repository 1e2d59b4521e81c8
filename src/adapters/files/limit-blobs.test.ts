import { expect, it } from 'vitest';
import { blobsContract } from '../../testing/contracts/blobs-contract.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { limitBlobs } from './limit-blobs.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

blobsContract('within a quota', async () => {
  const blobs = memoryBlobs();
  return { blobs: limitBlobs(blobs, 1_000_000, new FakeClock()), flipBit: blobs.flipBit, lose: blobs.lose };
});

it('takes what fits exactly, refuses one byte more by name, and stores nothing of it', async () => {
  const inner = memoryBlobs();
  const blobs = limitBlobs(inner, 10, new FakeClock());
  const first = await blobs.put(text('12345'));
  await blobs.put(text('67890'));
  await expect(blobs.put(text('x'))).rejects.toMatchObject({
    code: 'blobs-quota',
    category: 'unavailable',
    message: expect.stringContaining('may take 10B (PLIMSOLL_BLOBS_QUOTA) and take 10B'),
    next: expect.stringContaining('plimsoll blobs collect'),
    details: { quotaBytes: 10, usedBytes: 10 },
  });
  const left: number[] = [];
  for await (const { bytes } of blobs.list()) left.push(bytes);
  expect(left).toEqual([5, 5]);
  expect(await blobs.put(text('12345'), { expected: first.digest })).toEqual(first);
});

it('stops a stream where it goes above, and does not read it to its end', async () => {
  const blobs = limitBlobs(memoryBlobs(), 10, new FakeClock());
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read += 1;
      yield text('1234');
    }
  }
  await expect(blobs.put(endless())).rejects.toMatchObject({ code: 'blobs-quota' });
  expect(read).toBe(3);
});

it('counts what this process removes at once, and what others do within a minute', async () => {
  const clock = new FakeClock();
  const inner = memoryBlobs();
  const blobs = limitBlobs(inner, 10, clock);
  const first = await blobs.put(text('1234567890'));
  expect(await blobs.remove(first.digest, 1)).toBe(true);
  const second = await blobs.put(text('0987654321'));
  inner.lose(second.digest);
  await expect(blobs.put(text('x'))).rejects.toMatchObject({ code: 'blobs-quota' });
  await clock.advance(60_000);
  await blobs.put(text('x'));
});

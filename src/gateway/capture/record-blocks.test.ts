import { expect, test } from 'vitest';
import { readSegment } from '../../control-plane/monitoring/read-segment.ts';
import { aCapture } from '../../testing/builders/captures.ts';
import { RecordBlocks, type RecordBlock } from './record-blocks.ts';
import { makeSampleRecord } from './sample-record.ts';

/** So long that a block of 256 KiB holds two. */
const longText = 'x'.repeat(100_000);

function add(blocks: RecordBlocks, requestId: string, question: string): void {
  blocks.add(makeSampleRecord(aCapture({ requestId }, question), 'digits'));
}
const idsIn = (taken: readonly RecordBlock[]): string[][] =>
  taken.map(({ bytes }) => readSegment(bytes).map(({ requestId }) => requestId));

test('the memory of a block is used again once it is given back, and not before', () => {
  const blocks = new RecordBlocks();
  for (const id of ['a', 'b', 'c']) add(blocks, id, longText);
  const first = blocks.take();
  expect([idsIn(first), first.map(({ records }) => records), blocks.bytes]).toEqual([[['a', 'b'], ['c']], [2, 1], 0]);
  for (const id of ['d', 'e', 'f']) add(blocks, id, longText);
  const second = blocks.take();
  expect(idsIn(first)).toEqual([['a', 'b'], ['c']]);
  for (const block of first) blocks.giveBack(block);
  for (const id of ['g', 'h', 'i']) add(blocks, id, longText);
  const third = blocks.take();
  expect(idsIn(second)).toEqual([['d', 'e'], ['f']]);
  expect(idsIn(third)).toEqual([['g', 'h'], ['i']]);
  expect(new Set(third.map(({ memory }) => memory))).toEqual(new Set(first.map(({ memory }) => memory)));
});

test('a record longer than a block has memory of its own, which is not kept', () => {
  const blocks = new RecordBlocks();
  add(blocks, 'long', 'x'.repeat(400_000));
  const [long] = blocks.take();
  if (long === undefined) throw new Error('nothing was taken');
  blocks.giveBack(long);
  add(blocks, 'short', 'x');
  expect(blocks.take()[0]?.memory.byteLength).toBe(256 * 1024);
});

test('three spare blocks are kept at most, and none after they are freed', () => {
  const blocks = new RecordBlocks();
  const fill = (): readonly RecordBlock[] => {
    for (let n = 0; n < 10; n += 1) add(blocks, `id-${n}`, longText);
    return blocks.take();
  };
  const memories = (taken: readonly RecordBlock[]): Set<Uint8Array> => new Set(taken.map(({ memory }) => memory));
  const first = fill();
  for (const block of first) blocks.giveBack(block);
  const second = fill();
  expect(second).toHaveLength(5);
  expect(memories(second).intersection(memories(first)).size).toBe(3);
  for (const block of second) blocks.giveBack(block);
  blocks.freeSpare();
  expect(memories(fill()).intersection(memories(second)).size).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { findSpareObstacle, makeWorkloadSpareKey } from './spare-needs.ts';

const command = ['plimsoll', 'serve-model'];
const plain = { command, env: {}, secrets: {} };

describe('findSpareObstacle', () => {
  it.each([
    [plain, null],
    [{ ...plain, command: [...command, '--max-batch', '8'] }, null],
    [{ ...plain, env: { THRESHOLD: '3' }, secrets: { HF_TOKEN: 'secret/hf#token' } }, null],
    [{ ...plain, command: ['python', 'server.py'] }, '`code.command` is not `plimsoll serve-model`'],
    [{ ...plain, command: [] }, '`code.command` is not `plimsoll serve-model`'],
    [{ ...plain, env: { LD_PRELOAD: 'a.so' } }, '`code` sets LD_PRELOAD, which is read when a process starts'],
    [{ ...plain, env: { NODE_OPTIONS: '-r x' } }, '`code` sets NODE_OPTIONS, which is read when a process starts'],
    [{ ...plain, secrets: { OMP_PLACES: 's#t' } }, '`code` sets OMP_PLACES, which is read when a process starts'],
  ])('of %j is %j', (workload, obstacle) => {
    expect(findSpareObstacle(workload)).toBe(obstacle);
  });
});

describe('makeWorkloadSpareKey', () => {
  const needs = { command, devices: 1 };
  it('is the same whatever the words after the built-in server, and for the order of the ways of sharing', () => {
    expect(makeWorkloadSpareKey({ ...needs, command: [...command, '--threads', '2'] })).toBe(
      makeWorkloadSpareKey(needs),
    );
    expect(makeWorkloadSpareKey({ ...needs, sharing: ['mps', 'exclusive'] })).toBe(
      makeWorkloadSpareKey({ ...needs, sharing: ['exclusive', 'mps'] }),
    );
  });
  it.each([
    { devices: 2 },
    { sharing: ['mps'] as const },
    { deviceMemoryBytes: 1 },
    { selector: { zone: 'a' } },
    { command: ['python', 'server.py'] },
    { image: 'registry.example/server@sha256:1' },
  ])('is another for %j', (other) => {
    expect(makeWorkloadSpareKey({ ...needs, ...other })).not.toBe(makeWorkloadSpareKey(needs));
  });
});

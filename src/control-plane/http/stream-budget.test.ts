import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { StreamBudget } from './event-streams.ts';

/** Opens streams of owners in this order, and counts those of each that were ended. */
function openStreams(ofOneAtMost: number) {
  const budget = new StreamBudget(ofOneAtMost);
  const ended: string[] = [];
  const open = (owner: string, count = 1): void => {
    for (let each = 0; each < count; each += 1) {
      budget.makeRoom(owner);
      budget.take({} as ServerResponse, owner, () => ended.push(owner));
    }
  };
  return { budget, ended, open };
}

it('whoever has the most gives a place up where all are taken', () => {
  const { budget, ended, open } = openStreams(200);
  open('honest', 20);
  open('greedy', 300);
  expect(new Set(ended)).toEqual(new Set(['greedy']));
  ended.length = 0;
  open('other', 60);
  expect(ended.every((owner) => owner === 'greedy')).toBe(true);
  open('greedy', 300);
  expect(ended).not.toContain('honest');
  expect(ended).not.toContain('other');
  expect(budget.open).toBe(256);
});

it('refuses where every owner has one', () => {
  const { open } = openStreams(64);
  for (let each = 0; each < 256; each += 1) open(`owner ${each}`);
  expect(() => open('late')).toThrow('256 streams are open already');
});

import { expect, test } from 'vitest';
import { endTag, findWhoGivesWay, requestCost, seatsKeptFree, startTag } from './fair-order.ts';

test('a client that comes after a pause starts at the virtual time, one with a backlog behind its own', () => {
  expect([startTag(40, 12), startTag(40, 55)]).toEqual([40, 55]);
  expect([endTag(40, 3, 1), endTag(40, 3, 2)]).toEqual([43, 41.5]);
});

test.each([
  [0, 0, 1],
  [1, 0, 1],
  [32, 0, 32],
  [0, 65_536, 2],
  [8, 1_048_576, 24],
])('%d rows in %d bytes count %d', (rows, bytes, cost) => {
  expect(requestCost(rows, bytes)).toBe(cost);
});

test.each([
  [1, 128, 128, 1, 0],
  [2, 63, 128, 1, 0],
  [2, 64, 128, 1, 16],
  [9, 127, 128, 2, 0],
  [9, 128, 128, 2, 16],
  [2, 4, 7, 1, 0],
])(
  'of %d clients, one that holds %d of %d seats on each of %d replicas leaves %d',
  (clients, held, seats, replicas, kept) => {
    expect(seatsKeptFree(clients, held, seats, replicas)).toBe(kept);
  },
);

const backlog = (waiting: number, weight = 1): { waiting: number; weight: number } => ({ waiting, weight });

test.each([
  ['the longest gives way', backlog(0), [backlog(3), backlog(7), backlog(5)], 1],
  ['nobody, where all have as much', backlog(4), [backlog(4), backlog(4)], null],
  ['nobody, where one has just one more', backlog(4), [backlog(5), backlog(4)], null],
  ['a flood refuses itself', backlog(7), [backlog(7), backlog(1)], null],
  ['weights count: 8 of weight 4 is shorter than 3', backlog(0), [backlog(8, 4), backlog(3)], 1],
  ['weights of who comes count', backlog(5, 4), [backlog(2)], 0],
] as const)('%s', (_name, comer, clients, expected) => {
  expect(findWhoGivesWay(comer, clients)).toBe(expected === null ? null : clients[expected]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-skew-'));
});
afterEach(() => rm(folder, { recursive: true }));

const users = Array.from({ length: 400 }, (_, user) => user);
const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
const skew = (...args: readonly string[]) => runCommandLine(['drift', 'skew', ...args], { cwd: folder });

it('compares a CSV file with JSON lines, and names what differs', async () => {
  await write('offline.csv', `user,amount,city\n${users.map((user) => `u${user},${user / 3},oslo`).join('\n')}\n`);
  const online = (user: number) => ({ user: `u${user}`, amount: user % 4 === 0 ? user : user / 3, city: 'oslo' });
  await write('online.jsonl', users.map((user) => JSON.stringify(online(user))).join('\n'));
  const { exit, out } = await skew('offline.csv', 'online.jsonl', '--key', 'user');
  expect(exit).toBe(1);
  expect(out).toContain('fail: 400 entities on both sides');
  expect(out).toMatch(/amount +fail +99 +at least \d/);
  expect(out).toMatch(/city +pass +0 +at most/);
  expect(out).toContain('u396: 132 offline, 396 online');
  const { out: json } = await skew('offline.csv', 'online.jsonl', '--key', 'user', '--json', '--tolerance', '1000');
  expect(JSON.parse(json)).toMatchObject({ verdict: 'pass', entities: 400, tolerance: 1000 });
});

it('does not pass a few entities, and counts those of one side', async () => {
  await write('a.jsonl', '{"user":1,"day":1,"x":1}\n{"user":1,"day":2,"x":1}\n');
  await write('b.csv', 'user,day,x\n1,1,1\n2,2,1\n');
  const { exit, out } = await skew('a.jsonl', 'b.csv', '--key', 'user,day');
  expect(exit).toBe(3);
  expect(out).toContain('1 offline alone, such as ["1","2"]');
  expect(out).toContain('more entities decide it');
});

it.each([
  [['a.jsonl', 'a.jsonl', '--key', 'user'], 'a.jsonl:2: entity 1 is there twice'],
  [['a.jsonl', 'a.jsonl', '--key', 'id'], 'a.jsonl:1: there is no key in column id; the row has user, x'],
  [['a.jsonl', 'a.txt', '--key', 'x'], 'a.txt is no file of features'],
  [['a.jsonl', 'b.csv', '--key', 'x'], 'b.csv'],
  [['a.jsonl', 'a.jsonl', '--key', 'x', '--tolerance', '-1'], '--tolerance is a number from 0'],
  [['a.jsonl', 'a.jsonl', '--key', 'x', '--allowed', '1'], '--allowed is a percentage below 100%'],
  [['a.jsonl', 'a.jsonl', '--key', ','], '--key names a column'],
  [['a.jsonl', 'a.jsonl'], '--key'],
])('refuses %j', async (args, says) => {
  await write('a.jsonl', '{"user":1,"x":1}\n{"user":1,"x":2}\n');
  await write('a.txt', 'x\n');
  const { exit, err } = await skew(...args);
  expect(exit).toBe(2);
  expect(err).toContain(says);
});

import { expect, it } from 'vitest';
import { splitCommands } from './split-commands.ts';

it.each([
  ['roll back: `plimsoll rollback --model`', ['roll back: ', 'plimsoll rollback --model'], [false, true]],
  ['`plimsoll up`', ['plimsoll up'], [true]],
  ['plimsoll status', ['plimsoll status'], [true]],
  ['use a token with the role operate', ['use a token with the role operate'], [false]],
  ['run `a`, then `b`', ['run ', 'a', ', then ', 'b'], [false, true, false, true]],
  ['', [], []],
])('%s is split into words and commands', (text, parts, commands) => {
  const split = splitCommands(text);
  expect(split.map((part) => part.text)).toEqual(parts);
  expect(split.map(({ isCommand }) => isCommand)).toEqual(commands);
});

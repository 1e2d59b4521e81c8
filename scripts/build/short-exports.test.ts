import { expect, it } from 'vitest';
import { withShortExports } from './short-exports.ts';

const rewrite = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(withShortExports(new Map(Object.entries(files))));

it('cuts the names of chunks short, on both sides, leaves what others ask for by name, and drops imports without a name', () => {
  expect(
    rewrite({
      'chunk-AAAAAAAA.mjs': 'function readOne(){}const two=2;export{readOne,two as readTwo};\n',
      'drift-BBBBBBBB.mjs':
        'import{readOne as one,\nreadTwo}from"./chunk-AAAAAAAA.mjs";import"./chunk-AAAAAAAA.mjs";one(readTwo);export{one as run};',
    }),
  ).toEqual({
    'chunk-AAAAAAAA.mjs': 'function readOne(){}const two=2;export{readOne as $0,two as $1};',
    'drift-BBBBBBBB.mjs': 'import{$0 as one,$1 as readTwo}from"./chunk-AAAAAAAA.mjs";one(readTwo);export{one as run};',
  });
});

it.each([
  'import*as all from"./chunk-AAAAAAAA.mjs";',
  'await import("./chunk-AAAAAAAA.mjs");',
  'export*from"./chunk-AAAAAAAA.mjs";',
])('refuses %s, whose names cannot be followed', (source) => {
  const files = { 'chunk-AAAAAAAA.mjs': 'const a=1;export{a};', 'x-BBBBBBBB.mjs': source };
  expect(() => rewrite(files)).toThrow('x-BBBBBBBB.mjs takes a chunk without a list of names');
});

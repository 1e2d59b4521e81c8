import { describe, expect, it } from 'vitest';
import { groupChunks, mergeChunks, type OutputFile } from './merge-chunks.ts';

const statement = (name: string) => ({ path: name, kind: 'import-statement' });
const packageOf = (name: string) => ({ path: name, kind: 'import-statement', external: true });
const chunk = (
  ...imports: readonly (ReturnType<typeof statement> & { readonly external?: boolean })[]
): OutputFile => ({
  imports,
});
const entry = (entryPoint: string, ...names: readonly string[]): OutputFile => ({
  entryPoint,
  imports: names.map(statement),
});

describe('groupChunks', () => {
  const outputs = {
    'dist/a.mjs': entry('src/a.ts', 'dist/one.mjs', 'dist/two.mjs'),
    'dist/b.mjs': entry('src/b.ts', 'dist/two.mjs', 'dist/three.mjs'),
    'dist/one.mjs': chunk(statement('dist/four.mjs')),
    'dist/two.mjs': chunk(statement('dist/five.mjs'), packageOf('node:fs')),
    'dist/three.mjs': chunk(),
    'dist/four.mjs': chunk(),
    'dist/five.mjs': chunk(),
    'dist/six.mjs': chunk(),
  };

  it('puts together what the same scenarios load', () => {
    const groups = groupChunks(outputs, { first: ['src/a.ts'], second: ['src/b.ts'] });
    expect(groups).toEqual([
      ['four.mjs', 'one.mjs'],
      ['five.mjs', 'two.mjs'],
    ]);
  });

  it('leaves apart what brings a package, together with whoever needs that package', () => {
    const withPackage = {
      ...outputs,
      'dist/one.mjs': chunk(statement('dist/four.mjs'), packageOf('pg')),
      'dist/four.mjs': chunk(statement('dist/seven.mjs')),
      'dist/seven.mjs': chunk(),
    };
    expect(groupChunks(withPackage, { first: ['src/a.ts'] })).toEqual([
      ['five.mjs', 'four.mjs', 'seven.mjs', 'two.mjs'],
    ]);
  });

  it('refuses a scenario whose file is loaded by nobody', () => {
    expect(() => groupChunks(outputs, { first: ['src/gone.ts'] })).toThrow('nothing loads src/gone.ts lazily');
  });
});

describe('mergeChunks', () => {
  const files = new Map([
    [
      'status-AAAAAAAA.mjs',
      'import{value as v,sum}from"./chunk-BBBBBBBB.mjs";import"./chunk-CCCCCCCC.mjs";export{v as run,sum};',
    ],
    [
      'chunk-BBBBBBBB.mjs',
      'import{value as base}from"./chunk-CCCCCCCC.mjs";import{far}from"./chunk-DDDDDDDD.mjs";var value=base+1,sum=value+far;export{value,sum};',
    ],
    ['chunk-CCCCCCCC.mjs', 'var value=40;export{value};'],
    ['chunk-DDDDDDDD.mjs', 'var far=1000;export{far};'],
  ]);

  it('keeps what each member gives, also where two members use the same name', async () => {
    const merged = await mergeChunks(files, [['chunk-BBBBBBBB.mjs', 'chunk-CCCCCCCC.mjs']]);
    expect([...merged.keys()]).toEqual(['status-AAAAAAAA.mjs', 'chunk-DDDDDDDD.mjs', 'chunk-MERGED00.mjs']);
    expect(await run(merged, 'status-AAAAAAAA.mjs')).toMatchObject({ run: 41, sum: 1041 });
  });

  it('changes nothing without groups', async () => {
    expect(await mergeChunks(files, [])).toEqual(files);
  });
});

/** Loads a file and what it imports, each by a URL that holds it. */
async function run(files: ReadonlyMap<string, string>, name: string): Promise<unknown> {
  const urlOf = (file: string): string => {
    const source = (files.get(file) ?? '').replace(
      /"\.\/([\w-]+\.mjs)"/g,
      (_all, taken: string) => `"${urlOf(taken)}"`,
    );
    return `data:text/javascript,${encodeURIComponent(source)}`;
  };
  return import(/* @vite-ignore */ urlOf(name));
}

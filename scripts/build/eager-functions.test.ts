import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { withEagerFunctions } from './eager-functions.ts';

const body = '{let sum=0;for(let at=0;at<n;at++)sum+=at*2;return[sum,n,{sum}];}';
/** Every function of a source that stands between `<` and `>`, and the source without the signs. */
function marked(text: string): { source: string; called: ReadonlySet<string> } {
  let source = '';
  const open: number[] = [];
  const called = new Set<string>();
  for (const sign of text.split(/(«|»)/)) {
    if (sign === '«') open.push(source.length);
    else if (sign === '»') called.add(`${open.pop()}:${source.length}`);
    else source += sign;
  }
  return { source, called };
}
const eager = (text: string): string => {
  const { source, called } = marked(text);
  return withEagerFunctions(source, called);
};
const run = (source: string): unknown => new Script(`${source}\n;out`).runInThisContext();

describe('functions that are compiled with their file', () => {
  it('are in the code that V8 caches, and others are not', () => {
    const cachedBytes = (source: string): number => new Script(source).createCachedData().length;
    for (const text of [`«function f(n)${body}»`, `var f=«function(n)${body}»`, `var f=«n=>${body}»`]) {
      const { source } = marked(text);
      expect(cachedBytes(eager(text))).toBeGreaterThan(cachedBytes(source) + 200);
      expect(withEagerFunctions(source, new Set())).toBe(source);
    }
  });
  it('do what they did, under their names, and are there before the first statement', () => {
    const text = [
      'var out=[first(2),twice(3),nested()(4),first.name,twice.name,new Kind(5).n];',
      '«function first(n){return n+1}»',
      'var twice;«function Kind(n){this.n=n}»',
      '«function nested(){return «n=>second(n,«function(m){return m*2}»)»}»',
      'function second(n,by){return by(n)}',
      'twice=«n=>n*2»;',
    ].join('\n');
    const { source } = marked(text.replace('twice(3)', '0').replace('twice.name', '0'));
    const changed = eager(text.replace('twice(3)', '0').replace('twice.name', '0'));
    expect(run(`(()=>{${changed};globalThis.out=out})();var out=globalThis.out`)).toEqual([3, 0, 8, 'first', 0, 5]);
    expect(run(`(()=>{${source};globalThis.out=out})();var out=globalThis.out`)).toEqual([3, 0, 8, 'first', 0, 5]);
    expect(changed.match(/\(function/g)).toHaveLength(4);
  });
  it('leave methods and asynchronous arrow functions as they stand', () => {
    const text = 'var out={«m(){return 1}»,«get g(){return 2}»,a:«async()=>3»};class A{«m(){return 4}»}';
    expect(eager(text)).toBe(marked(text).source.replace(';class', ';\nclass'));
  });
});

import { expect, it } from 'vitest';
import { leftOutModule } from './left-out.ts';

const file = '/a/node_modules/kysely/dist/query-builder/case-builder.js';

it('keeps the classes of a part that is left out, and lets none of them be made', async () => {
  const source = 'export class CaseBuilder {}\nexport class CaseWhenBuilder {}\n';
  const made = leftOutModule(file, () => source) ?? '';
  const loaded = (await import(`data:text/javascript,${encodeURIComponent(made)}`)) as Readonly<
    Record<string, new () => object>
  >;
  expect(Object.keys(loaded)).toEqual(['CaseBuilder', 'CaseWhenBuilder']);
  expect(() => new (loaded['CaseBuilder'] as new () => object)()).toThrow('query-builder/case-builder.js is not in');
});

it('leaves every other file', () => {
  expect(leftOutModule('/a/node_modules/kysely/dist/kysely.js', () => '')).toBeNull();
  expect(leftOutModule('/a/src/query-builder/case-builder.js', () => '')).toBeNull();
});

it.each(['export class A {}\nexport function b() {}', 'export const a = 1;', ''])('refuses %j', (source) => {
  expect(() => leftOutModule(file, () => source)).toThrow('exports more than classes');
});

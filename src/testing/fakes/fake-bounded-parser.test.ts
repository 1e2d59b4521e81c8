import { expect, it } from 'vitest';
import { describeBoundedParser } from '../contracts/bounded-parser-contract.ts';
import { makeFakeBoundedParser } from './fake-bounded-parser.ts';

describeBoundedParser('the fake', makeFakeBoundedParser);

it('overruns once where a test asks for it', async () => {
  const parser = makeFakeBoundedParser();
  parser.overrun('a.json');
  await expect(parser.json(Buffer.from('1'), 'a.json')).rejects.toMatchObject({ code: 'parse-overrun' });
  expect(await parser.json(Buffer.from('1'), 'a.json')).toBe(1);
  expect(parser.parsed).toEqual(['a.json', 'a.json']);
});

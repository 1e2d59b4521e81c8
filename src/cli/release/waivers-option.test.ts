import { expect, it } from 'vitest';
import { waiversInOrder, waiversOf } from './waivers-option.ts';

it('gives each waiver the reason and the date that stand at its place, over both options', () => {
  const inOrder = waiversInOrder();
  const failing = inOrder(true)('evaluation', undefined);
  const waive = inOrder(false)('golden', undefined);
  const asked = [...waive, ...inOrder(false)('cost', undefined), ...failing];
  const reason = ['worse on sevens', 'first try', 'no prices yet'];
  expect(waiversOf({ asked, reason, until: ['7d'] }, 'ann', 0)).toMatchObject([
    { kind: 'evaluation', failing: true, reason: 'worse on sevens' },
    { kind: 'golden', reason: 'first try' },
    { kind: 'cost', reason: 'no prices yet' },
  ]);
  expect(() => waiversOf({ asked, reason: reason.slice(1), until: ['7d'] }, 'ann', 0)).toThrow('needs --reason TEXT');
});

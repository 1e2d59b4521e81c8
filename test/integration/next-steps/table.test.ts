import { expect, it } from 'vitest';
import { nextSteps } from '../../../src/core/units/next-steps/table.ts';
import { checkoutCases } from './cases/checkout-cases.ts';
import { elsewhereCases } from './cases/elsewhere-cases.ts';
import { folderCases } from './cases/folder-cases.ts';
import { kindsCases } from './cases/kinds-cases.ts';
import { nameCases } from './cases/name-cases.ts';
import { notBroughtAbout } from './cases/not-brought-about.ts';
import { optionCases } from './cases/option-cases.ts';
import { servedCases } from './cases/served-cases.ts';

const cases = [
  ...checkoutCases,
  ...folderCases,
  ...nameCases,
  ...elsewhereCases,
  ...kindsCases,
  ...optionCases,
  ...servedCases,
];

it('has each row brought about by a case, or listed with why it is not', () => {
  const taken = cases.flatMap(({ steps }) => steps.map((step) => (typeof step === 'string' ? { row: step } : step)));
  // Where none of its commands is typed, it was only printed.
  const rows = taken.flatMap(({ row, take }) => (take?.length === 0 ? [] : [row]));
  const brought = new Set<unknown>(rows.filter((row) => typeof row === 'string'));
  const listed = Object.values(notBroughtAbout).flat();
  expect(listed.filter((row) => brought.has(row))).toEqual([]);
  expect([...brought, ...listed].sort()).toEqual(Object.keys(nextSteps).sort());
});

/** What is suggested of a service on its way from nothing that runs to two models that served. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { UserProject } from '../../user-project.ts';
import { servedCases } from './cases/served-cases.ts';
import { follow } from './follow-suggestions.ts';
import { Grounds } from './ground.ts';

const grounds = new Grounds();
let project: UserProject;
beforeAll(async () => {
  await grounds.make();
  project = grounds.open('recorded');
});
afterAll(async () => {
  await project.stop();
  project.remove();
  grounds.remove();
});

describe('what is printed next leads to the command that was typed', () => {
  it.each(servedCases.map((one) => [one.type, one] as const))('%s', async (_, one) => {
    await follow(one, { project });
  });
});

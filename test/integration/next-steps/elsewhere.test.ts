/** What is suggested in a checkout whose service runs at a control plane elsewhere. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import type { UserProject } from '../../user-project.ts';
import { elsewhereCases, server } from './cases/elsewhere-cases.ts';
import { follow } from './follow-suggestions.ts';
import { Grounds } from './ground.ts';

const grounds = new Grounds();
let project: UserProject;
let checkout: UserProject;
beforeAll(async () => {
  await grounds.make();
  project = grounds.open('recorded');
  checkout = grounds.open('recorded');
  rmSync(checkout.stateFolder, { recursive: true });
  server.project = project;
  await project.up();
});
afterAll(async () => {
  for (const one of [project, checkout]) {
    await one.stop();
    one.remove();
  }
  grounds.remove();
});

describe('what is printed next leads to the command that was typed', () => {
  it.each(elsewhereCases.map((one) => [one.type, one] as const))('%s', async (_, one) => {
    await follow(one, { project: checkout, env: { URL: project.pageUrl } });
  });
});

it('says nothing of rolling back while replicas start after everything was killed', async () => {
  project.write('model.onnx', tinyModel(2).bytes);
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  for (const words of [['pin'], ['golden', 'record'], ['release']]) await project.passing(...words);
  const all = makeProcessTable().marked({ PLIMSOLL_HOME: project.stateFolder });
  for (const pid of [project.upPid, ...all.map((each) => each.pid)]) process.kill(pid, 'SIGKILL');
  const up = project.up();
  const said: string[] = [];
  let health = '';
  while (!health.includes('Healthy')) {
    health = (await project.passing('status')).split('\n').slice(1, 3).join(' ');
    said.push(health);
    expect(said.length).toBeLessThan(100);
  }
  expect(said.filter((text) => /roll\s?back/i.test(text))).toEqual([]);
  await up;
  // It was seen before its replica was back.
  expect(said.length).toBeGreaterThan(1);
});

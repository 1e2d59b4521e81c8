import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedApi, type ScriptedApi } from '../../../src/testing/fakes/servers/kubernetes-api.ts';
import { repositoryFolder, UserProject } from '../../user-project.ts';

const fixtures = path.join(repositoryFolder, 'src/protocols/kubernetes-objects/fixtures');
const itemsOf = (file: string): object[] =>
  (JSON.parse(readFileSync(path.join(fixtures, file), 'utf8')) as { items: object[] }).items;
const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: candidate }
`;

let api: ScriptedApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
  for (const project of projects.splice(0)) project.remove();
});

const projects: UserProject[] = [];
function newProject(env: Readonly<Record<string, string>>): UserProject {
  const project = new UserProject({ files: { 'plimsoll.yaml': contract }, env });
  for (const file of ['nodes.json', 'slices.json'])
    copyFileSync(path.join(fixtures, file), path.join(project.folder, file));
  projects.push(project);
  return project;
}

describe('plimsoll pool, as a program of its own', () => {
  it('reads a cluster as it reads what kubectl saved of it', async () => {
    api = await startScriptedApi({ nodes: itemsOf('nodes.json'), slices: itemsOf('slices.json') });
    const project = newProject(api.env);
    const live = await project.plimsoll('pool', 'snapshot', 'live', 'cluster:lab');
    expect([live.status, live.stderr]).toEqual([0, '']);
    expect((await project.plimsoll('pool', 'snapshot', 'saved', 'nodes.json', 'slices.json')).status).toBe(0);
    const diff = await project.plimsoll('pool', 'diff', 'live', 'saved');
    expect(diff.status).toBe(0);
    expect(diff.stdout).toContain('classes: the same\nnodes: the same');
  });

  it('without a kubeconfig says what to do, and writes nothing', async () => {
    const project = newProject({ KUBECONFIG: '/nowhere' });
    const { status, stderr } = await project.plimsoll('pool', 'snapshot', 'live', 'cluster');
    expect(status).toBe(2);
    expect(stderr).toContain('next: set KUBECONFIG');
    expect((await project.plimsoll('pool', 'list')).stdout).toContain('no pools');
  });

  it('answers other programs in JSON', async () => {
    const project = newProject({});
    const { status, stdout } = await project.plimsoll('pool', 'snapshot', 'lab', '--json', 'nodes.json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pool: 'lab', nodes: 3, file: 'pools/lab.json' });
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UserProject } from '../user-project.ts';

const contract = (fault: string, monitoring: string): string => `apiVersion: plimsoll.dev/v1
service: doubler
code:
  command: [node, server.ts]
  files: [server.ts]
  env: { FAULT: "${fault}" }
model: { name: doubler, version: candidate }
scaling: { signal: queue-depth, replicas: { min: 2, max: 2 } }
monitoring:
  golden: doubler-golden
  replay: { every: 1s, atMost: 50% }
  ${monitoring}
`;

/**
 * Returns a project whose live release doubles numbers by two replicas, with golden outputs that are replayed each second. What is
 * written to its file `fault` makes replicas answer wrongly.
 *
 * @param monitoring one more line of that section of the contract.
 */
export async function releaseDoubler(monitoring: string): Promise<UserProject> {
  const project = new UserProject({
    files: {
      'server.ts': readFileSync(path.join(import.meta.dirname, 'doubler', 'server.ts')),
      'weights.bin': 'two',
      'golden.jsonl': [1, 2, 3].map((value) => `${JSON.stringify({ x: [value, value] })}\n`).join(''),
    },
  });
  project.write('plimsoll.yaml', contract(path.join(project.folder, 'fault'), monitoring));
  await project.passing('model', 'add', 'weights.bin', '--name', 'doubler', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'doubler-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.up();
  await project.passing('release');
  return project;
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { StepCase, Taken } from '../follow-suggestions.ts';
import { contractOf } from '../ground.ts';

const speaker = `apiVersion: plimsoll.dev/v1
service: speaker
code: { command: [node, server.ts], files: [server.ts], env: { PACE_URL: "http://127.0.0.1:9" }, protocol: openai }
model: { name: speaker, version: candidate }
`;
const withoutTensors: Partial<StepCase> = {
  from: 'empty',
  files: {
    'plimsoll.yaml': speaker,
    'server.ts': readFileSync(path.join(import.meta.dirname, '../../../servers/openai/server.ts')),
    'words.bin': 'one two',
  },
  state: async ({ project }) => {
    await project.passing('model', 'add', 'words.bin', '--name', 'speaker', '--alias', 'candidate');
    await project.passing('pin');
    await project.up();
  },
};
const waived: Taken = {
  row: 'golden-missing+golden-not-asked+evidence-refused+replica-refused/openai',
  chosen: { TEXT: 'no-tensors' },
  instead: true,
};

/** Services of other kinds than the built-in model server, each with a control plane of its own. */
export const kindsCases: readonly StepCase[] = [
  { ...withoutTensors, type: 'plimsoll release', steps: [waived] },
  { ...withoutTensors, type: 'plimsoll golden record', steps: [waived] },
  {
    type: 'plimsoll release',
    from: 'added',
    files: { 'plimsoll.yaml': contractOf('', '') },
    state: async ({ project }) => {
      await project.passing('pin');
      await project.up();
    },
    steps: [
      { row: 'golden-missing/contract', byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()) },
      'lock-out-of-step',
    ],
  },
];

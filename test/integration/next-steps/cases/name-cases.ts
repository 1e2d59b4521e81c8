import path from 'node:path';
import { tinyModel } from '../../../rigs/tiny-model.ts';
import type { StepCase } from '../follow-suggestions.ts';
import { contractOf, refuseOwned } from '../ground.ts';

const pickle = Uint8Array.from([0x80, 4, 0x95, 0x4b, 1, 0x2e]);
const strange = ["my model's.pkl", '$(touch owned).pkl', '`touch owned`;x.pkl', '-rf.pkl', '"q".pkl'];
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Names that a user's file or command line brings into what is printed. */
export const nameCases: readonly StepCase[] = [
  ...strange.map((name): StepCase => ({
    type: `plimsoll model add ${quoted(name.startsWith('-') ? `./${name}` : name)} --name m`,
    files: { [name]: pickle },
    steps: [{ row: 'model-pickled', instead: true }],
    after: ({ project }) => refuseOwned(project.folder),
  })),
  ...strange.map((name): StepCase => ({
    type: `plimsoll check --contract ${quoted(`${name.startsWith('-') ? './' : ''}${name}/plimsoll.yaml`)}`,
    files: { [`${name}/plimsoll.yaml`]: contractOf(), [`${name}/model.onnx`]: tinyModel(1).bytes },
    state: async ({ project }) => {
      const state = path.join(project.folder, name, '.plimsoll');
      await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate', '--state', state);
      await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden', '--state', state);
    },
    steps: ['lock-missing/pin'],
    accepted: [3],
    after: ({ project }) => refuseOwned(project.folder),
  })),
];

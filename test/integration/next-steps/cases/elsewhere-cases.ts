import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tinyModel } from '../../../rigs/tiny-model.ts';
import type { UserProject } from '../../../user-project.ts';
import type { Place, StepCase, Taken } from '../follow-suggestions.ts';
import { contractOf } from '../ground.ts';

/** Where the control plane runs, once it does: `$URL` is its address. */
export const server: { project: UserProject | null } = { project: null };
const atServer = (): Place => {
  if (server.project === null) throw new Error('the control plane does not run yet');
  return { project: server.project };
};
const withToken = (line: string) => (shown: string) =>
  `PLIMSOLL_TOKEN=${/plm_[0-9a-f]+/.exec(shown)?.[0] ?? ''} ${line}`;
const token = (row: Taken['row'], line: string, chosen: Readonly<Record<string, string>>): Taken => ({
  row,
  take: [0],
  chosen,
  at: atServer,
  again: withToken(line),
});
const release = 'plimsoll release --server "$URL"';
const tokenOf = async (name: string, role: string): Promise<string> => {
  const made = await atServer().project.passing('token', 'add', name, '--role', role);
  return /plm_[0-9a-f]+/.exec(made)?.[0] ?? '';
};
/** `$TOKEN` is one of this role. */
const holding =
  (name: string, role: string) =>
  async ({ project }: Place): Promise<void> =>
    project.write('token', await tokenOf(name, role));

/** Of a checkout from which a service is released to a control plane elsewhere. */
export const elsewhereCases: readonly StepCase[] = [
  { type: release, steps: [token('no-credential', release, { NAME: 'ci' })] },
  { type: 'plimsoll status', shown: true, steps: ['released-elsewhere'] },
  {
    type: `PLIMSOLL_TOKEN_FILE=token ${release} --again`,
    state: ({ project }) => project.write('token', `plm_${'0'.repeat(64)}`),
    steps: [{ row: 'token-unknown/proving-connector', at: atServer, byHand: holding('second', 'release') }],
  },
  {
    type: `PLIMSOLL_TOKEN_FILE=token ${release} --again`,
    state: holding('viewer', 'view'),
    steps: [token('forbidden', `${release} --again`, { NAME: 'releaser' })],
  },
  {
    type: 'PLIMSOLL_TOKEN_FILE=token plimsoll model add third.onnx --name another --server "$URL"',
    files: { 'third.onnx': tinyModel(3).bytes },
    state: holding('adder', 'operate'),
    steps: [
      {
        row: 'blob-missing/elsewhere',
        take: [],
        byHand: ({ project }) => project.passing('model', 'add', 'third.onnx', '--name', 'another'),
        again: 'plimsoll model list',
      },
    ],
  },
  {
    type: `PLIMSOLL_TOKEN_FILE=token ${release}`,
    state: async (place) => {
      await holding('doubling', 'release')(place);
      const { project } = place;
      await project.passing(
        'model',
        'add',
        'weights.pkl',
        '--name',
        'doubler',
        '--alias',
        'candidate',
        '--allow-pickle',
      );
      await project.passing('data', 'add', 'doubles.jsonl', '--name', 'doubler-golden');
      await project.passing('pin');
      await project.passing('golden', 'record');
    },
    files: {
      'plimsoll.yaml': contractOf()
        .replaceAll('tiny', 'doubler')
        .replace('[plimsoll, serve-model]', '[node, server.ts], files: [server.ts], env: { FAULT: none }'),
      'server.ts': readFileSync(path.join(import.meta.dirname, '../../../servers/doubler/server.ts')),
      'weights.pkl': 'two',
      'doubles.jsonl': '{"x":[1,1]}\n',
    },
    steps: [
      {
        row: 'model-pickled/elsewhere',
        at: atServer,
        chosen: { FILE: 'weights.pkl' },
        byHand: () => atServer().project.write('weights.pkl', 'two'),
      },
      // It was added beside the contract of the service that runs there, whose it is then.
      { row: 'model-claimed+data-claimed', at: atServer },
    ],
  },
];

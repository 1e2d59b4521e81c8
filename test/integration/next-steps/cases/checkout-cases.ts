import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tinyModel } from '../../../rigs/tiny-model.ts';
import type { UserProject } from '../../../user-project.ts';
import type { StepCase } from '../follow-suggestions.ts';
import { contractOf, probed } from '../ground.ts';

const onCpu = contractOf('hardware: { accelerator: cpu }\n');
const pooled = contractOf('hardware: { accelerator: cpu }\nenvironments: { prod: { pool: p } }\n');
const blobsOf = (project: UserProject): readonly string[] =>
  globSync('.plimsoll/blobs/**/*', { cwd: project.folder, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => path.join(each.parentPath, each.name));
const bytes = (file: string): string => readFileSync(file, 'latin1');
/** The stored file of the model. */
const modelBlob = (project: UserProject): string => {
  const wanted = Buffer.from(tinyModel(1).bytes).toString('latin1');
  const found = blobsOf(project).find((file) => bytes(file) === wanted);
  if (found === undefined) throw new Error('the model is not stored');
  return found;
};

/** What is typed in a folder where nothing runs. */
export const checkoutCases: readonly StepCase[] = [
  { type: 'plimsoll check', from: 'added', steps: ['lock-missing/pin'], accepted: [3] },
  { type: 'plimsoll golden record', from: 'added', steps: ['lock-missing/pin'] },
  {
    type: 'plimsoll release',
    from: 'added',
    steps: ['lock-missing/pin'],
  },
  {
    type: 'plimsoll verify --environment prod',
    from: 'empty',
    files: { 'plimsoll.yaml': pooled },
    state: async (place) => {
      await probed(place);
      const prod = ['--environment', 'prod'];
      await place.project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate', ...prod);
      await place.project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden', ...prod);
    },
    steps: ['lock-missing/pin-environment', { row: 'pool-missing/pool-snapshot', chosen: { SOURCE: 'node.json' } }],
    accepted: [1, 3],
  },
  {
    type: 'plimsoll pool show p',
    state: probed,
    steps: [{ row: 'pool-missing/pool-snapshot', chosen: { SOURCE: 'node.json' } }],
  },
  {
    type: 'plimsoll pool show pp',
    state: async (place) => {
      await probed(place);
      await place.project.passing('pool', 'snapshot', 'pq', 'node.json');
    },
    steps: [{ row: 'pool-missing/pool-show', instead: true }],
  },
  {
    type: 'plimsoll pool snapshot p',
    state: probed,
    steps: [
      {
        row: 'missing-argument/source',
        byHand: () => undefined,
        take: [],
        again: 'plimsoll pool snapshot p node.json',
      },
    ],
  },
  {
    type: 'plimsoll verify',
    steps: [{ row: 'hardware-not-asked', byHand: ({ project }) => project.write('plimsoll.yaml', onCpu) }],
    accepted: [1, 3],
  },
  { type: 'plimsoll evaluate', steps: [{ row: 'evaluation-not-asked', again: 'plimsoll check' }] },
  {
    type: 'plimsoll golden record',
    from: 'added',
    files: { 'plimsoll.yaml': contractOf('', '') },
    state: ({ project }) => project.passing('pin'),
    steps: [
      { row: 'golden-not-asked', byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()) },
      'lock-out-of-step',
    ],
  },
  {
    type: 'plimsoll model show nothing',
    steps: [{ row: 'model-unknown+data-unknown/list', again: 'plimsoll model show tiny' }],
  },
  {
    type: 'plimsoll model show tiny:9',
    steps: [{ row: 'model-unknown+data-unknown/show', again: 'plimsoll model show tiny:1' }],
  },
  {
    type: 'plimsoll model show tiny',
    from: 'empty',
    steps: [{ row: 'model-unknown+data-unknown/add', chosen: { FILE: 'model.onnx' } }],
  },
  {
    type: 'plimsoll data show tiny-golden',
    from: 'empty',
    steps: [{ row: 'model-unknown+data-unknown/add', chosen: { FILE: 'golden.jsonl' } }],
  },
  {
    type: 'plimsoll pin',
    from: 'empty',
    state: ({ project }) => project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate'),
    steps: [{ row: 'data-unknown', chosen: { FILE: 'golden.jsonl' } }],
  },
  {
    type: 'plimsoll model share tiny --with "a b"',
    steps: [{ row: 'service-name-invalid', chosen: { SERVICE: 'other' }, instead: true }],
  },
  {
    type: 'plimsoll check',
    state: ({ project }) =>
      project.write('plimsoll.yaml', project.read('plimsoll.yaml').replace('version: candidate', 'version: 9')),
    steps: [{ row: 'lock-out-of-step', byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()) }],
  },
  {
    type: 'plimsoll pin',
    state: ({ project }) => project.write('plimsoll.yaml', `${contractOf()}scaling: { signal: 7 }\n`),
    steps: [
      {
        row: 'contract-invalid/explain',
        byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()),
      },
    ],
  },
  {
    type: 'plimsoll pin',
    state: ({ project }) => project.write('plimsoll.yaml', `${contractOf()}  : [\n`),
    steps: [
      {
        row: 'contract-invalid/check',
        byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()),
      },
    ],
  },
  {
    type: 'plimsoll release',
    state: ({ project }) => {
      const [file = ''] = globSync('golden/*.json', { cwd: project.folder });
      project.write(file, `${project.read(file)} `);
    },
    steps: ['golden-edited'],
  },
  {
    type: 'plimsoll golden record',
    state: ({ project }) => rmSync(modelBlob(project)),
    // What it finds missing it says how to bring back.
    steps: [{ row: 'blob-missing', again: 'plimsoll model add model.onnx --name tiny && plimsoll golden record' }],
  },
  {
    type: 'plimsoll golden record',
    state: ({ project }) => writeFileSync(modelBlob(project), 'other bytes'),
    steps: [{ row: 'blob-corrupt', take: [0], chosen: { FILE: 'model.onnx', NAME: 'tiny' } }],
  },
  {
    type: 'plimsoll evidence sign',
    steps: [
      {
        row: 'key-missing',
        chosen: { NAME: 'k', FILE: 'k.key' },
        take: [1],
        again: 'plimsoll evidence sign --key k.key',
      },
    ],
  },
  {
    type: 'plimsoll evidence sign --key k.key',
    from: 'pinned',
    state: ({ project }) => project.passing('key', 'create', 'k'),
    // What it says is missing has its renewal beside it.
    steps: [{ row: 'nothing-to-sign', again: 'plimsoll golden record && plimsoll evidence sign --key k.key' }],
  },
  {
    type: 'plimsoll evidence sign --key model.onnx',
    state: ({ project }) => chmodSync(path.join(project.folder, 'model.onnx'), 0o600),
    steps: [{ row: 'key-invalid/key-create', chosen: { NAME: 'k' }, again: 'plimsoll evidence sign --key k.key' }],
  },
  {
    type: 'plimsoll key revoke nobody',
    steps: [{ row: 'unknown-key/key-list', again: 'plimsoll key list' }],
  },
  { type: 'plimsoll store verify nothing', steps: [{ row: 'backup-missing', chosen: { FOLDER: 'nothing' } }] },
  {
    type: 'plimsoll store restore kept',
    state: ({ project }) => project.passing('store', 'backup', 'kept'),
    steps: [{ row: 'store-not-empty', chosen: { 'OTHER-FOLDER': 'other' }, instead: true }],
  },
  {
    type: 'plimsoll store restore kept --replace',
    state: async ({ project }) => {
      await project.passing('store', 'backup', 'kept');
      const blob = globSync('kept/blobs/**/*', { cwd: project.folder, withFileTypes: true }).find((each) =>
        each.isFile(),
      );
      if (blob !== undefined) rmSync(path.join(blob.parentPath, blob.name));
    },
    steps: [
      {
        row: 'backup-damaged',
        byHand: ({ project }) => project.passing('store', 'backup', 'again'),
        again: 'plimsoll store restore again --replace',
      },
    ],
  },
  {
    type: 'plimsoll history verify --anchor anchors.jsonl',
    steps: [{ row: 'anchor-missing+anchor-invalid', chosen: { PLACE: 'anchors.jsonl' } }],
  },
  {
    type: 'plimsoll check --watch zz',
    steps: [{ row: 'watch-url', take: [], again: 'plimsoll check' }],
  },
  {
    type: 'plimsoll check --watch http://127.0.0.1:9',
    steps: [{ row: 'watch-unreachable', take: [], again: 'plimsoll check' }],
  },
  {
    type: 'plimsoll check --against nothing',
    steps: [{ row: 'base-unknown', take: [], again: 'plimsoll check' }],
  },
  {
    type: 'plimsoll status --server http://127.0.0.1:9',
    steps: [{ row: 'control-plane-unreachable', take: [1], again: 'plimsoll status' }],
  },
  { type: 'plimsoll watch test-notify', steps: [{ row: 'control-plane-needed/up', again: 'plimsoll status' }] },
  { type: 'plimsoll status --every', steps: [{ row: 'control-plane-needed/status', take: [0] }] },
  { type: 'plimsoll rollback --drill', steps: [{ row: 'control-plane-away', take: [0], again: 'plimsoll status' }] },
  {
    type: 'plimsoll diagnose',
    steps: [{ row: 'nothing-serves', take: [0], again: 'plimsoll diagnose --node' }],
    accepted: [3],
  },
  { type: 'plimsoll page', steps: ['control-plane-missing'] },
  {
    type: 'plimsoll environment set default --file e.yaml',
    files: { 'e.yaml': 'nothing: 1\n' },
    steps: [
      {
        row: 'environment-invalid',
        byHand: ({ project }) => project.write('e.yaml', 'policy: { neverWaived: [golden] }\n'),
      },
    ],
  },
  {
    type: 'plimsoll verify --emit dra',
    files: { 'plimsoll.yaml': onCpu },
    steps: [{ row: 'dra-not-applicable', instead: true }],
    accepted: [3],
  },
  {
    type: 'plimsoll pin',
    files: { 'plimsoll.yaml': contractOf('hardware: { accelerator: nvidia }\n') },
    steps: [{ row: 'accelerator-missing', byHand: ({ project }) => project.write('plimsoll.yaml', onCpu) }],
  },
  {
    type: 'plimsoll pin',
    files: { 'plimsoll.yaml': contractOf().replace('serve-model]', 'serve-model], files: [server.yaml]') },
    steps: [{ row: 'code-file-missing', byHand: ({ project }) => project.write('server.yaml', 'queue: 8\n') }],
  },
  {
    type: 'plimsoll golden record',
    files: { 'plimsoll.yaml': contractOf().replace('[plimsoll, serve-model]', '[no-such-program]') },
    state: ({ project }) => project.passing('pin'),
    steps: [
      {
        row: { text: 'install it, or name another one in `code.command`' },
        byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()),
      },
      'lock-out-of-step',
    ],
  },
  {
    type: 'plimsoll golden record',
    files: {
      'plimsoll.yaml': contractOf().replace('[plimsoll, serve-model] }', '[python3, server.py], files: [server.py] }'),
      'server.py': readFileSync(path.join(import.meta.dirname, '../own-json-server.py')),
    },
    state: ({ project }) => project.passing('pin'),
    steps: [
      { row: 'replica-foreign', byHand: ({ project }) => project.write('plimsoll.yaml', contractOf()) },
      'lock-out-of-step',
    ],
  },
  {
    type: 'plimsoll golden record',
    files: {
      'plimsoll.yaml': contractOf().replace('serve-model]', 'serve-model], secrets: { TOKEN: secret/hf#token }'),
      value: 'x',
    },
    state: ({ project }) => project.passing('pin'),
    steps: ['secret-not-granted/everywhere', { row: 'secret-missing', chosen: { FILE: 'value' } }],
  },
  {
    type: 'plimsoll contract',
    steps: [{ row: 'unknown-command', again: 'plimsoll check' }],
  },
];

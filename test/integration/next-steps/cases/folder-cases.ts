import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { tinyModel } from '../../../rigs/tiny-model.ts';
import type { StepCase } from '../follow-suggestions.ts';
import { contractOf, probed, refuseOwned } from '../ground.ts';

const other = contractOf().replace('service: tiny', 'service: other');

/** What is said of files, folders and stores that are not as the command wants them. */
export const folderCases: readonly StepCase[] = [
  {
    type: 'plimsoll model add second.onnx --name tiny --contract other.yaml --state .plimsoll',
    files: { 'other.yaml': other, 'second.onnx': tinyModel(2).bytes },
    // Its versions stay the owner's: whoever was let in releases them, and adds none.
    steps: [{ row: 'model-claimed+data-claimed', again: 'plimsoll pin --contract other.yaml --state .plimsoll' }],
  },
  {
    type: 'plimsoll check',
    from: 'empty',
    state: ({ project }) => rmSync(path.join(project.folder, 'plimsoll.yaml')),
    steps: [{ row: 'contract-missing', take: [0] }],
    accepted: [3],
  },
  {
    type: 'plimsoll pool show r',
    state: async (place) => {
      await probed(place);
      await place.project.passing('pool', 'snapshot', 'q', 'node.json');
      renameSync(path.join(place.project.folder, 'pools/q.json'), path.join(place.project.folder, 'pools/r.json'));
    },
    steps: [{ row: 'pool-invalid', chosen: { SOURCE: 'node.json' } }],
  },
  {
    type: 'plimsoll inspect two',
    files: { 'two/a $(touch owned).onnx': tinyModel(1).bytes, 'two/b.onnx': tinyModel(2).bytes },
    steps: [{ row: 'model-ambiguous', instead: true }],
    after: ({ project }) => refuseOwned(project.folder),
  },
  {
    type: 'plimsoll labels add rows.csv',
    files: { 'rows.csv': 'request,truth\na,1\n' },
    steps: [
      {
        row: 'label-invalid',
        byHand: ({ project }) => project.write('rows.csv', 'requestId,label\na,1\n'),
        take: [],
      },
    ],
  },
  {
    type: 'plimsoll fetch-files',
    steps: [{ row: 'option-missing/fetch-files-help', again: 'plimsoll fetch-files --help' }],
  },
  {
    type: 'PLIMSOLL_BLOBS_QUOTA=10B plimsoll model add second.onnx --name y',
    files: { 'second.onnx': tinyModel(2).bytes },
    steps: [{ row: 'blobs-quota', again: 'PLIMSOLL_BLOBS_QUOTA=1MiB plimsoll model add second.onnx --name y' }],
  },
  {
    type: 'plimsoll golden record --state fresh',
    steps: [
      { row: 'model-version-missing/model-list', chosen: { FILE: 'model.onnx' } },
      { row: 'data-version-missing', chosen: { FILE: 'golden.jsonl' }, take: [0] },
    ],
  },
  {
    type: 'plimsoll golden record --state fresh',
    state: async ({ project }) => {
      project.write('second.onnx', tinyModel(2).bytes);
      const at = ['--state', 'fresh'];
      await project.passing('model', 'add', 'second.onnx', '--name', 'tiny', '--alias', 'candidate', ...at);
      await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden', ...at);
    },
    steps: ['model-moved/pin'],
  },
  {
    type: 'plimsoll probe --from rows.csv',
    files: { 'rows.csv': 'a\n' },
    steps: [{ row: 'probe-files-unclear', take: [1], again: 'plimsoll probe' }],
  },
  {
    type: 'plimsoll up --listen 127.0.0.1:7199 --gateway-listen 127.0.0.1:7199',
    steps: [{ row: 'addresses-clash', instead: true }],
  },
  {
    type: 'plimsoll up --listen 0.0.0.0:0',
    steps: [{ row: 'token-file-needed', take: [0], chosen: { NAME: 'operator' } }],
  },
  {
    type: 'plimsoll up --contract plimsoll.yaml other',
    files: { 'other/plimsoll.yaml': other },
    steps: [{ row: 'option-invalid/up', instead: true }],
  },
  {
    type: "plimsoll status --server 'kubernetes://x'",
    steps: [{ row: 'option-invalid/status-context', take: [], again: 'plimsoll status' }],
  },
  { type: 'plimsoll scale explain 99', steps: [{ row: 'scaling-record-missing', again: 'plimsoll scale status' }] },
  { type: 'plimsoll labels ask 5', steps: [{ row: 'labels-not-judged', again: 'plimsoll labels status' }] },
  {
    type: 'plimsoll drift skew a.csv b.csv --view x',
    files: { 'a.csv': 'id,a\n1,1\n', 'b.csv': 'id,a\n1,1\n' },
    steps: [{ row: 'skew-view-unknown', again: 'plimsoll check' }],
  },
  {
    type: 'plimsoll data add a=rows.csv b=model.onnx --name n',
    files: { 'rows.csv': 'a\n1\n' },
    steps: [{ row: 'data-sources-mixed', take: [], again: 'plimsoll data add rows.csv --name n' }],
  },
  {
    type: 'plimsoll model list',
    state: async ({ project }) => {
      await project.up();
      for (const end of ['', '-wal', '-shm'])
        rmSync(path.join(project.stateFolder, `store.sqlite${end}`), { force: true });
    },
    steps: [{ row: 'store-gone', take: [0] }],
  },
  {
    type: 'plimsoll store restore kept --replace',
    state: async ({ project }) => {
      await project.passing('store', 'backup', 'kept');
      await project.up();
    },
    steps: [{ row: 'control-plane-running', take: [0] }],
  },
  {
    type: 'DATABASE_URL=postgres://127.0.0.1:9/x plimsoll model list',
    state: ({ project }) => project.up(),
    steps: [{ row: 'other-store', take: [], again: 'plimsoll model list' }],
  },
  {
    type: 'plimsoll up --token-file mine',
    files: { mine: '' },
    steps: [{ row: 'token-file-invalid', chosen: { NAME: 'operator' } }],
  },
];

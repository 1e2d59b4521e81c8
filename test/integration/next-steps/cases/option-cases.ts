import type { Row } from '../printed-step.ts';
import type { StepCase } from '../follow-suggestions.ts';
import { contractOf } from '../ground.ts';

/** The command that is suggested is the one that was meant. */
const instead = (
  type: string,
  row: Row,
  more: Partial<StepCase> & { chosen?: Record<string, string> } = {},
): StepCase => ({
  type,
  steps: [{ row, chosen: more.chosen ?? {}, instead: true }],
  ...more,
});
/** What is suggested shows how it is typed. */
const shows = (type: string, row: Row, again: string, more: Partial<StepCase> = {}): StepCase => ({
  type,
  steps: [{ row, again }],
  ...more,
});

const onCpu = contractOf('hardware: { accelerator: cpu }\n');
const features = {
  'offline.csv': 'id,time,a\n1,2026-01-01T00:00:00Z,1\n2,2026-01-01T00:00:00Z,2\n',
  'online.csv': 'id,time,a\n1,2026-01-02T00:00:00Z,1\n2,2026-01-02T00:00:00Z,2\n',
};
const lists = {
  'nodes.csv': 'name,cpu_milli,memory_mib,gpu,model\nn1,8000,16000,1,A100\n',
  'replicas.csv': 'name,count,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\nr1,1,1000,1000,0,0,\n',
};

/** Options that are mistyped, left out or contradict each other. */
export const optionCases: readonly StepCase[] = [
  shows('plimsoll chekc', 'unknown-command/near', 'plimsoll check'),
  shows('plimsoll zzzz', 'unknown-command', 'plimsoll check'),
  shows('plimsoll model', 'missing-subcommand', 'plimsoll model list'),
  instead('plimsoll explain hardwear', 'unknown-key/explain'),
  shows('plimsoll explain zzz.qqq', 'unknown-key/explain-all', 'plimsoll explain code'),
  shows('plimsoll history --last 0', 'option-invalid/history-help', 'plimsoll history --last 1'),
  shows('plimsoll rollback', 'axis-missing', 'plimsoll history'),
  {
    type: 'plimsoll diagnose --node zz',
    steps: [{ row: 'diagnose-node-alone', take: [0], instead: true }],
    accepted: [1, 3],
  },
  instead('plimsoll blobs collect --grace 5', 'grace-invalid'),
  instead('plimsoll cost --since zzz', 'option-invalid/cost-since'),
  shows('plimsoll coldstart --starts zz', 'option-invalid/coldstart-help', 'plimsoll coldstart --starts 1 --help'),
  shows('plimsoll evaluate --rows zz', 'option-invalid/evaluate-help', 'plimsoll evaluate --help'),
  shows(
    'plimsoll golden record --absolute zz',
    'option-invalid/golden-record-help',
    'plimsoll golden record --absolute 0.1',
  ),
  shows('plimsoll drift acknowledge --reason ""', 'option-invalid/drift-acknowledge-help', 'plimsoll drift'),
  shows('plimsoll drift explain --last 0', 'option-invalid/drift-explain-help', 'plimsoll drift'),
  shows('plimsoll drift isolate a --reason x --for 1s', 'option-invalid/drift-isolate-help', 'plimsoll drift'),
  shows('plimsoll drift power --shift 0', 'option-invalid/drift-power-help', 'plimsoll drift'),
  shows('plimsoll drift samples --last 0', 'option-invalid/drift-samples-help', 'plimsoll drift samples --last 1', {
    accepted: [3],
  }),
  shows(
    'plimsoll drift skew offline.csv online.csv --key id --time time --tolerance zz',
    'option-invalid/drift-skew-help',
    'plimsoll drift skew offline.csv online.csv --key id --time time --tolerance 0.1',
    { files: features, accepted: [3] },
  ),
  instead('plimsoll environment set default', 'option-invalid/environment-set', {
    chosen: { NAME: 'default' },
    files: { 'environment.yaml': 'policy: { neverWaived: [golden] }\n', 'policy.yaml': 'neverWaived: [golden]\n' },
  }),
  {
    type: 'plimsoll environment set default --file environment.yaml --if-version x',
    files: { 'environment.yaml': 'policy: { neverWaived: [golden] }\n' },
    steps: [
      {
        row: 'option-invalid/environment-show',
        chosen: { NAME: 'default' },
        again: 'plimsoll environment set default --file environment.yaml --if-version 0',
      },
    ],
  },
  shows('plimsoll rollback --model --to x', 'option-invalid/history', 'plimsoll history'),
  shows('plimsoll labels ask zz', 'option-invalid/labels-ask', 'plimsoll labels status'),
  shows(
    'plimsoll pool declare p --memory x --product A --capability 9.0 --driver 570.148.08 --cuda 12.8',
    'option-invalid/pool-declare-help',
    'plimsoll pool declare p --memory 81559MiB --product A --capability 9.0 --driver 570.148.08 --cuda 12.8',
  ),
  shows('plimsoll scale explain zz', 'option-invalid/scale-explain-help', 'plimsoll scale status'),
  instead('plimsoll verify --pool a --pool b', 'option-invalid/verify-every-pool', {
    files: { 'plimsoll.yaml': onCpu },
    state: async ({ project }) => {
      for (const pool of ['A', 'B']) {
        const { stdout } = await project.plimsoll('probe', '--json');
        project.write('node.json', stdout);
        await project.passing('pool', 'snapshot', pool, 'node.json');
      }
    },
  }),
  instead('plimsoll install kubernetes --image reg.example/plimsoll:1', 'option-missing/install-kubernetes-print', {
    chosen: { IMAGE: `reg.example/plimsoll@sha256:${'a'.repeat(64)}` },
  }),
  { type: 'plimsoll pack', steps: [{ row: 'option-missing/pack-pool', take: [1], instead: true }], files: lists },
  instead('plimsoll pool declare p', 'option-missing/pool-declare', { chosen: { NAME: 'p' } }),
  shows('plimsoll release --lift-bar zz:1 --reason x', 'option-invalid/status-lists-the', 'plimsoll status'),
  instead('plimsoll key create k --expires zz', 'key-option-invalid', { chosen: { NAME: 'k', FILE: 'k.pem' } }),
  shows('plimsoll inspect model.onnx --context zz', 'load-invalid', 'plimsoll inspect model.onnx --context 16', {
    steps: [{ row: 'load-invalid', chosen: { FILE: 'model.onnx' }, instead: true }],
  }),
  instead('plimsoll init', 'contract-exists'),
  shows('plimsoll exec', 'command-missing/exec', '', {
    files: { 'plimsoll.yaml': onCpu },
    steps: [{ row: 'command-missing/exec', take: [0], chosen: { CMD: 'true' }, instead: true }],
  }),
  {
    type: 'plimsoll pool snapshot nodes.csv',
    steps: [{ row: 'missing-argument/name', chosen: { NAME: 'p' }, instead: true }],
    state: async ({ project }) => project.write('nodes.csv', (await project.plimsoll('probe', '--json')).stdout),
  },
  shows(
    'plimsoll secret set "a b" token --from-file value',
    'secret-name-invalid',
    'plimsoll secret set ab token --from-file value',
    {
      files: { value: 'x' },
    },
  ),
  shows('plimsoll secret from hf zz', 'secret-place-invalid', 'plimsoll secret from hf --here'),
  instead('plimsoll secret set hf token < empty', 'secret-value-invalid', {
    files: { empty: '', value: 'x' },
    chosen: { NAME: 'hf', KEY: 'token', FILE: 'value' },
  }),
  shows('plimsoll secret revoke-grant hf', 'secret-grant-missing', 'plimsoll secret list'),
  {
    type: 'plimsoll token add a --role nobody',
    steps: [
      {
        row: 'token-invalid',
        chosen: { NAME: 'a', ROLE: 'view' },
        instead: true,
      },
    ],
  },
  shows('plimsoll token revoke nobody', 'unknown-token', 'plimsoll token revoke somebody', {
    state: ({ project }) => project.passing('token', 'add', 'somebody', '--role', 'view'),
  }),
  {
    type: 'plimsoll token add a --role view',
    state: ({ project }) => project.passing('token', 'add', 'a', '--role', 'view'),
    steps: ['token-name-taken'],
  },
  instead('plimsoll service transfer tiny --to zz', 'scope-invalid'),
  shows(
    'plimsoll model add mlflow:// --name m',
    'remote-reference-invalid/model-add-help',
    'plimsoll model add model.onnx --name m',
  ),
  shows('plimsoll up --listen zz', 'option-invalid/up-help', 'plimsoll up'),
  shows('plimsoll up --keep-serving', 'option-invalid/up-stop-keep-serving', '', {
    steps: [{ row: 'option-invalid/up-stop-keep-serving', instead: true }],
  }),
  shows(
    'plimsoll gateway --listen zz --control-plane http://127.0.0.1:1',
    'option-invalid/gateway-help',
    'plimsoll gateway --help',
  ),
  shows(
    'plimsoll control-plane --services zz --state s',
    'option-invalid/control-plane-help',
    'plimsoll control-plane --help',
  ),
  shows('plimsoll fetch-files --from zz', 'option-invalid/fetch-files-help', 'plimsoll fetch-files --help'),
  instead('plimsoll slices --points p.csv --rates r.csv --board A100-80 --out o', 'option-missing/slices-help'),
  {
    type: 'plimsoll capacity --foretell',
    steps: [
      { row: 'option-invalid+mix-unfit/capacity-foretell-mix', instead: true },
      { row: 'capacity-no-surface', again: 'plimsoll check', take: [] },
    ],
  },
  {
    type: 'plimsoll capacity --foretell --mix tokens-in=512',
    steps: [
      { row: 'option-invalid+mix-unfit/capacity-foretell-mix', instead: true },
      { row: 'capacity-no-surface', again: 'plimsoll check', take: [] },
    ],
  },
  shows('plimsoll capacity --seconds 0', 'option-invalid/capacity-help', 'plimsoll capacity measure --help'),
];

import { tinyModel } from '../../../rigs/tiny-model.ts';
import type { UserProject } from '../../../user-project.ts';
import type { StepCase, Taken } from '../follow-suggestions.ts';

const golden: Taken = { row: { text: 'plimsoll golden record' } };
const reason = { TEXT: 'why' };

/** Of one service, one after another: from nothing that runs to two models that served. */
export const servedCases: readonly StepCase[] = [
  { type: 'plimsoll scale warm-pool --with-spare 1s', steps: ['no-control-plane'], accepted: [3] },
  { type: 'plimsoll up', steps: [{ row: 'up-running/status-shows-it', take: [0], again: 'plimsoll status' }] },
  {
    type: 'plimsoll release --unwaive golden',
    steps: [
      { row: 'reason-missing/release-unwaive', chosen: reason, instead: true },
      { row: 'nothing-waived', again: 'plimsoll check' },
    ],
  },
  { type: 'plimsoll status', shown: true, steps: ['not-released'] },
  { type: 'plimsoll rollback --drill', steps: [{ row: 'nothing-to-roll-back', again: 'plimsoll history' }] },
  {
    type: 'plimsoll rollback --code --drill',
    steps: [
      { row: 'drill-of-code', instead: true },
      { row: 'nothing-to-roll-back', again: 'plimsoll history' },
    ],
  },
  {
    type: 'plimsoll release --cancel --reason x',
    steps: [{ row: 'no-open-request', take: [0], again: 'plimsoll history' }],
  },
  {
    type: 'plimsoll release --promote',
    steps: [
      { row: 'reason-missing/release-promote-reason', chosen: reason, instead: true },
      { row: { text: 'plimsoll status' }, again: 'plimsoll status' },
    ],
  },
  {
    type: 'plimsoll release',
    state: ({ project }) => addModel(project, 2),
    steps: ['alias-moved/pin', golden],
  },
  {
    type: 'plimsoll rollback --model --to 99 --reason x',
    steps: [{ row: 'unknown-release', again: 'plimsoll rollback --model --to 1 --reason x' }],
  },
  { type: 'plimsoll rollback --model --to 1 --reason x', steps: [{ row: 'same-digest', again: 'plimsoll status' }] },
  {
    type: 'plimsoll release',
    steps: [{ row: { text: 'plimsoll release --lift-bar model:{digest} --reason TEXT' }, chosen: reason }],
  },
  {
    type: 'plimsoll release --lift-bar model:0123456789ab --reason x',
    steps: [{ row: 'ambiguous-digest+unknown-bar', again: 'plimsoll status' }],
  },
  { type: 'plimsoll scale explain', steps: [{ row: 'nothing-decided', again: 'plimsoll status' }] },
  {
    type: 'plimsoll diagnose nobody',
    steps: [{ row: 'service-unknown/status-every', again: 'plimsoll diagnose tiny' }],
    accepted: [1, 3],
  },
  {
    type: 'plimsoll diagnose --replica nobody',
    steps: [{ row: 'replica-unknown', again: 'plimsoll diagnose' }],
    accepted: [1, 3],
  },
  {
    type: 'plimsoll drift isolate nobody --reason x',
    steps: [{ row: 'unknown-replica+replica-ended+not-isolated', again: 'plimsoll status' }],
  },
  { type: 'plimsoll drift acknowledge nothing --reason x', steps: [{ row: 'no-such-alarm', again: 'plimsoll drift' }] },
  {
    type: 'plimsoll environment set default --file environment.yaml --if-version 7',
    files: { 'environment.yaml': 'policy: { neverWaived: [golden] }\n' },
    steps: [
      {
        row: 'environment-moved',
        again: 'plimsoll environment set default --file environment.yaml --if-version 0',
      },
    ],
  },
  {
    type: 'plimsoll release --again --waive golden --reason x --until 7d',
    steps: [{ row: 'waiver-forbidden', again: 'plimsoll release --again' }],
  },
  { type: 'plimsoll service remove tiny', steps: [{ row: 'not-confirmed/service-remove', instead: true }] },
];

async function addModel(project: UserProject, factor: number): Promise<void> {
  project.write('model.onnx', tinyModel(factor).bytes);
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
}

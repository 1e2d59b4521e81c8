import { must, may, type KindRow } from '../kind-row.ts';
import { judgeHardware } from './hardware-evidence.ts';

export const hardwareRow: KindRow = {
  proves: 'the service runs on every device class of its pool',
  askedBy: { key: 'hardware', isAsked: ({ hardware }) => hardware !== undefined },
  subjects: [
    must('contract.hardware', 'bundle'),
    may('contract.model', 'bundle'),
    must('code', 'bundle'),
    must('model', 'bundle'),
    must('device-classes', 'nodes'),
    may('rule-tables', 'tables'),
  ],
  judge: judgeHardware,
  renewal: 'plimsoll verify',
  invalidatedBy: ['hardware.changed'],
};

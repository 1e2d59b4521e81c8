import { askedByScaling } from '../asked-by-scaling.ts';
import { must, type KindRow } from '../kind-row.ts';
import { judgeCapacity } from './capacity-evidence.ts';

export const capacityRow: KindRow = {
  proves: 'one replica sustains a known rate inside the objective',
  askedBy: askedByScaling,
  subjects: [must('code', 'bundle'), must('model', 'bundle'), must('device-classes', 'nodes')],
  judge: judgeCapacity,
  renewal: 'plimsoll capacity',
  invalidatedBy: ['capacity.departed'],
};

import { askedByScaling } from '../asked-by-scaling.ts';
import { may, must, type KindRow } from '../kind-row.ts';
import { judgeCapacity } from './capacity-evidence.ts';

export const capacityRow: KindRow = {
  proves: 'one replica sustains a known rate inside the objective',
  askedBy: askedByScaling,
  subjects: [
    must('code', 'bundle'),
    must('model', 'bundle'),
    must('device-classes', 'nodes'),
    may('request-mix', 'claimed'),
  ],
  judge: judgeCapacity,
  renewal: 'plimsoll capacity',
  invalidatedBy: ['capacity.departed', 'capacity.mix-left'],
};

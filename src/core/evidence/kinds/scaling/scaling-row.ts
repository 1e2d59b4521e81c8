import { askedByScaling } from '../asked-by-scaling.ts';
import { buildsOn, may, type KindRow } from '../kind-row.ts';
import { judgeScaling } from './scaling-evidence.ts';

export const scalingRow: KindRow = {
  proves: 'the scaling policy keeps the objective on the simulated arrivals',
  askedBy: askedByScaling,
  subjects: [
    may('arrivals', 'claimed'),
    may('contract.objective', 'bundle'),
    may('prices', 'store'),
    buildsOn('cold-start'),
    buildsOn('capacity'),
  ],
  judge: judgeScaling,
  renewal: 'plimsoll scale simulate --record --trace FILE',
  invalidatedBy: [],
};

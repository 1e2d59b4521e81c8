import { must, type KindRow } from '../../core/evidence/kinds/kind-row.ts';

const limitWatts = 400;

/** The row of a kind that no version has: how much power a replica draws. */
export const powerRow: KindRow = {
  proves: 'a replica draws no more power than its node gives',
  askedBy: { key: 'objective', isAsked: ({ objective }) => objective !== undefined },
  subjects: [must('code', 'bundle'), must('contract.objective', 'bundle'), must('device-classes', 'nodes')],
  judge: ({ watts }) => {
    if (typeof watts !== 'number') return { verdict: 'unknown', reasons: ['it does not say how much was drawn'] };
    return { verdict: watts <= limitWatts ? 'pass' : 'fail', reasons: [`${watts} W of ${limitWatts} W`] };
  },
  renewal: 'plimsoll power',
  invalidatedBy: ['node.throttled'],
};

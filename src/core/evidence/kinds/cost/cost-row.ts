import { may, type KindRow } from '../kind-row.ts';

export const costRow: KindRow = {
  proves: 'device time is attributed, and stays within budget and utilization',
  askedBy: { key: 'cost', isAsked: ({ cost }) => cost !== undefined },
  subjects: [may('ledger', 'store')],
  judge: null,
  judgedLive: true,
  renewal: 'plimsoll up',
  invalidatedBy: ['cost.broken'],
};

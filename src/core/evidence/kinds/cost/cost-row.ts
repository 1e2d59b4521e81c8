import { may, type KindRow } from '../kind-row.ts';

export const costRow: KindRow = {
  proves: 'accelerator-seconds stay within the budget',
  askedBy: { key: 'cost', isAsked: ({ cost }) => cost !== undefined },
  subjects: [may('ledger', 'store')],
  judge: null,
  renewal: 'plimsoll cost',
  invalidatedBy: [],
};

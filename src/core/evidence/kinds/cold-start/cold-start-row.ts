import { must, type KindRow } from '../kind-row.ts';
import { judgeColdStart } from './cold-start-evidence.ts';

export const coldStartRow: KindRow = {
  proves: 'replicas start within the budget',
  askedBy: { key: 'coldStart', isAsked: ({ coldStart }) => coldStart !== undefined },
  subjects: [must('code', 'bundle'), must('model', 'bundle'), must('device-classes', 'nodes'), must('tier', 'bundle')],
  judge: judgeColdStart,
  renewal: 'plimsoll coldstart',
  invalidatedBy: ['start.budget-broken', 'start.departed'],
};

import type { KindRow } from '../kind-row.ts';
import { judgeRollback } from './rollback-evidence.ts';

export const rollbackRow: KindRow = {
  proves: 'traffic went back to the previous model and returned',
  askedBy: { key: 'rollout.steps', isAsked: ({ rollout }) => rollout?.steps !== undefined },
  subjects: [{ subject: 'previous-model', knownBy: 'store', staleWhen: 'gone', required: true }],
  judge: judgeRollback,
  renewal: 'plimsoll rollback --drill',
  invalidatedBy: [],
};

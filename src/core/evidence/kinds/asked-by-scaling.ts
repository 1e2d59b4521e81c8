import { movesReplicas } from '../../contract/moves-replicas.ts';
import type { Asking } from './kind-row.ts';

/** Evidence that a contract asks for where the number of replicas may move. */
export const askedByScaling: Asking = {
  key: 'scaling',
  isAsked: movesReplicas,
  whyNot: ({ scaling }) => (scaling === undefined ? null : 'the number of replicas is fixed'),
};

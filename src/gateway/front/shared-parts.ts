import type { GatewaySettings } from '../settings.ts';
import { AnswerTurns } from '../exchange/answer-turns.ts';
import { ClientConnections } from './client-connections.ts';
import { shadowDefaults, type ShadowBounds } from '../shadow/shadow.ts';
import { ComparisonTurns } from '../shadow/comparison-turns.ts';
import { SharedBound } from './shared-bound.ts';

/** What the services of one gateway process have in common. */
export interface SharedParts {
  readonly connections: ClientConnections;
  readonly openRequests: SharedBound;
  readonly heldBytes: SharedBound;
  readonly shadowBytes: SharedBound;
  readonly comparisonTurns: ComparisonTurns;
  readonly answerTurns: AnswerTurns;
}

/** @param openAtMost requests that may be open at a time; the bound of the connections is enough for a single service. */
export function makeSharedParts(
  {
    settings,
    shadowBounds = shadowDefaults,
  }: {
    readonly settings: Pick<GatewaySettings, 'lingerMs' | 'bufferedTotalBytes'>;
    readonly shadowBounds?: ShadowBounds;
  },
  openAtMost = Infinity,
): SharedParts {
  return {
    connections: new ClientConnections(settings.lingerMs),
    openRequests: new SharedBound(openAtMost),
    heldBytes: new SharedBound(settings.bufferedTotalBytes),
    shadowBytes: new SharedBound(shadowBounds.heldBytes),
    comparisonTurns: new ComparisonTurns(),
    answerTurns: new AnswerTurns(),
  };
}

import type { AlarmName } from '../alarms/alarm-budget.ts';
import type { SeriesBet } from '../detectors/series-bets.ts';

/** What a replay of the kept windows begins with, and what the windows do not tell. Plain JSON, of bounded size. */
export interface ReplayLog {
  /** As it was after this window and its tick. */
  readonly window: number;
  readonly latched: readonly AlarmName[];
  /** By series; those that are absent had no bet yet. */
  readonly series: Readonly<Record<string, ReplayStart>>;
  readonly marks: readonly ReplayMark[];
}

export interface ReplayStart {
  readonly capital: readonly number[];
  readonly bet: MovingBet;
}

/** The part of a bet that moves with the windows. */
export type MovingBet = Required<Pick<SeriesBet, 'last' | 'lastError' | 'beyond' | 'spread' | 'filled'>>;

/** An alarm took all capital after this window, or a name was acknowledged after it. */
export interface ReplayMark extends AlarmName {
  readonly window: number;
  readonly of: 'alarm' | 'acknowledged';
}

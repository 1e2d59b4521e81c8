import { useState } from 'preact/compat';
import { fromRoot, ofService } from '../frame/address.ts';
import { useRepeated } from '../live/use-repeated.ts';
import type { Report } from './measure.ts';
import { costPaths, type Question } from './question.ts';

/** Of one service, or of the fleet. */
export type CostScope = 'service' | 'fleet';

/** Both answers to one question. */
export interface CostAnswer {
  readonly question: Question;
  /** By hour or day. */
  readonly bars: Report;
  /** By service, environment, state and cause. */
  readonly owners: Report;
}

export interface KnownCost {
  /** The newest answer; null before the first one. */
  readonly answer: CostAnswer | null;
  /** Status of the last question, where it was refused; null where it was answered, and where nobody answered. */
  readonly refused: number | null;
}

const everyMs = 60_000;
const answerTimeoutMs = 30_000;

/** Asks now and once a minute, while somebody can see the page. What was answered stays until the next answer is there. */
export function useCost(question: Question, scope: CostScope): KnownCost {
  const { last, by } = question;
  const [known, setKnown] = useState<KnownCost>({ answer: null, refused: null });
  useRepeated(
    (leaving) => {
      void askCost({ last, by }, scope, leaving).then((told) => {
        if (!leaving.aborted) setKnown((before) => ({ ...before, ...told }));
      });
    },
    everyMs,
    `${last} ${by} ${scope}`,
  );
  return known;
}

/** Nothing where nobody answered: the connection's own notice says why. */
async function askCost(question: Question, scope: CostScope, leaving: AbortSignal): Promise<Partial<KnownCost>> {
  const address = scope === 'fleet' ? fromRoot : ofService;
  const signal = AbortSignal.any([leaving, AbortSignal.timeout(answerTimeoutMs)]);
  const paths = costPaths(question, Date.now());
  try {
    const [bars, owners] = await Promise.all(
      [paths.bars, paths.owners].map((path) => fetch(address(path), { signal, cache: 'no-store' })),
    );
    if (bars === undefined || owners === undefined) return {};
    const refusal = [bars, owners].find(({ ok }) => !ok);
    if (refusal !== undefined) return { refused: refusal.status };
    const answer = { question, bars: (await bars.json()) as Report, owners: (await owners.json()) as Report };
    return { answer, refused: null };
  } catch {
    return {};
  }
}

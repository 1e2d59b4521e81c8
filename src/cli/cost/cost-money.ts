import { shortMoneyText } from '../../core/cost/exchange/money-text.ts';
import type { CostReport, CostUnit } from '../../schemas/http/cost/http-cost.ts';

type Sums = CostUnit['total'];

/** Columns of money: their names, and what a group has in them. */
export interface MoneyColumns {
  readonly names: readonly string[];
  cells(sums: Sums): readonly string[];
}

const none = '-';

/**
 * Returns the columns of money of a unit: one for each currency; the price of 1,000 answers and of a million tokens where a
 * group has one.
 */
export function moneyColumns({ currency, currencies }: CostReport, { groups, total }: CostUnit): MoneyColumns {
  const all = [total, ...groups];
  const own = currencies.filter((each) => all.some(({ moneyMicros }) => moneyMicros[each] !== undefined));
  const hasAnswers = currency !== null && all.some(({ costPer1000AnswersMicros }) => costPer1000AnswersMicros !== null);
  const hasTokens =
    currency !== null && all.some(({ costPerMillionTokensMicros }) => costPerMillionTokensMicros !== null);
  return {
    names: [
      ...own.map((each) => `cost ${each}`),
      ...(hasAnswers ? ['per 1,000 answers'] : []),
      ...(hasTokens ? ['per million tokens'] : []),
    ],
    cells: (sums) => [
      ...own.map((each) => shortMoney(sums.moneyMicros[each] ?? null)),
      ...(hasAnswers ? [shortMoney(sums.costPer1000AnswersMicros)] : []),
      ...(hasTokens ? [shortMoney(sums.costPerMillionTokensMicros)] : []),
    ],
  };
}

/** Returns where the money comes from, where there is none and why, and what nobody owns; a line each. */
export function moneyLines({ prices, unused }: CostReport): readonly string[] {
  return [
    ...prices.flatMap(({ pool, source, currency, problem, next }) => [
      ...(source === null ? [] : [`prices of pool ${pool}: ${source} (${currency})`]),
      ...(problem === null ? [] : [`no money for ${source === null ? '' : 'some time of '}pool ${pool}: ${problem}`]),
      ...(problem === null || next === null ? [] : [`  next: ${next}`]),
    ]),
    ...unused.map(
      ({ commitment, deviceClass, unusedMs, micros, currency }) =>
        `unused commitment ${commitment} (${deviceClass}), owned by nobody: ${(unusedMs / 1_000).toFixed(1)} s, ${shortMoney(micros)} ${currency}`,
    ),
  ];
}

/** The exact amount is in `--json` and `--csv`. */
export const shortMoney = (micros: number | null): string => (micros === null ? none : shortMoneyText(micros));

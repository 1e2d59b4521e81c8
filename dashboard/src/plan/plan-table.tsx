import type { ReactNode } from 'preact/compat';
import { HeadRow } from '../parts/head-row.tsx';
import type { PlanReport } from '../../../src/core/packing/plan-ahead/plan-report.ts';
import { formatShare } from '../parts/format.ts';
import { amountWords, fitsWords, limitsWords, moneyWords } from './plan-words.ts';

/** The same numbers as the plots, each week a row. */
export function PlanTable({ report }: { readonly report: PlanReport }): ReactNode {
  const { weeks, services, currency } = report;
  const money = currency === null ? [] : [`${currency} a week`];
  const names = [...services.map(({ name }) => name), 'devices', ...money, 'fits', 'draws full'];
  const rows = weeks.map((week) => ({
    from: week.from,
    isFull: week.allPlaced !== 'yes',
    cells: [
      ...week.replicas.map((limits) => limitsWords(limits, amountWords)),
      limitsWords(week.devices, amountWords),
      ...(currency === null ? [] : [week.micros === null ? '–' : limitsWords(week.micros, moneyWords)]),
      fitsWords(week),
      formatShare(week.fullShare),
    ],
  }));
  return (
    <details className="cost-numbers plan-numbers">
      <summary>The same numbers as a table</summary>
      <table role="table">
        <caption className="unseen">
          Each week with its 90% interval: replicas at the peak, devices, money, and whether all fit
        </caption>
        <HeadRow names={['week of', ...names]} />
        <tbody role="rowgroup">
          {rows.map(({ from, cells, isFull }) => (
            <tr key={from} role="row" data-full={isFull || undefined}>
              <th role="rowheader" scope="row">
                {from}
              </th>
              {cells.map((text, at) => (
                <td key={names[at]} role="cell" data-name={names[at]}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

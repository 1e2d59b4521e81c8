import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { CostUnit } from '../../../src/schemas/http/cost/http-cost.ts';
import { fromRoot } from '../frame/address.ts';
import { servicePath } from '../frame/place.ts';
import { Words } from '../parts/words.tsx';
import type { IdleRow } from './idle-rows.ts';
import {
  amountOf,
  type CostGroup,
  formatAmount,
  formatNumber,
  formatPart,
  type Measure,
  measureName,
} from './measure.ts';
import { reasonWords } from './words.ts';

interface IdleProps {
  readonly unit: CostUnit;
  readonly rows: readonly IdleRow[];
  readonly measure: Measure;
  /** Names of services lead to their pages. */
  readonly isFleet: boolean;
}

const rowsShown = 20;

/** What does no work, the largest first, and last what cannot be told. */
export function IdleTable({ unit, rows, measure, isFleet }: IdleProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? rows : rows.slice(0, rowsShown);
  const hidden = rows.length - shown.length;
  if (rows.length === 0 && unit.unattributable.length === 0) {
    return <p className="sub cost-none">Nothing was idle in this time.</p>;
  }
  return (
    <>
      <table className="cost-idle" role="table">
        <caption className="unseen">Time without work, the largest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {measureName(measure)}
            </th>
            {isFleet ? (
              <th role="columnheader" scope="col">
                Service
              </th>
            ) : null}
            <th role="columnheader" scope="col">
              Cause
            </th>
            <th role="columnheader" scope="col">
              What removes it
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.map((row) => (
            <tr key={row.key} role="row">
              <Amount amount={row.amount} computeMs={row.computeMs} unit={unit} measure={measure} />
              {isFleet ? <Holder row={row} /> : null}
              <td role="cell" data-name="cause">
                <strong>{row.state}</strong>
                {row.why === null ? null : `: ${row.why}`}
              </td>
              <td role="cell" data-name="what removes it">
                <Words text={row.change} />
              </td>
            </tr>
          ))}
          {unit.unattributable.length === 0 ? null : <Unattributable unit={unit} measure={measure} isFleet={isFleet} />}
        </tbody>
      </table>
      {hidden === 0 ? null : (
        <button type="button" className="more" onClick={() => setOpen(true)}>
          {hidden} more
        </button>
      )}
    </>
  );
}

interface AmountProps extends Pick<IdleRow, 'amount' | 'computeMs'> {
  readonly unit: CostUnit;
  readonly measure: Measure;
}

/** Beside money stands the time. */
function Amount({ amount, computeMs, unit, measure }: AmountProps): ReactNode {
  const part = formatPart(amount, amountOf(unit.total, measure));
  return (
    <th role="rowheader" scope="row" className="cost-amount">
      {formatNumber(amount, measure)} <span className="cost-narrow">{measureName(measure)} </span>
      <span className="sub">{part}</span>
      {measure.kind === 'hours' ? null : (
        <span className="sub">{formatAmount(computeMs, { kind: 'hours', unit: unit.unit })}</span>
      )}
    </th>
  );
}

function Holder({ row: { service, environment } }: { readonly row: IdleRow }): ReactNode {
  return (
    <td role="cell" data-name="service">
      {service === null ? (
        <span className="dim">no service</span>
      ) : (
        <>
          <a href={`${fromRoot(servicePath({ service, environment: environment ?? '' }))}#cost`}>{service}</a>{' '}
          <span className="cost-environment">{environment}</span>
        </>
      )}
    </td>
  );
}

function Unattributable({ unit, measure, isFleet }: Omit<IdleProps, 'rows'>): ReactNode {
  const computeMs = unit.unattributable.reduce((sum, each) => sum + each.computeMs, 0);
  const amount = unit.groups
    .filter(({ group }) => group['state'] === 'unattributable')
    .reduce((sum, group: CostGroup) => sum + amountOf(group, measure), 0);
  const hours = { kind: 'hours', unit: unit.unit } as const;
  return (
    <tr role="row" className="cost-unattributable">
      <Amount amount={amount} computeMs={computeMs} unit={unit} measure={measure} />
      <td role="cell" data-name="cause" colSpan={isFleet ? 3 : 2}>
        <strong>unattributable</strong>: what the devices did is not known. Reasons:{' '}
        {unit.unattributable
          .toSorted((a, b) => b.computeMs - a.computeMs)
          .map((each) => `${reasonWords[each.reason]} (${formatAmount(each.computeMs, hours)})`)
          .join('; ')}
        .
      </td>
    </tr>
  );
}

import type { ReactNode } from 'preact/compat';
import { useMemo } from 'preact/compat';
import type { CostUnit } from '../../../src/schemas/http/cost/http-cost.ts';
import { counted, isoTime } from '../parts/format.ts';
import { FillPatterns } from './fills.tsx';
import { listIdle, tellUnit } from './idle-rows.ts';
import { IdleTable } from './idle-table.tsx';
import { chooseMeasure, formatAmount, formatPart, type Report, type Sums } from './measure.ts';
import type { CostSplit, Question } from './question.ts';
import { ranges } from './question.ts';
import { makeSeries } from './series.ts';
import { SharingTable } from './sharing-table.tsx';
import { SeriesTable, StackedChart } from './stacked-chart.tsx';
import type { CostAnswer } from './use-cost.ts';

interface AccountProps {
  readonly answer: CostAnswer;
  readonly isFleet: boolean;
}

/** An answer with something in it: accelerators first, cores apart, and below what in the facts cannot be true. */
export function CostAccount({ answer: { question, bars, owners }, isFleet }: AccountProps): ReactNode {
  return (
    <>
      <FillPatterns />
      {owners.units.map((unit) => (
        <UnitAccount
          key={unit.unit}
          unit={unit}
          bars={bars.units.find((each) => each.unit === unit.unit)?.groups ?? []}
          report={owners}
          question={question}
          isFleet={isFleet}
        />
      ))}
      <Overcommitted report={owners} />
      <SharingTable report={owners} />
      <Errors report={owners} />
      <Recorded report={owners} />
    </>
  );
}

interface UnitProps {
  readonly unit: CostUnit;
  /** By hour or day. */
  readonly bars: CostUnit['groups'];
  readonly report: Report;
  readonly question: Question;
  readonly isFleet: boolean;
}

function UnitAccount({ unit, bars, report, question, isFleet }: UnitProps): ReactNode {
  const measure = useMemo(() => chooseMeasure(report, unit), [report, unit]);
  const rows = useMemo(() => listIdle(unit, measure), [unit, measure]);
  const series = useMemo(
    () => makeSeries(bars, question, measure, report.fromMs),
    [bars, question, measure, report.fromMs],
  );
  const { last, by } = question;
  const said = tellUnit(unit, rows, { measure, last, isFleet });
  const { utilizationShare, unpricedMs = 0 }: Sums = unit.total;
  return (
    <div className="cost-unit">
      <h3>{deviceWords(unit)}</h3>
      <p className="cost-said">
        {said}
        {utilizationShare === null
          ? null
          : ` Work fills ${formatPart(utilizationShare, 1)} of the time that replicas hold.`}
      </p>
      {measure.kind === 'hours' || unpricedMs === 0 ? null : (
        <p className="sub">
          {formatAmount(unpricedMs, { kind: 'hours', unit: unit.unit })} have no price, and are not part of these
          amounts.
        </p>
      )}
      <StackedChart series={series} measure={measure} last={last} label={chartWords(by, said, last)} />
      <SeriesTable series={series} measure={measure} last={last} />
      <IdleTable unit={unit} rows={rows} measure={measure} isFleet={isFleet} />
    </div>
  );
}

const deviceWords = ({ unit, devices }: CostUnit): string =>
  unit === 'accelerator' ? counted(devices, 'accelerator') : `Cores of ${counted(devices, 'node')}`;

const chartWords = (by: CostSplit, said: string, last: Question['last']): string =>
  `By ${by}, each ${ranges[last].dimension} of the last ${ranges[last].words}. ${said}`;

/** Each device once, as it was in its newest hour. */
function Overcommitted({ report: { overcommitted = [] } }: { readonly report: Report }): ReactNode {
  const newest = new Map(overcommitted.map(({ device, message }) => [device, message]));
  if (newest.size === 0) return null;
  return (
    <div className="cost-shared">
      <h3>Shared beyond what there is</h3>
      <ul>
        {[...newest].map(([device, message]) => (
          <li key={device}>{message}</li>
        ))}
      </ul>
    </div>
  );
}

const errorsShown = 10;

/** The rows add up all the same; what is wrong is said, and not left out. */
function Errors({ report: { errors, errorCount } }: { readonly report: Report }): ReactNode {
  if (errorCount === 0) return null;
  const shown = errors.slice(0, errorsShown);
  return (
    <div className="cost-errors">
      <h3>{counted(errorCount, 'recorded fact')} that cannot be true</h3>
      <ul>
        {shown.map(({ kind, message, fromMs }, index) => (
          <li key={index}>
            <strong>{kind}</strong> <time dateTime={isoTime(fromMs)}>{utcMinute(fromMs)}</time>: {message}
          </li>
        ))}
      </ul>
      {errorCount > shown.length ? (
        <p className="sub">
          {errorCount - shown.length} more: <code>plimsoll cost --json</code>
        </p>
      ) : null}
    </div>
  );
}

function Recorded({ report: { fromMs, toMs, openFromMs } }: { readonly report: Report }): ReactNode {
  return (
    <p className="sub cost-recorded">
      Recorded until <time dateTime={isoTime(toMs)}>{utcMinute(toMs)}</time>.
      {openFromMs === null
        ? null
        : openFromMs <= fromMs
          ? ' No hour is closed yet: the numbers may change.'
          : ` From ${utcMinute(openFromMs)} on the numbers may change.`}
    </p>
  );
}

/** `2026-11-03 14:02 UTC` */
const utcMinute = (atMs: number): string => `${isoTime(atMs).slice(0, 16).replace('T', ' ')} UTC`;

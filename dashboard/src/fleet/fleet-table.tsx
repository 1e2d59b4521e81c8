import type { ReactNode } from 'preact/compat';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'preact/compat';
import type { FleetEntry } from '../../../src/schemas/view/fleet-view.ts';
import { counted } from '../parts/format.ts';
import type { Looks } from './fleet-controls.tsx';
import {
  countWords,
  groupByOwner,
  keepOrder,
  keyOf,
  sortEntries,
  type Sorting,
  type SortKey,
} from './fleet-entries.ts';
import { FleetRow } from './fleet-row.tsx';

const columns: readonly { readonly name: string; readonly sort?: SortKey; readonly described?: string }[] = [
  { name: 'Service', sort: 'name' },
  { name: 'Owner', sort: 'owner' },
  { name: 'Health', sort: 'state' },
  { name: 'Live release' },
  { name: 'Objective', described: 'share of the last hour’s requests that kept the objective' },
  { name: 'Evidence' },
  { name: 'Replicas' },
];

interface FleetTableProps extends Looks {
  /** Those that are searched for. */
  readonly entries: readonly FleetEntry[];
}

/** The roles are written out: on a narrow screen rows are drawn as cards, and a table that is drawn so is none to a reader. */
export function FleetTable({ entries, looking, look }: FleetTableProps): ReactNode {
  const { sorting, byOwner } = looking;
  const { ordered, touched } = useSteadyOrder(entries, sorting);
  return (
    <table className="fleet-table" role="table" onPointerMove={touched} onFocus={touched}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ name, sort, described }) => (
            <th
              key={name}
              role="columnheader"
              scope="col"
              title={described}
              aria-sort={sort === undefined ? undefined : sortedAs(sorting, sort)}
            >
              {sort === undefined ? (
                name
              ) : (
                <SortButton name={name} sort={sort} sorting={sorting} onSort={(next) => look({ sorting: next })} />
              )}
            </th>
          ))}
        </tr>
      </thead>
      {byOwner ? (
        groupByOwner(ordered).map((group) => (
          <tbody key={group.owner ?? ''} role="rowgroup">
            <tr role="row" className="fleet-group">
              <th role="rowheader" scope="rowgroup" colSpan={columns.length}>
                {group.owner ?? 'no owner'}{' '}
                <span className="sub">
                  {counted(group.entries.length, 'service')}: {countWords(group.entries)}
                </span>
              </th>
            </tr>
            <Rows entries={group.entries} />
          </tbody>
        ))
      ) : (
        <tbody role="rowgroup">
          <Rows entries={ordered} />
        </tbody>
      )}
    </table>
  );
}

const Rows = memo(function Rows({ entries }: { readonly entries: readonly FleetEntry[] }): ReactNode {
  return entries.map((entry) => <FleetRow key={keyOf(entry)} entry={entry} />);
});

type AriaSort = 'ascending' | 'descending' | 'none';

/** Worst first is descending: the order is that of how bad it is. */
function sortedAs({ by, reversed }: Sorting, key: SortKey): AriaSort {
  if (by !== key) return 'none';
  return reversed === (key === 'state') ? 'ascending' : 'descending';
}

interface SortButtonProps {
  readonly name: string;
  readonly sort: SortKey;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function SortButton({ name, sort, sorting, onSort }: SortButtonProps): ReactNode {
  const isChosen = sorting.by === sort;
  const mark = !isChosen ? '↕' : sortedAs(sorting, sort) === 'ascending' ? '↑' : '↓';
  return (
    <button
      type="button"
      className="fleet-sort"
      onClick={() => onSort({ by: sort, reversed: isChosen && !sorting.reversed })}
    >
      {name} <span aria-hidden="true">{mark}</span>
    </button>
  );
}

/** Rows stand still for so long after somebody pointed at them or tabbed among them. */
const standStillMs = 3_000;

/** The sorted entries; while somebody is about to open one, in the order that they are shown in. */
function useSteadyOrder(
  entries: readonly FleetEntry[],
  sorting: Sorting,
): { readonly ordered: readonly FleetEntry[]; readonly touched: () => void } {
  const touchedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const shown = useRef({ sorting, keys: [] as readonly string[], isHeld: false });
  const [looks, lookAgain] = useState(0);
  const ordered = useMemo(() => {
    const sorted = sortEntries(entries, sorting);
    const before = shown.current;
    const isHeld = before.sorting === sorting && performance.now() - touchedAtMs.current < standStillMs;
    const next = isHeld ? keepOrder(sorted, before.keys) : sorted;
    shown.current = { sorting, keys: next.map(keyOf), isHeld };
    return next;
  }, [entries, sorting, looks]);
  useEffect(() => {
    if (!shown.current.isHeld) return undefined;
    const timer = setTimeout(() => lookAgain(looks + 1), standStillMs);
    return () => clearTimeout(timer);
  }, [ordered, looks]);
  const touched = useCallback(() => {
    touchedAtMs.current = performance.now();
  }, []);
  return { ordered, touched };
}

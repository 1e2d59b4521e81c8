import type { ReactNode } from 'preact/compat';
import type { Looking } from './fleet-entries.ts';

export interface Looks {
  readonly looking: Looking;
  readonly look: (change: Partial<Looking>) => void;
}

/** What the list shows: a search, and groups on request. */
export function FleetControls({ looking, look }: Looks): ReactNode {
  return (
    <div className="fleet-controls" role="search">
      <label>
        <span className="unseen">Search service, environment, owner or health</span>
        <input
          type="search"
          value={looking.search}
          placeholder="Search"
          autoComplete="off"
          spellcheck={false}
          maxLength={200}
          onInput={(event) => look({ search: event.currentTarget.value })}
        />
      </label>
      <button type="button" aria-pressed={looking.byOwner} onClick={() => look({ byOwner: !looking.byOwner })}>
        Group by owner
      </button>
    </div>
  );
}

import type { ReactNode } from 'preact/compat';
import { Command } from '../parts/copy.tsx';
import { Empty } from '../parts/section.tsx';
import { CostAccount } from './cost-account.tsx';
import type { CostSplit, Question } from './question.ts';
import type { KnownCost } from './use-cost.ts';

interface ControlsProps {
  readonly question: Question;
  readonly splits: readonly CostSplit[];
  readonly onChange: (change: Partial<Question>) => void;
}

export function CostControls({ question: { last, by }, splits, onChange }: ControlsProps): ReactNode {
  return (
    <>
      <span className="lengths" role="group" aria-label="What the bars are made of">
        {splits.map((split) => (
          <button key={split} type="button" aria-pressed={by === split} onClick={() => onChange({ by: split })}>
            {`by ${split}`}
          </button>
        ))}
      </span>
      <span className="lengths" role="group" aria-label="Time of the account">
        <button type="button" aria-pressed={last === '24h'} onClick={() => onChange({ last: '24h' })}>
          1 day
        </button>
        <button type="button" aria-pressed={last === '30d'} onClick={() => onChange({ last: '30d' })}>
          30 days
        </button>
      </span>
    </>
  );
}

/** The account, or why there is none. */
export function CostBody({ known, isFleet }: { readonly known: KnownCost; readonly isFleet: boolean }): ReactNode {
  const { answer, refused } = known;
  if (refused === 401 || refused === 403) return <Refused isFleet={isFleet} />;
  if (refused === 404) return <Empty>This control plane keeps no account of device time.</Empty>;
  if (answer === null) {
    return (
      <Empty>
        {refused === null ? 'Asking for the account.' : `The control plane answered with status ${refused}.`}
      </Empty>
    );
  }
  if (answer.owners.units.length === 0) {
    return (
      <Empty command={<Command text="plimsoll up" />}>
        No device time is recorded in this time. While a release runs, this part shows where the time of each device
        goes, what is idle, and why. The first numbers come one to two minutes after a replica starts.
      </Empty>
    );
  }
  return <CostAccount answer={answer} isFleet={isFleet} />;
}

function Refused({ isFleet }: { readonly isFleet: boolean }): ReactNode {
  return (
    <Empty>
      {isFleet
        ? 'Your sign-in may not view the device time of all services. The page of each service shows its own.'
        : 'Your sign-in may not view the device time of this service.'}{' '}
      It needs the role <code>view</code>.
    </Empty>
  );
}

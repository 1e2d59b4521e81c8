import type { ReactNode } from 'preact/compat';
import { useRef, useState } from 'preact/compat';
import type { SteerAction } from '../../../src/core/rollout/deployment/steer.ts';
import type { RolloutView } from '../../../src/schemas/view/view.ts';
import { sendSteer, type SteerOutcome } from './send-steer.ts';
import { useConnectionIs } from '../live/use-live.ts';
import { NextStep } from '../health/next-step.tsx';
import { Confirmation } from '../parts/confirmation.tsx';
import { Words } from '../parts/words.tsx';

interface Order {
  readonly label: string;
  /** What pressing it does, said before it is done. */
  readonly follows: (release: number) => string;
}

const orders: Readonly<Record<SteerAction, Order>> = {
  pause: {
    label: 'Pause',
    follows: () => 'The clock of the step stands and nothing is promoted. A proven regression still goes back.',
  },
  resume: { label: 'Resume', follows: () => 'The clock of the step goes on where it stood.' },
  promote: {
    label: 'Promote',
    follows: (release) => `Release ${release} goes on to the next step without a proof.`,
  },
  abort: {
    label: 'Abort',
    follows: (release) => `Release ${release} is taken back now; all traffic stays on the live one.`,
  },
};

/** Orders of a person. Each is confirmed in place, with a reason that stays with the release. */
export function Steering({ rollout }: { readonly rollout: RolloutView }): ReactNode {
  const [asked, setAsked] = useState<SteerAction | null>(null);
  const [outcome, setOutcome] = useState<SteerOutcome | null>(null);
  const opener = useRef<HTMLDivElement>(null);
  const away = !useConnectionIs('live');
  const offered: readonly SteerAction[] = [rollout.pause === null ? 'pause' : 'resume', 'promote', 'abort'];
  const choose = (action: SteerAction): void => {
    if (away) return;
    setOutcome(null);
    setAsked(action);
  };
  const settle = (settled: SteerOutcome | null): void => {
    if (settled?.done !== false) setAsked(null);
    setOutcome(settled);
    if (settled?.done !== false) opener.current?.querySelector('button')?.focus();
  };
  return (
    <div className="steering">
      <div className="steering-orders" role="group" aria-label={`Orders for release ${rollout.release}`} ref={opener}>
        {offered.map((action) => (
          <button
            key={action === 'resume' ? 'pause' : action}
            type="button"
            aria-disabled={away}
            aria-expanded={asked === action}
            onClick={() => choose(action)}
          >
            {orders[action].label}
          </button>
        ))}
        <span className="sub" role="status">
          {away
            ? 'The control plane is away: it takes no orders.'
            : outcome?.done === true
              ? `Done: ${outcome.summary}.`
              : ''}
        </span>
      </div>
      {asked === null ? null : (
        <Confirmation
          key={asked}
          follows={orders[asked].follows(rollout.release)}
          stays="with the release"
          label={`${orders[asked].label} release ${rollout.release}`}
          away={away}
          send={async (reason) => settle(await sendSteer(asked, rollout.release, reason))}
          onLeave={() => settle(null)}
        />
      )}
      {outcome?.done !== false ? null : (
        <p className="steering-failed" role="alert">
          Not done: <Words text={outcome.message} />
          {outcome.next === null ? null : (
            <>
              . Next: <NextStep text={outcome.next} />
            </>
          )}
        </p>
      )}
    </div>
  );
}

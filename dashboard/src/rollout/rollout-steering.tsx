import type { FormEvent, ReactNode } from 'preact/compat';
import { useEffect, useId, useRef, useState } from 'preact/compat';
import type { SteerAction } from '../../../src/core/rollout/deployment/steer.ts';
import type { RolloutView } from '../../../src/schemas/view/view.ts';
import { sendSteer, type SteerOutcome } from './send-steer.ts';
import { useConnection } from '../live/use-live.ts';
import { NextStep } from '../health/next-step.tsx';
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
  const away = useConnection().state !== 'live';
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
        <Confirmation key={asked} action={asked} release={rollout.release} away={away} onSettled={settle} />
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

interface ConfirmationProps {
  readonly action: SteerAction;
  readonly release: number;
  readonly away: boolean;
  /** Null when nothing was asked after all. */
  readonly onSettled: (outcome: SteerOutcome | null) => void;
}

const reasonCharsAtMost = 2_000;

function Confirmation({ action, release, away, onSettled }: ConfirmationProps): ReactNode {
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const [sending, setSending] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const said = reason.trim();
    setMissing(said === '');
    if (said === '') return field.current?.focus();
    if (sending || away) return;
    setSending(true);
    const outcome = await sendSteer(action, release, said);
    setSending(false);
    onSettled(outcome);
  };
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onSettled(null);
  };
  return (
    <form className="confirmation" onSubmit={(event) => void submit(event)} onKeyDown={leave}>
      <p>{orders[action].follows(release)}</p>
      <label htmlFor={id}>Why? The reason stays with the release.</label>
      <div className="confirmation-line">
        <input
          id={id}
          ref={field}
          value={reason}
          maxLength={reasonCharsAtMost}
          autoComplete="off"
          aria-invalid={missing}
          aria-describedby={missing ? `${id}-missing` : undefined}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <button type="submit" className="primary" aria-disabled={sending || away}>
          {sending ? 'Asking' : `${orders[action].label} release ${release}`}
        </button>
        <button type="button" onClick={() => onSettled(null)}>
          Cancel
        </button>
      </div>
      {missing ? (
        <p className="tone-bad" id={`${id}-missing`}>
          Write a reason first.
        </p>
      ) : null}
    </form>
  );
}

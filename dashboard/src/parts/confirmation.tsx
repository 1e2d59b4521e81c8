import type { FormEvent, ReactNode } from 'preact/compat';
import { useEffect, useId, useRef, useState } from 'preact/compat';

interface ConfirmationProps {
  /** What follows, said before it is done. */
  readonly follows: string;
  /** Where the reason is kept. */
  readonly stays: string;
  /** Of the button that does it. */
  readonly label: string;
  /** The control plane takes no orders now. */
  readonly away: boolean;
  /** Asks the control plane; never rejects. What came of it is for the caller. */
  readonly send: (reason: string) => Promise<void>;
  /** Nothing was asked after all. */
  readonly onLeave: () => void;
}

const reasonCharsAtMost = 2_000;

/** Confirms an order in place, with the reason that it needs. */
export function Confirmation({ follows, stays, label, away, send, onLeave }: ConfirmationProps): ReactNode {
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
    await send(said);
    setSending(false);
  };
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onLeave();
  };
  return (
    <form className="confirmation" onSubmit={(event) => void submit(event)} onKeyDown={leave}>
      <p>{follows}</p>
      <label htmlFor={id}>Why? The reason stays {stays}.</label>
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
          {sending ? 'Asking' : label}
        </button>
        <button type="button" onClick={onLeave}>
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

import type { ReactNode } from 'preact/compat';
import { useRef, useState } from 'preact/compat';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { useSession } from '../frame/page-session.ts';
import { NextStep } from '../health/next-step.tsx';
import { feed } from '../live/browser.ts';
import { useConnectionIs } from '../live/use-live.ts';
import { Confirmation } from '../parts/confirmation.tsx';
import { Words } from '../parts/words.tsx';
import { alarmName, type Finding } from './drift-story.ts';
import { type Refusal, sendAcknowledge } from './send-drift.ts';

type Order = 'acknowledge' | 'new-reference';

const labels: Readonly<Record<Order, string>> = {
  acknowledge: 'Acknowledge',
  'new-reference': 'Set a new reference',
};

/** Orders of a person on one alarm, or on none: then only a new reference can be set. Each is confirmed in place. */
export function Acknowledging({
  view,
  alarm,
}: {
  readonly view: ServiceView;
  readonly alarm: Finding | null;
}): ReactNode {
  const [asked, setAsked] = useState<Order | null>(null);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const opener = useRef<HTMLDivElement>(null);
  const session = useSession();
  const away = !useConnectionIs('live');
  if (session !== null && !session.roles.includes('operate')) {
    return alarm === null ? null : <p className="sub">Whoever has the role operate acknowledges it.</p>;
  }
  const settle = (outcome: Refusal | 'done' | 'left'): void => {
    const isRefused = typeof outcome === 'object';
    setRefused(isRefused ? outcome : null);
    if (isRefused) return;
    setAsked(null);
    // With its alarm the button goes, too.
    const next = outcome === 'done' ? opener.current?.closest<HTMLElement>('.drift-scroll') : null;
    (next ?? opener.current?.querySelector('button'))?.focus();
  };
  const send = async (order: Order, reason: string): Promise<void> => {
    const { service, environment } = view;
    const named = alarm === null ? null : { kind: alarm.kind, name: alarm.name };
    const newReference = order === 'new-reference';
    const outcome = await sendAcknowledge({ service, environment, alarm: named, reason, newReference });
    if ('answer' in outcome) feed.heardDrift(outcome.answer);
    settle('answer' in outcome ? 'done' : outcome.refused);
  };
  const choose = (order: Order): void => {
    if (away) return;
    setRefused(null);
    setAsked(order);
  };
  const offered: readonly Order[] = alarm === null ? ['new-reference'] : ['acknowledge', 'new-reference'];
  return (
    <div className="drift-orders">
      <div className="steering-orders" role="group" aria-label={orderWords(alarm)} ref={opener}>
        {offered.map((order) => (
          <button
            key={order}
            type="button"
            aria-disabled={away}
            aria-expanded={asked === order}
            onClick={() => choose(order)}
          >
            {labels[order]}
          </button>
        ))}
        <span className="sub" role="status">
          {away ? 'The control plane is away: it takes no orders.' : ''}
        </span>
      </div>
      {asked === null ? null : (
        <Confirmation
          key={asked}
          follows={followsOf(asked, alarm)}
          stays="in the history"
          label={labels[asked]}
          away={away}
          send={(reason) => send(asked, reason)}
          onLeave={() => settle('left')}
        />
      )}
      {refused === null ? null : (
        <p className="steering-failed" role="alert">
          Not done: <Words text={refused.message} />
          {refused.next === null ? null : (
            <>
              . Next: <NextStep text={refused.next} />
            </>
          )}
        </p>
      )}
    </div>
  );
}

const orderWords = (alarm: Finding | null): string =>
  alarm === null ? 'Orders for the watch' : `Orders for the alarm of ${alarmName(alarm)}`;

const outside = 'It is told again once live data was inside in between. The evaluation evidence stays invalid. ';

/** What pressing it does, said before it is done. */
function followsOf(order: Order, alarm: Finding | null): string {
  const again = alarm === null ? '' : alarm.kind === 'distance' ? outside : `${alarmName(alarm)} is watched again. `;
  if (alarm?.kind === 'distance' && order === 'acknowledge') return again;
  return order === 'acknowledge'
    ? `${again}Windows are still compared with the same history.`
    : `${again}The history of windows begins anew: what comes now is what later windows are compared with.`;
}

import type { ReactNode } from 'preact/compat';
import { useEffect, useState } from 'preact/compat';
import { FleetHeader, Footer } from '../frame/header.tsx';
import { Connecting, GoneNotice } from '../live/connection-notice.tsx';
import { useConnectionIs, useFleet } from '../live/use-live.ts';
import { Section } from '../parts/section.tsx';
import { useTabTitle } from '../parts/tab.ts';
import { CostBody, CostControls } from './cost-part.tsx';
import { type Question, questionQuery, readQuestion } from './question.ts';
import { useCost } from './use-cost.ts';

/** Where the device time of all services goes. */
export function CostPage(): ReactNode {
  const isGone = useConnectionIs('gone');
  const fleet = useFleet((known) => known.fleet);
  useTabTitle('Cost · Plimsoll');
  return (
    <>
      <a className="skip" href="#main">
        Skip to the account
      </a>
      <FleetHeader page="cost" />
      <main id="main" tabIndex={-1} data-old={isGone || undefined}>
        {fleet === null ? <Connecting /> : <FleetCost />}
      </main>
      <Footer plimsollVersion={fleet?.plimsollVersion} />
      <GoneNotice>{fleet === null ? null : 'Gateways and replicas do not need it to go on serving.'}</GoneNotice>
    </>
  );
}

/** Asks only once the control plane answers this page: before that, whoever opened it may not be signed in yet. */
function FleetCost(): ReactNode {
  const [question, look] = useQuestion();
  const known = useCost(question, 'fleet');
  return (
    <Section
      id="cost"
      title="Device time and idle"
      aside={<CostControls question={question} splits={['state', 'service']} onChange={look} />}
    >
      <CostBody known={known} isFleet />
    </Section>
  );
}

/** How the account is looked at, kept in the address. */
function useQuestion(): [Question, (change: Partial<Question>) => void] {
  const [question, setQuestion] = useState(() => readQuestion(location.search));
  useEffect(() => {
    history.replaceState(null, '', location.pathname + questionQuery(question) + location.hash);
  }, [question]);
  return [question, (change) => setQuestion((before) => ({ ...before, ...change }))];
}

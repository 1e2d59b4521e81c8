import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import { fromRoot } from '../frame/address.ts';
import { Section } from '../parts/section.tsx';
import { CostBody, CostControls } from './cost-part.tsx';
import type { Question } from './question.ts';
import { useCost } from './use-cost.ts';

/** Where the device time of one service goes. Before its first release it has held nothing. */
export function Cost({ inFleet }: { readonly inFleet: boolean }): ReactNode {
  const [question, setQuestion] = useState<Question>({ last: '24h', by: 'state' });
  const known = useCost(question, 'service');
  return (
    <Section
      id="cost"
      title="Cost"
      aside={
        <CostControls
          question={question}
          splits={['state', 'release']}
          onChange={(change) => setQuestion((before) => ({ ...before, ...change }))}
        />
      }
    >
      <CostBody known={known} isFleet={false} />
      {inFleet ? (
        <p className="sub cost-fleet">
          <a href={fromRoot('cost')}>Cost of the whole fleet</a>
        </p>
      ) : null}
    </Section>
  );
}

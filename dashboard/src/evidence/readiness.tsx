import type { ReactNode } from 'preact/compat';
import type { ReadinessAnswer } from '../../../src/core/readiness/readiness.ts';
import { Clipped } from '../parts/clipped.tsx';
import { Command } from '../parts/copy.tsx';
import { CheckGlyph, CrossGlyph, QuestionGlyph } from '../parts/glyphs.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { Words } from '../parts/words.tsx';

/** `plimsoll doctor` fails at this many: "carrying risk it cannot see". */
const gapLimit = 3;

export function Readiness({ answers }: { readonly answers: readonly ReadinessAnswer[] }): ReactNode {
  const gaps = answers.filter((answer) => answer.answer !== 'yes').length;
  if (answers.length === 0) {
    return (
      <Section id="readiness" title="Readiness">
        <Empty command={<Command text="plimsoll doctor" />}>
          Not answered yet. The six answers come from the contract and the evidence of the live release. Answer them for
          your checkout:
        </Empty>
      </Section>
    );
  }
  return (
    <Section id="readiness" title="Readiness" aside={`${answers.length - gaps} of ${answers.length} answered yes`}>
      <div className="readiness">
        <LoadLine gaps={gaps} questions={answers.length} />
        <ol className="questions">
          {answers.map((answer) => (
            <Question key={answer.question} answer={answer} />
          ))}
        </ol>
      </div>
    </Section>
  );
}

const words = { yes: 'yes', no: 'no', 'not-measured': 'not measured' } as const;

function Question({ answer }: { readonly answer: ReadinessAnswer }): ReactNode {
  return (
    <li className={`question answer-${answer.answer}`}>
      <span className="question-glyph">
        {answer.answer === 'yes' ? <CheckGlyph /> : answer.answer === 'no' ? <CrossGlyph /> : <QuestionGlyph />}
      </span>
      <div>
        <p className="question-text">
          {answer.text} <span className="question-answer">{words[answer.answer]}</span>
        </p>
        <Clipped className="sub" lines={2} what={`the reason: ${answer.text}`}>
          <Words text={answer.reason} />
        </Clipped>
        {answer.command === undefined ? null : <Command text={answer.command} />}
      </div>
    </li>
  );
}

/**
 * The questions that are open, as a load: a ship may be loaded until the water reaches the line; so may a service carry
 * open questions, until there are three.
 */
function LoadLine({ gaps, questions }: { readonly gaps: number; readonly questions: number }): ReactNode {
  const overloaded = gaps >= gapLimit;
  const height = 168;
  const step = height / Math.max(questions, 1);
  const water = height - gaps * step;
  const line = height - gapLimit * step;
  const label = overloaded
    ? `${gaps} open questions: at or over the line of ${gapLimit}. This service carries risk it cannot see.`
    : `${gaps} open questions: under the line of ${gapLimit}.`;
  return (
    <svg
      className={overloaded ? 'load-line overloaded' : 'load-line'}
      viewBox="0 -10 56 190"
      width="56"
      height="190"
      role="img"
      aria-label={label}
    >
      <rect className="load-water" x="10" y={water} width="36" height={height - water} />
      <rect className="load-hull" x="10" y="0" width="36" height={height} />
      {Array.from({ length: questions + 1 }, (_, tick) => (
        <line key={tick} className="load-tick" x1="4" x2="10" y1={tick * step} y2={tick * step} />
      ))}
      <circle className="load-ring" cx="28" cy={line} r="10" />
      <line className="load-mark" x1="2" x2="54" y1={line} y2={line} />
    </svg>
  );
}

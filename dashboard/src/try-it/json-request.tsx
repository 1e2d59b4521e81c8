import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { Answer, Failed } from './answer.tsx';
import type { TryOutcome } from './infer-answer.ts';
import { chatText, requestOf, requestText } from './infer-request.ts';
import { ScoreBars } from './score-bars.tsx';
import { sendTry } from './send-try.ts';

interface JsonRequestProps {
  readonly view: ServiceView;
  /** Of the model's file, or as its server tells it; null where neither does. */
  readonly signature: ServiceView['signature'];
}

/** For a model that no drawing fits: a request in JSON, prefilled from the signature so that it is valid as it stands. */
export function JsonRequest({ view, signature }: JsonRequestProps): ReactNode {
  const isChat = view.protocol === 'openai';
  const prefilled = isChat ? chatText(view.model) : requestText(requestOf(signature));
  const [edited, setEdited] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<TryOutcome | null>(null);
  const text = edited ?? prefilled;
  const send = async (): Promise<void> => {
    if (sending) return;
    const wrong = jsonProblem(text);
    if (wrong !== null) {
      setOutcome({ kind: 'failure', answer: null, failure: { title: 'Not JSON', detail: wrong, next: null } });
      return;
    }
    setSending(true);
    setOutcome(await sendTry(text));
    setSending(false);
  };
  return (
    <div className="json-try">
      <label htmlFor="try-request">
        Request
        {isChat
          ? ', as the OpenAI protocol has it'
          : signature === null
            ? ', without a signature to go by'
            : view.signature === null
              ? ', from what the server says that it takes'
              : ', from the model’s signature'}
      </label>
      <textarea
        id="try-request"
        spellcheck={false}
        value={text}
        rows={10}
        onChange={(event) => setEdited(event.currentTarget.value)}
      />
      <div className="try-actions">
        <button type="button" className="primary" aria-disabled={sending} onClick={() => void send()}>
          {sending ? 'Sending' : 'Send'}
        </button>
        <button type="button" aria-disabled={edited === null} onClick={() => setEdited(null)}>
          Start over
        </button>
      </div>
      <div className="try-outcome" role="status">
        {outcome === null ? (
          <p className="dim">The answer appears here.</p>
        ) : outcome.kind === 'answer' ? (
          <Answer answer={outcome.answer} scores={outcome.scores} />
        ) : (
          <Failed failure={outcome.failure} answer={outcome.answer} />
        )}
      </div>
      {outcome?.kind === 'answer' && outcome.scores !== null ? (
        <ScoreBars scores={outcome.scores} count={outcome.scores.values.length} />
      ) : null}
      {outcome?.kind === 'answer' ? <AnswerText body={outcome.answer.body} /> : null}
    </div>
  );
}

function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'The text is not JSON.';
  }
}

const maxAnswerChars = 20_000;

function AnswerText({ body }: { readonly body: unknown }): ReactNode {
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 1);
  return (
    <pre className="answer-text" tabIndex={0} role="group" aria-label="Answer">
      {text.length > maxAnswerChars
        ? `${text.slice(0, maxAnswerChars)}\n… ${text.length - maxAnswerChars} more characters`
        : text}
    </pre>
  );
}

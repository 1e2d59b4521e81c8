import type { ReactNode } from 'preact/compat';
import { useMemo, useState } from 'preact/compat';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { Answer, Failed } from './answer.tsx';
import { Command } from '../parts/copy.tsx';
import { digitImage, type Stroke } from './digit.ts';
import { DrawingPad, type DrawingPadProps } from './drawing-pad.tsx';
import type { TryOutcome } from './infer-answer.ts';
import { digitInput, digitRequest } from './infer-request.ts';
import { JsonRequest } from './json-request.tsx';
import { PixelPreview } from './pixel-preview.tsx';
import { ScoreBars } from './score-bars.tsx';
import { SampleDigits } from './sample-choice.tsx';
import { sampleStrokes } from './sample-digits.ts';
import { Empty, Section } from '../parts/section.tsx';
import { sendTry } from './send-try.ts';
import { useSignature } from './use-signature.ts';

/** Ask the live service something, through the gateway, as any client would. */
export function TryIt({ view }: { readonly view: ServiceView }): ReactNode {
  const live = view.deployment?.live ?? null;
  const isComing = (view.deployment?.incoming ?? null) !== null;
  const isChat = view.protocol === 'openai';
  const signature = useSignature(view);
  const input = useMemo(() => (isChat ? null : digitInput(signature)), [isChat, signature]);
  const title = input === null ? 'Try it' : 'Try it: draw a digit';
  return (
    <Section id="try-it" title={title}>
      {live === null ? (
        <Empty command={isComing ? null : <Command text="plimsoll release" />}>
          Nothing is live, so there is nothing to ask yet.
        </Empty>
      ) : view.gatewayUrl === null ? (
        <Empty command={<Command text="plimsoll up" />}>
          No gateway is connected: a request has no way to a replica.
        </Empty>
      ) : input === null ? (
        <JsonRequest view={view} signature={signature} />
      ) : (
        <DigitTry input={input} />
      )}
    </Section>
  );
}

/** Units of the pad's own coordinates, whatever its size on the screen. */
const padSize = 280;

function DigitTry({ input }: { readonly input: NonNullable<ReturnType<typeof digitInput>> }): ReactNode {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [sample, setSample] = useState<number | null>(null);
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<TryOutcome | null>(null);
  const image = useMemo(() => digitImage(strokes), [strokes]);
  const drawn = strokes.length > 0;

  const draw: DrawingPadProps['onDraw'] = (change) => {
    setStrokes(change);
    setSample(null);
    setOutcome(null);
  };
  const send = async (): Promise<void> => {
    if (!drawn || sending) return;
    setSending(true);
    setOutcome(await sendTry(JSON.stringify(digitRequest(input, image))));
    setSending(false);
  };
  const choose = (digit: number): void => {
    draw(() => sampleStrokes(digit, padSize));
    setSample(digit);
  };
  const clear = (): void => draw(() => []);

  return (
    <div className="digit-try">
      <DrawingPad
        size={padSize}
        strokes={strokes}
        onDraw={draw}
        onSample={choose}
        onClear={clear}
        onSend={() => void send()}
      />
      <div className="digit-side">
        <PixelPreview image={image} />
        <button type="button" className="primary" aria-disabled={!drawn || sending} onClick={() => void send()}>
          {sending ? 'Sending' : 'Send'}
        </button>
        <button type="button" aria-disabled={!drawn} onClick={clear}>
          Clear
        </button>
      </div>
      <SampleDigits chosen={sample} onChoose={choose} />
      <ScoreBars scores={outcome?.kind === 'answer' ? outcome.scores : null} count={10} />
      <div className="try-outcome" role="status">
        {outcome === null ? (
          <p className="dim">
            {drawn
              ? 'Send it through the gateway to see which digit it reads.'
              : 'Draw with mouse, finger or pen, or take a sample.'}
          </p>
        ) : outcome.kind === 'answer' ? (
          <Answer answer={outcome.answer} scores={outcome.scores} />
        ) : (
          <Failed failure={outcome.failure} answer={outcome.answer} />
        )}
      </div>
    </div>
  );
}

import { useState } from 'preact/compat';
import type { TrySignature } from '../../../src/schemas/http/http-control-plane.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { ofService } from '../frame/address.ts';
import { useRepeated } from '../live/use-repeated.ts';

/** A server that does not tell yet may tell once it is ready. */
const everyMs = 30_000;
const answerTimeoutMs = 10_000;

/** Returns the signature of the live model; where its file does not tell one, what the server says that it takes. */
export function useSignature({ signature, protocol, deployment }: ServiceView): ServiceView['signature'] {
  const live = deployment?.live ?? null;
  const [told, setTold] = useState<{ release: number; signature: ServiceView['signature'] } | null>(null);
  const known = told?.release === live ? (told?.signature ?? null) : null;
  const asks = signature === null && protocol !== 'openai' && live !== null;
  useRepeated(
    (leaving) => {
      if (!asks || known !== null) return;
      void askServer(leaving).then((answer) => {
        if (!leaving.aborted) setTold({ release: live, signature: answer });
      });
    },
    everyMs,
    `${asks} ${live}`,
  );
  return signature ?? (asks ? known : null);
}

/** Null where nobody answered, too: the request is then written by hand. */
async function askServer(leaving: AbortSignal): Promise<ServiceView['signature']> {
  const signal = AbortSignal.any([leaving, AbortSignal.timeout(answerTimeoutMs)]);
  try {
    const response = await fetch(ofService('v1/try'), { signal, cache: 'no-store' });
    return response.ok ? ((await response.json()) as TrySignature).signature : null;
  } catch {
    return null;
  }
}

import * as z from 'zod';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import { readSecretReference } from '../../core/contract/secret-grant.ts';
import { readAddress } from '../../core/monitoring/notify/notify-hosts.ts';
import { addIssue, type IssueFacts } from './contract-forms.ts';

const notifyKinds = ['webhook', 'slack', 'alertmanager'] as const;

/** A URL, or a secret whose value is one. */
const address = () => z.string().min(1).max(2_000);

/** One element of `monitoring.notify`. */
export const notifyTarget = () =>
  z
    .strictObject({
      webhook: address().optional(),
      slack: address().optional(),
      alertmanager: address().optional(),
      secret: z.string().min(1).max(300).optional(),
    })
    .transform((target, context): NotifyTarget => {
      const refuse = (message: string, facts: IssueFacts, path: readonly string[] = []): never => {
        addIssue(context.issues, target, message, facts, path);
        return z.NEVER;
      };
      const [kind, another] = notifyKinds.filter((each) => target[each] !== undefined);
      if (kind === undefined || another !== undefined) {
        return refuse('a target is one place', { code: 'contradiction', expected: oneKind });
      }
      const { secret, [kind]: text = '' } = target;
      if (readSecretReference(text) === null && readAddress(text) === null) {
        return refuse('this is no place that alerts can be sent to', { expected: placeForm }, [kind]);
      }
      if (kind !== 'webhook') {
        return secret === undefined
          ? { kind, address: text }
          : refuse('`secret` signs what is sent to a `webhook`', { expected: 'no `secret` here' }, ['secret']);
      }
      return secret !== undefined && readSecretReference(secret) !== null
        ? { kind, address: text, secret }
        : refuse('what is sent to a webhook is signed', { expected: '`secret: secret/NAME#KEY`' }, ['secret']);
    });

const oneKind = '`webhook`, `slack` or `alertmanager`, and not two of them';
const placeForm = 'an http or https URL without a user name, or `secret/NAME#KEY` whose value is one';

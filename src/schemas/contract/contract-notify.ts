import * as z from 'zod';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import { readSecretReference } from '../../core/contract/secrets/secret-grant.ts';
import { readAddress, readMailServer } from '../../core/monitoring/notify/notify-hosts.ts';
import { addIssue, type IssueFacts } from './contract-forms.ts';

const notifyKinds = ['webhook', 'slack', 'alertmanager', 'smtp'] as const;

/** A URL, or a secret whose value is one. */
const address = () => z.string().min(1).max(2_000);

/** A mail address in the form that every server takes. No space, no line end, no angle bracket: it goes into commands and headers. */
const mailbox = () =>
  z
    .string()
    .max(254)
    .regex(
      /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/,
      'a mail address: `ops@example.com`',
    );

/** One element of `monitoring.notify`. */
export const notifyTarget = () =>
  z
    .strictObject({
      webhook: address().optional(),
      slack: address().optional(),
      alertmanager: address().optional(),
      smtp: address().optional(),
      from: mailbox().optional(),
      to: z.union([mailbox(), z.array(mailbox()).min(1).max(20)]).optional(),
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
      const { secret, from, to, [kind]: text = '' } = target;
      if (kind === 'smtp') {
        if (readMailServer(text) === null) return refuse('this is no server of mail', { expected: mailForm }, [kind]);
        if (from === undefined || to === undefined) {
          return refuse('a mail has a sender and receivers', { expected: '`from: ADDRESS` and `to: ADDRESS`' });
        }
        if (secret !== undefined && readSecretReference(secret) === null) {
          return refuse('a login is a secret', { expected: '`secret/NAME#KEY`, whose value is `user:password`' }, [
            'secret',
          ]);
        }
        const receivers = typeof to === 'string' ? [to] : to;
        return { kind, address: text, from, to: receivers, login: secret ?? null };
      }
      if (from !== undefined || to !== undefined) {
        return refuse('only `smtp` has a sender and receivers', { expected: 'no `from` and no `to` here' });
      }
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

const oneKind = '`webhook`, `slack`, `alertmanager` or `smtp`, and not two of them';
const mailForm = '`smtp://HOST:PORT` or `smtps://HOST:PORT`, without a user name';
const placeForm = 'an http or https URL without a user name, or `secret/NAME#KEY` whose value is one';

import { createHmac } from 'node:crypto';
import { describeAlert, type Alert, type AlertMessage } from '../../core/monitoring/notify/alert.ts';

/** A request to a target, without its address. */
export interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json' };
const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * A signed request: `plimsoll-signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` by the secret.
 * A receiver that checks the seconds too cannot be sent an old message again.
 */
export function webhookRequest(message: AlertMessage, secret: string, nowMs: number): WireRequest {
  const body = JSON.stringify({
    version: 1,
    id: message.id,
    service: message.service,
    environment: message.environment,
    test: message.isTest,
    alerts: message.alerts.map(webhookAlert),
  });
  const seconds = Math.floor(nowMs / 1_000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const headers = { ...json, 'plimsoll-message': message.id, 'plimsoll-signature': `t=${seconds},v1=${signature}` };
  return { headers, body };
}

function webhookAlert({ name, key, severity, summary, next, startedAtMs, resolvedAtMs }: Alert): object {
  return {
    ...{ name, key, severity, summary, next, status: resolvedAtMs === null ? 'firing' : 'resolved' },
    startedAt: iso(startedAtMs),
    resolvedAt: resolvedAtMs === null ? null : iso(resolvedAtMs),
  };
}

const linesAtMost = 20;

/** Slack's incoming webhooks, and what takes the same: Mattermost, Discord at `/slack`, Rocket.Chat. */
export function slackRequest({ alerts, isTest }: AlertMessage): WireRequest {
  const lines = alerts.slice(0, linesAtMost).map((alert) => `${isTest ? 'Test: ' : ''}${describeAlert(alert)}`);
  const more = alerts.length > linesAtMost ? [`and ${alerts.length - linesAtMost} more`] : [];
  const text = [...lines, ...more].join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { headers: json, body: JSON.stringify({ text }) };
}

/** An Alertmanager forgets an alert at its end. One that stands is sent again before. */
const standsMs = 3_600_000;
const testStandsMs = 60_000;

/** The list of alerts that `POST /api/v2/alerts` takes: the same labels again are the same alert. */
export function alertmanagerRequest({ alerts, isTest }: AlertMessage, nowMs: number): WireRequest {
  const body = alerts.map(
    ({ name, service, environment, severity, key, summary, next, startedAtMs, resolvedAtMs }) => ({
      labels: { alertname: name, service, environment, key },
      annotations: { summary, severity, ...(next === null ? {} : { next }) },
      startsAt: iso(startedAtMs),
      endsAt: iso(resolvedAtMs ?? nowMs + (isTest ? testStandsMs : standsMs)),
    }),
  );
  return { headers: json, body: JSON.stringify(body) };
}

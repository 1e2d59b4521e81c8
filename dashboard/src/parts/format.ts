/**
 * Numbers and times as people read them. Each function has one shape of answer, so that a column of them lines up.
 */

/** `0.4 ms`, `812 ms`, `3.2 s`, `42 s`, `3 min 5 s`, `2 h 5 min`, `3 d 2 h`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 9.95) return `${trimZero(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${trimZero((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
}

function twoUnits(count: number, per: number, large: string, small: string): string {
  const rest = count % per;
  return `${Math.floor(count / per)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, '');
}

/** Whole seconds at least: an age that flickers between 0.3 s and 0.7 s tells nobody anything. */
export function formatAge(ageMs: number): string {
  const wholeSecondsMs = Math.floor(Math.max(0, ageMs) / 1000) * 1000;
  return wholeSecondsMs === 0 ? 'now' : `${formatDuration(wholeSecondsMs)} ago`;
}

/** `0`, `0.4`, `42`, `1.2k`; a dash where it is unknown, never zero. */
export function formatCount(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (size >= 9_950) return `${Math.round(value / 1000)}k`;
  if (size >= 999.5) return `${trimZero((value / 1000).toFixed(1))}k`;
  if (size >= 9.95) return String(Math.round(value));
  return trimZero(value.toFixed(1));
}

/** Milliseconds without their unit, for a column whose head names it. */
export function formatMs(value: number | null): string {
  if (value === null) return '–';
  return value < 9.95 ? value.toFixed(1) : formatCount(value);
}

export function formatShare(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)}%`;
}

/** A probability to one decimal of a percent; 99.95% and more but less than all stays `>99.9%`. */
export function formatProbability(share: number): string {
  const percent = share * 100;
  if (percent >= 99.95 && share < 1) return '>99.9%';
  return `${percent.toFixed(1)}%`;
}

/** The same on the narrow top of a bar: `0%`, `7%`, `>99%`. */
export function formatBarShare(share: number): string {
  return share > 0.99 && share < 1 ? '>99%' : formatShare(share);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 9.95 || unit === 0 ? Math.round(value) : trimZero(value.toFixed(1))} ${units[unit] ?? ''}`;
}

/** Local time of day, 24 hours: `14:02:11`. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
}

/** `14:02` today, else `3 Nov 14:02`; the year where it is another one. */
export function formatMoment(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  const clock = `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
  if (isToday(atMs, nowMs)) return clock;
  const day = `${at.getDate()} ${months[at.getMonth()] ?? ''}`;
  return at.getFullYear() === now.getFullYear() ? `${day} ${clock}` : `${day} ${at.getFullYear()}`;
}

/** First moment of the local day. */
export function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

export function isToday(atMs: number, nowMs: number): boolean {
  return new Date(atMs).toDateString() === new Date(nowMs).toDateString();
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function formatDay(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getDate()} ${months[at.getMonth()] ?? ''} ${at.getFullYear()}`;
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Twelve hexadecimal digits, as everywhere in Plimsoll; the whole digest goes into the copy button. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** The last part of a replica's id: the set before it is the same for all of its replicas. */
export function shortReplica(replicaId: string): string {
  return replicaId.split('-').at(-1) ?? replicaId;
}

/** `1 replica`, `3 replicas`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share of the traffic as a contract writes it: `5%`, `0.5%`, `100%`. */
export function formatStepShare(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

/** `0.31%`: enough places to tell a share of errors from its margin; a dash where it is unknown. */
export function formatFineShare(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(2)}%`;
}

/** With its sign, in hundredths: `+0.12`, `−3.4`, `0`. */
export function formatHundredths(share: number): string {
  const size = Math.abs(share * 100);
  const text = trimZero(size >= 9.95 ? size.toFixed(0) : size >= 0.995 ? size.toFixed(1) : size.toFixed(2));
  if (Number(text) === 0) return '0';
  return `${share < 0 ? '−' : '+'}${text}`;
}

/** Digits in groups of three: `12,345`. */
export function formatWhole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

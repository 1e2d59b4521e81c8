import { moneyText } from '../exchange/money-text.ts';

/** Returns money for people: two digits after the point, six below 1, so that little is not shown as nothing. `1.32 EUR`. */
export function formatMoney(micros: number, currency: string): string {
  const isSmall = micros !== 0 && Math.abs(micros) < 1_000_000;
  return `${isSmall ? moneyText(Math.round(micros)) : (micros / 1_000_000).toFixed(2)} ${currency}`;
}

import { shortMoneyText } from '../exchange/money-text.ts';

/** Returns money for people, as `1.32 EUR`. */
export const formatMoney = (micros: number, currency: string): string => `${shortMoneyText(micros)} ${currency}`;

import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Address } from '../engine/send/addresses.ts';

export interface PhoneNumber {
  /** `+821012345678`. */
  e164: string;
  /** As it is dialled inside its country, digits only: `01012345678`. */
  national: string;
  /** `82`. */
  callingCode: string;
}

/** The message's telephone number; null where it is none. One without a country code is at home in `region`. */
export function phoneOf(to: readonly Address[], region: string): PhoneNumber | null {
  const value = to.find(({ kind }) => kind === 'phone')?.value;
  if (typeof value !== 'string') return null;
  const home: CountryCode = isSupportedCountry(region) ? region : 'KR';
  const parsed = parsePhoneNumberFromString(value, home);
  if (!parsed?.isPossible()) return null;
  return {
    e164: parsed.number,
    national: parsed.formatNational().replace(/\D/g, ''),
    callingCode: parsed.countryCallingCode,
  };
}

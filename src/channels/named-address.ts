/** The address of a message that names a person, written in the one way that reports of it are compared by. */
import type { NamedAddress } from '../protocol/address-key.ts';
import type { OutgoingMessage } from './channel.ts';
import { emailOf } from './email.ts';
import { phoneOf } from './phone.ts';

/** Null for devices, and where there is none or it is no address. */
export function addressOf({ to }: Pick<OutgoingMessage, 'to'>, region: string): NamedAddress | null {
  const [first] = to;
  switch (first?.kind) {
    case 'email': {
      const value = emailOf(to);
      return value === null ? null : { kind: 'email', value };
    }
    case 'phone': {
      const phone = phoneOf(to, region);
      return phone && { kind: 'phone', value: phone.e164 };
    }
    case 'line':
      return { kind: 'line', value: String(first.value) };
    default:
      return null;
  }
}

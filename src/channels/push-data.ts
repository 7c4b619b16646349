import type { OutgoingMessage } from './channel.ts';
import { textOf } from './provider.ts';

/** What every push carries for the app: opening it is `Message Clicked` with this `message_id`. All values are text. */
export function pushData(message: OutgoingMessage): { message_id: string; trigger: string; link?: string } {
  const link = textOf(message.content, 'link');
  return { message_id: message.id, trigger: message.trigger, ...(link !== undefined && { link }) };
}

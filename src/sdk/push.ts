/** Web push: the browser's subscription becomes a device of the user's. */
import type { Caller } from './call.ts';
import type { Identity } from './identity.ts';
import { keepReporter } from './push-reporter.ts';
import type { ClientOptions, PushOptions } from './types.ts';

/** Null where the visitor, the browser or the network says no. */
export async function enablePush(
  { registration, publicKey }: PushOptions,
  { endpoint, writeKey }: ClientOptions,
  caller: Caller,
  { anonymousId, userId }: Identity,
): Promise<string | null> {
  try {
    if ((await Notification.requestPermission()) !== 'granted') return null;
    // First: a push may come as soon as there is a subscription. Without a place to keep it, pushes are shown all the same.
    await keepReporter({ endpoint, writeKey, anonymousId, userId }).catch(() => {});
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: publicKey,
    });
    const { body } = await caller.call(
      'POST',
      '/v1/devices',
      {},
      {
        ...(userId === null ? { anonymousId } : { userId }),
        type: 'web_push',
        subscription: subscription.toJSON(),
        platform: 'web',
        locale: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
    );
    return typeof body?.id === 'string' ? body.id : null;
  } catch {
    return null;
  }
}

/**
 * What the shop's own backend would do, and what its owner and marketer see. The keys are the fixed ones of development:
 * a deployment refuses them, and this page with them.
 */
interface Trace {
  id: string;
  reason: string;
  text: string;
}

export interface Decision {
  event: { messageId: string; name: string; timestamp: string };
  triggers: Trace[];
}

export interface Delivery {
  id: string;
  trigger: string;
  channel: string;
  status: string;
  reason: string;
  createdAt: string;
  content: { title?: string; body?: string; subject?: string; text?: string; link?: string } | null;
}

/** Null where the server doesn't answer, or says no. */
async function call<T>(key: string, method: string, path: string, body?: unknown): Promise<T | null> {
  try {
    const response = await fetch(path, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}

export interface Offer {
  price: number;
  stock: number;
}

export async function readItem(id: string): Promise<Offer | null> {
  const found = await call<{ item?: Offer } & Offer>('sk_dev', 'GET', `/v1/items/${id}`);
  return found && (found.item ?? found);
}

export function writeItem(id: string, change: Partial<Offer>): Promise<unknown> {
  return call('sk_dev', 'PUT', `/v1/items/${id}`, change);
}

export function writeConsents(profile: string, purposes: string[]): Promise<unknown> {
  const consents = purposes.map((purpose) => ({ channel: 'push', purpose, granted: true, source: 'demo' }));
  return call('sk_dev', 'PUT', `/v1/profiles/${encodeURIComponent(profile)}/consents`, consents);
}

export async function readDecisions(profile: string, language: string): Promise<Decision[] | null> {
  const path = `/admin/api/profiles/${encodeURIComponent(profile)}/decisions?limit=30&language=${language}`;
  return (await call<{ items: Decision[] }>('at_dev', 'GET', path))?.items ?? null;
}

export async function readDeliveries(profile: string): Promise<Delivery[] | null> {
  const path = `/admin/api/deliveries?userId=${encodeURIComponent(profile)}&limit=20`;
  return (await call<{ items: Delivery[] }>('at_dev', 'GET', path))?.items ?? null;
}

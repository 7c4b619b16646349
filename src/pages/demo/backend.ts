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
  createdAt: string;
  content: { [name: string]: unknown } | null;
}

export interface Offer {
  price: number;
  stock: number;
}

interface Answer<T> {
  /** 0 where none came. */
  status: number;
  body: T | null;
}

async function call<T>(key: string, method: string, path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: response.ok ? ((await response.json()) as T) : null };
  } catch {
    return { status: 0, body: null };
  }
}

export function readItem(id: string): Promise<Answer<Offer>> {
  return call('sk_dev', 'GET', `/v1/items/${id}`);
}

/** True where it was written. */
export async function writeItem(id: string, change: Partial<Offer>): Promise<boolean> {
  return (await call('sk_dev', 'PUT', `/v1/items/${id}`, change)).body !== null;
}

/** What was left unticked is written as well: it takes back what was granted before. */
export function writeConsents(userId: string, push: boolean, night: boolean): Promise<unknown> {
  const consent = { channel: 'push', source: 'demo-shop' };
  return call('sk_dev', 'PUT', `/v1/profiles/${encodeURIComponent(userId)}/consents`, [
    { ...consent, purpose: 'marketing', granted: push },
    { ...consent, purpose: 'marketing_night', granted: push && night },
  ]);
}

/** Newest first; null where the server doesn't answer. */
export async function readDecisions(profile: string, language: string): Promise<Decision[] | null> {
  const path = `/admin/api/profiles/${encodeURIComponent(profile)}/decisions?limit=30&lang=${language}`;
  return (await call<{ items: Decision[] }>('at_dev', 'GET', path)).body?.items ?? null;
}

export async function readDeliveries(profile: string): Promise<Delivery[] | null> {
  const path = `/admin/api/deliveries?userId=${encodeURIComponent(profile)}&limit=20`;
  return (await call<{ items: Delivery[] }>('at_dev', 'GET', path)).body?.items ?? null;
}

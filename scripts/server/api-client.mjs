/**
 * @param {string} url  the server's address
 * @param {string} key  a server key or an admin token
 * @returns {(method: string, path: string, body?: object, options?: { allow?: number[] }) => Promise<Response>}
 *   answers with the response, its body read already; throws for a status that is neither 2xx nor allowed
 */
export function createApiClient(url, key) {
  return async (method, path, body, { allow = [] } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok && !allow.includes(response.status)) {
      throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    }
    return response;
  };
}

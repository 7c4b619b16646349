/** A JSON answer. `no-store`: whatever the edge answers is about one user or one moment. */
export function jsonResponse(body: unknown, status = 200): Response {
  return jsonText(JSON.stringify(body), status);
}

/** The same from finished JSON text. */
export function jsonText(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

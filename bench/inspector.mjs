/** The inspector protocol over workerd's socket, as far as a profile needs it. */

/**
 * @param {URL} url      Miniflare's inspector
 * @param {string} worker  the Worker's name
 * @returns {Promise<{ call(method: string, params?: object): Promise<any>, close(): void }>}
 */
export async function connectInspector(url, worker) {
  const targets = await (await fetch(`http://${url.host}/json`)).json();
  const target = targets.find(({ id, title }) => `${id} ${title}`.includes(worker));
  if (!target) throw new Error(`No ${worker} among ${targets.map(({ title }) => title).join(', ')}.`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('The inspector refused.')), { once: true });
  });
  const waiting = new Map();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  });
  return {
    call: (method, params = {}) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        socket.send(JSON.stringify({ id: lastId, method, params }));
      }),
    close: () => socket.close(),
  };
}

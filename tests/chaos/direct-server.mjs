/**
 * Reflex on a socket of its own. The front that Miniflare puts before a server, for static files, costs as much as a whole
 * request of ours and refuses nothing: overload would be its, and nowhere to be seen in the answers.
 *
 *   node direct-server.mjs STATE_DIR     prints `ready URL PID`, where PID is workerd's; ends on SIGTERM
 */
import { startBench } from '../../bench/start-bench.mjs';
import { seed } from '../../scripts/seed-demo.mjs';
import { migrate } from '../../scripts/server/migrate.mjs';

const stateDir = process.argv[2];
const { runtime, pid, urls } = await startBench({ stateDir, sinkUrl: 'http://127.0.0.1' });
process.once('SIGTERM', async () => {
  await runtime.dispose();
  process.exit(0);
});
await migrate(await runtime.getD1Database('DB'));
await seed({ url: urls.reflex, stateDir, demo: false });
process.stdout.write(`ready ${urls.reflex} ${pid}\n`);

/**
 * Which folder of src/ may import which: the architecture, as data. A slice reaches another only by RPC, by queue, or
 * through what index.ts, the one composition root, hands to it.
 */

/** Folders whose code may be used, besides a folder's own. */
const LAYERS = {
  engine: [],
  // A browser's: it knows Reflex by HTTP alone.
  sdk: [],
  // Of the engine the forms of documents and the words for conditions; they know a deployment by HTTP alone.
  pages: ['engine', 'sdk'],
  protocol: ['engine'],
  objects: ['engine', 'protocol'],
  channels: ['engine', 'protocol'],
  store: ['engine', 'protocol'],
  profiles: ['engine', 'protocol', 'objects', 'store'],
  catalog: ['engine', 'protocol', 'objects', 'store'],
  registry: ['engine', 'protocol', 'objects'],
  scheduler: ['engine', 'protocol', 'objects', 'store'],
  limiter: ['engine', 'protocol', 'objects'],
  fanout: ['engine', 'protocol'],
  http: ['engine', 'protocol'],
  ingest: ['engine', 'protocol', 'http'],
  dispatch: ['engine', 'protocol', 'http', 'store', 'channels'],
  callbacks: ['engine', 'protocol', 'http', 'store', 'channels'],
  // A deployment in memory: what the slices are made of, without their objects.
  simulate: ['engine', 'protocol', 'http', 'store', 'profiles', 'catalog', 'dispatch', 'ingest'],
  admin: ['engine', 'protocol', 'http', 'store', 'simulate'],
};

/** Folders of which `import type` may be taken as well: index.ts hands the values over. */
const TYPES_OF = {
  ingest: ['store'],
};

/** The only packages that a folder may use. A package under two names is its code and its types. */
const PACKAGES = {
  engine: ['mustache', '@types/mustache', 'temporal-polyfill'],
  protocol: ['zod'],
  channels: ['@block65/webcrypto-web-push', 'aws4fetch', 'jose', 'libphonenumber-js'],
  objects: ['cloudflare:workers'],
  profiles: ['cloudflare:workers'],
  catalog: ['cloudflare:workers'],
  registry: ['cloudflare:workers'],
  scheduler: ['cloudflare:workers'],
  limiter: ['cloudflare:workers'],
  dispatch: ['zod'],
  http: ['itty-router', 'zod'],
  ingest: ['jose', 'zod'],
  simulate: ['zod'],
  admin: ['zod'],
  pages: ['preact', '@preact/signals'],
};

const TEST = '\\.test\\.ts$';
const inFolders = (names) => `^src/(${names.join('|')})/`;
const inPackages = (names) => `(^|/)(${names.join('|')})(/|$)`;
const inside = (name) => ({ path: inFolders([name]), pathNot: TEST });

const foldersOf = ([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `${name}/ may import ${[...allowed, ...(TYPES_OF[name] ?? [])].join(', ') || 'no other folder'}.`,
  severity: 'error',
  from: inside(name),
  to: { path: '^src/[^/]+/', pathNot: inFolders([name, ...allowed, ...(TYPES_OF[name] ?? [])]) },
});

const typesOf = ([name, targets]) => ({
  name: `layer-${name}-types`,
  comment: `${name}/ may take types of ${targets.join(', ')}, and no values.`,
  severity: 'error',
  from: inside(name),
  to: { path: inFolders(targets), dependencyTypesNot: ['type-only'] },
});

const packagesOf = (name) => ({
  name: `packages-${name}`,
  comment: `${name}/ may use ${PACKAGES[name]?.join(', ') ?? 'no package'}.`,
  severity: 'error',
  from: inside(name),
  to: { pathNot: `^src/${PACKAGES[name] ? `|${inPackages(PACKAGES[name])}` : ''}` },
});

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).map(foldersOf),
    ...Object.entries(TYPES_OF).map(typesOf),
    ...Object.keys(LAYERS).map(packagesOf),
    {
      name: 'folder-has-a-layer',
      comment: 'A new folder of src/ gets a row in the layer table.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: inFolders(Object.keys(LAYERS)) },
    },
    {
      name: 'index-is-the-only-composition-root',
      comment: 'Wiring happens in one place; nobody imports it.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'bindings-are-types',
      comment: 'Who needs a binding is handed the environment; only http/ looks whether all are there.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: [inFolders(['http']), TEST] },
      to: { path: '^src/bindings\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-knows-no-bindings',
      severity: 'error',
      from: inside('engine'),
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'simulations-run-anywhere',
      comment: 'simulate/ also runs in plain Node: nothing that it reaches may need the platform.',
      severity: 'error',
      from: inside('simulate'),
      to: { path: 'cloudflare:', reachable: true },
    },
    {
      name: 'no-tests-in-code',
      severity: 'error',
      from: { pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'no-runtime-cycles',
      comment: 'Types may know each other; code is loaded in one order.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nothing imports is dead, or was forgotten.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [TEST, '\\.d\\.ts$', '^src/index\\.ts$', '^src/sdk/(index|script-tag)\\.ts$'],
      },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['workerd', 'worker', 'import', 'types', 'default'] },
  },
};

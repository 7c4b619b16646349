/** Stores what a recipe makes: first what the trigger names, then the trigger, as a draft. Nothing that exists is overwritten. */
import { ApiFault, call, read } from '../api.ts';
import type { Made } from './recipe.ts';

/** The trigger's id. */
export async function storeMade(made: Made | undefined): Promise<string> {
  if (!made) throw new ApiFault(0, 'page', 'There is no such recipe.', []);
  const names = {
    template: await freeId('templates', made.template.id),
    lookup: made.lookup && (await freeId('lookups', made.lookup.id)),
    trigger: await freeId('triggers', made.trigger.id),
  };
  const trigger = renamed(made, names);
  if (made.lookup && names.lookup) {
    await call('PUT', `lookups/${names.lookup}`, { ...made.lookup, id: names.lookup });
  }
  await call('PUT', `templates/${names.template}`, { ...made.template, id: names.template });
  await call('POST', 'triggers', trigger);
  return names.trigger;
}

function renamed(
  { trigger }: Made,
  names: { template: string; lookup: string | undefined; trigger: string },
): Made['trigger'] {
  const { lookup } = trigger.entry;
  return {
    ...trigger,
    id: names.trigger,
    entry: {
      ...trigger.entry,
      ...(lookup && names.lookup && { lookup: { ...lookup, table: names.lookup } }),
    },
    steps: trigger.steps.map((step) =>
      'send' in step ? { ...step, send: { ...step.send, template: names.template } } : step,
    ),
  };
}

async function freeId(collection: string, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await exists(`${collection}/${id}`))) return id;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await read(path);
    return true;
  } catch (error) {
    if (error instanceof ApiFault && error.status === 404) return false;
    throw error;
  }
}

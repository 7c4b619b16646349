/**
 * The state as a shadow version sees it: as it would be, were it the version in force. Its own runs and its own log stand
 * in the place of the live version's; of the others all is as it is, but for what lesser ones have taken in this very
 * round, which they would have lost to it. What is written there goes no further than `shadowStateOf` takes it.
 */
import { winsBefore } from '../compile/compile-config.ts';
import type { Draft } from '../delta.ts';
import type { Round } from '../round.ts';
import type { ProfileState, Section, SectionValues } from '../state.ts';
import type { Shadow } from './compile-shadow.ts';
import { logBefore, type ShadowState } from './shadow-state.ts';

/** A shadow that this profile meets for the first time begins where the live version stood when it was set up. */
export function beginShadow(state: ProfileState, { trigger: { id }, since }: Shadow): ShadowState {
  const own = ([key]: [string, unknown]) => key.startsWith(`${id}\n`);
  const capped = [...state.capped].map(([key, sends]): [string, typeof sends] => [
    key,
    sends.filter(({ trigger, at }) => trigger === id && at < since),
  ]);
  return {
    since,
    runSeq: 0,
    runs: [],
    log: [...state.log].filter(own).map(([key, log]) => [key, logBefore(log, since)]),
    capped: capped.filter(([, sends]) => sends.length > 0),
    timers: [...state.timers].filter(own),
    spending: state.spending.get(id) ?? null,
  };
}

export function shadowView(
  round: Round,
  state: ProfileState,
  { trigger }: Shadow,
  own: ShadowState,
): Pick<Round, 'draft' | 'taken'> {
  const { id } = trigger;
  const rivals = round.taken.sends.map((sent) => sent.trigger).filter((one) => one.id !== id);
  const lesser = new Set(rivals.filter((one) => winsBefore(trigger, one) < 0).map((one) => one.id));
  const isAside = (other: string) => other === id || lesser.has(other);
  const draft = round.draft.fork();
  for (const section of ['runs', 'goals', 'undelivered'] as const) clear(draft, section, () => true);
  clear(draft, 'inbox', (_, message) => message.trigger === id);
  for (const section of ['log', 'timers'] as const) clear(draft, section, (key) => key.startsWith(`${id}\n`));
  for (const key of [...round.draft.written('log')]) {
    if (lesser.has(key.slice(0, key.indexOf('\n')))) putBack(draft, state, 'log', key);
  }
  for (const [key, sends] of [...draft.entries('capped')]) {
    const others = sends.filter(
      (sent) => sent.trigger !== id && !(sent.at === round.now && lesser.has(sent.trigger)),
    );
    if (others.length < sends.length) draft.put('capped', key, others);
  }
  putOwn(draft, id, own);
  const surfaces = new Map([...round.taken.surfaces].filter(([, winner]) => !isAside(winner)));
  const sends = round.taken.sends.filter((sent) => !isAside(sent.trigger.id));
  return { draft, taken: { surfaces, sends } };
}

function putOwn(draft: Draft, id: string, own: ShadowState): void {
  draft.setMeta({ runSeq: own.runSeq });
  for (const run of own.runs) draft.put('runs', run.id, run);
  for (const [key, log] of own.log) draft.put('log', key, log);
  for (const [key, fired] of own.timers) draft.put('timers', key, fired);
  for (const [key, sends] of own.capped) {
    const all = [...(draft.get('capped', key) ?? []), ...sends];
    draft.put(
      'capped',
      key,
      all.sort((a, b) => a.at - b.at),
    );
  }
  if (own.spending) draft.put('spending', id, own.spending);
  else draft.remove('spending', id);
}

/** What of the view is the shadow's own. Nobody will ever see its messages, so that none of them is still open. */
export function shadowStateOf(draft: Draft, { trigger: { id }, since }: Shadow): ShadowState {
  const own = ([key]: [string, unknown]) => key.startsWith(`${id}\n`);
  const capped = [...draft.entries('capped')].map(([key, sends]): [string, typeof sends] => [
    key,
    sends.filter(({ trigger }) => trigger === id),
  ]);
  return {
    since,
    runSeq: draft.meta.runSeq,
    runs: [...draft.entries('runs')].flatMap(([, run]) => (run.step === null ? [] : [{ ...run, open: [] }])),
    log: [...draft.entries('log')].filter(own),
    capped: capped.filter(([, sends]) => sends.length > 0),
    timers: [...draft.entries('timers')].filter(own),
    spending: draft.get('spending', id) ?? null,
  };
}

function clear<S extends Section>(
  draft: Draft,
  section: S,
  isOne: (key: string, value: SectionValues[S]) => boolean,
): void {
  for (const [key, value] of [...draft.entries(section)]) if (isOne(key, value)) draft.remove(section, key);
}

function putBack(draft: Draft, state: ProfileState, section: 'log', key: string): void {
  const before = state[section].get(key);
  if (before) draft.put(section, key, before);
  else draft.remove(section, key);
}

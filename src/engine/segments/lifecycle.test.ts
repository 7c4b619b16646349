/** The ready-made segments of `demo/lifecycle.json`, over a life: each user's own cycle decides, not a fixed number of days. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkSegment } from '../checks/check-segment.ts';
import { checkTriggerDocument } from '../checks/check-trigger.ts';
import type { Segment, Template } from '../documents.ts';
import { aConfig } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

const { segments, templates, triggers } = JSON.parse(
  readFileSync(new URL('../../../demo/lifecycle.json', import.meta.url), 'utf8'),
) as { segments: Segment[]; templates: Template[]; triggers: Trigger[] };

/** Came once, and then so often, so many hours apart. */
function aVisitor(visits: number, hoursApart: number, what = '$page'): VirtualProfile {
  const profile = new VirtualProfile({ config: aConfig({ segments, templates, triggers }) });
  for (let visit = 0; visit < visits; visit++) {
    if (visit > 0) profile.advance(`${hoursApart}h`);
    profile.track(what, { revenue: 300_000 });
  }
  return profile;
}

function stage({ state }: VirtualProfile): string[] {
  return ['active', 'at-risk', 'lapsed', 'won-back'].filter((id) => state.segments.get(id)?.member);
}

test('are such as could be published', () => {
  const known = new Map(segments.map((one) => [one.id, one]));
  expect(segments.flatMap((one) => checkSegment(one, known))).toEqual([]);
  expect(triggers.flatMap((one) => checkTriggerDocument(one))).toEqual([]);
});

describe('by visits', () => {
  test('a daily visitor is at risk after two days, and lapsed after four', () => {
    const profile = aVisitor(5, 24);
    const seen = [stage(profile)];
    for (const more of ['48h', '1s', '47h', '59m', '59s', '1s']) {
      profile.advance(more);
      seen.push(stage(profile));
    }
    expect(seen).toEqual([
      ['active'],
      ['at-risk'],
      ['at-risk'],
      ['at-risk'],
      ['at-risk'],
      ['lapsed'],
      ['lapsed'],
    ]);
  });

  test('a monthly one is neither, for as long as the month is theirs', () => {
    const profile = aVisitor(5, 30 * 24);
    profile.advance('59d');
    expect(stage(profile)).toEqual(['active']);
    profile.advance('2d');
    expect(stage(profile)).toEqual(['at-risk']);
  });

  test('who has no cycle yet is judged by days, and who comes back is won back for two weeks', () => {
    const profile = aVisitor(1, 0);
    expect(profile.state.segments.get('new')?.member).toBe(true);
    profile.advance('31d');
    expect([stage(profile), profile.state.segments.get('new')?.member]).toEqual([['at-risk'], false]);
    profile.advance('60d');
    expect(stage(profile)).toEqual(['lapsed']);
    profile.track('$page');
    expect(stage(profile)).toEqual(['active', 'won-back']);
    expect(profile.sends('welcome-back')).toBe(1);
    profile.advance('14d');
    expect(stage(profile)).toEqual(['active']);
  });
});

test('by purchases: first-time, repeat, best, and overdue by the own cycle of buying', () => {
  const buys = (n: number) => {
    const profile = aVisitor(n, 10 * 24, 'Order Completed');
    const of = ['first-time-buyer', 'repeat-buyer', 'best-buyer', 'purchase-overdue'];
    return { profile, are: () => of.filter((id) => profile.state.segments.get(id)?.member) };
  };
  expect([buys(1).are(), buys(2).are()]).toEqual([['first-time-buyer'], ['repeat-buyer']]);
  const { profile, are } = buys(4);
  expect(are()).toEqual(['repeat-buyer', 'best-buyer']);
  profile.advance('21d');
  expect(are()).toEqual(['repeat-buyer', 'best-buyer', 'purchase-overdue']);
  profile.advance('20d');
  expect(are()).toEqual(['repeat-buyer', 'purchase-overdue']);
});

/** What a trigger, exit, goal or `waitFor` listens to, compiled. */
import type { Check } from '../language/conditions/check.ts';
import { compileWhere } from '../language/conditions/compile-condition.ts';
import { compileValue } from '../language/conditions/field.ts';
import { indexNameOf } from '../runs/happening.ts';
import type { Scope } from '../scope.ts';
import type { On } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';

export interface CompiledOn {
  /** The name that it is indexed by: an event's, or that of a kind of happening. */
  event: string;
  document: On;
  where: Check | null;
  from: ((scope: Scope) => Json | undefined) | null;
  to: ((scope: Scope) => Json | undefined) | null;
  path: string;
}

export function compileOn(on: On, path: string): CompiledOn {
  const compiled: CompiledOn = {
    event: indexNameOf(on),
    document: on,
    where: 'where' in on ? compileWhere(on.where, path) : null,
    from: null,
    to: null,
    path,
  };
  if ('attribute' in on) {
    if (on.from !== undefined && on.from !== 'missing') compiled.from = compileValue(on.from);
    if (on.to !== undefined) compiled.to = compileValue(on.to);
  }
  return compiled;
}

import type { Issue } from '../../checks/issue.ts';
import type { Template } from '../../documents.ts';
import type { Json } from '../../vocabulary.ts';
import { parseText } from './parse-text.ts';
import { MAX_CONTENT_DEPTH } from './render-template.ts';

/** Locale and channel stand above the content, whose own limit is the renderer's. */
const MAX_NESTING = 2 + MAX_CONTENT_DEPTH;

/** The texts of a template that cannot be rendered whatever the values are: unclosed tags, partials, bad paths. */
export function templateProblems(template: Template): Issue[] {
  const issues: Issue[] = [];
  collect(template.locales, 'locales', 0, issues);
  return issues;
}

function collect(value: Json | object | undefined, at: string, depth: number, issues: Issue[]): void {
  if (typeof value === 'string') {
    const parsed = parseText(value);
    if (parsed.kind === 'malformed') issues.push({ path: at, message: parsed.message });
  } else if (typeof value === 'object' && value !== null) {
    if (depth > MAX_NESTING) {
      issues.push({ path: at, message: `is nested more than ${MAX_NESTING} deep` });
      return;
    }
    for (const [name, field] of Object.entries(value)) collect(field, `${at}.${name}`, depth + 1, issues);
  }
}

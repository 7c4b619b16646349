import type { Issue } from '../api.ts';
import { IssueWords } from '../ui/api-words.tsx';

interface Props {
  title: string;
  issues: readonly Issue[];
  kind: 'issue' | 'warning';
}

/** Each leads to its field, where the form has one. */
export function IssueList({ title, issues, kind }: Props) {
  if (issues.length === 0) return null;
  return (
    <section class={`issues ${kind}`} aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {issues.map((issue) => (
          <li key={issue.path + issue.message}>
            {issue.path !== '' && (
              <button type="button" class="path" onClick={() => focusField(issue.path)}>
                {issue.path}
              </button>
            )}{' '}
            <IssueWords issue={issue} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The field of this path, or of the nearest part around it. */
function focusField(path: string): void {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length--) {
    const wanted = parts.slice(0, length).join('.');
    const field = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(wanted)}"]`);
    field?.focus();
    if (field) return;
  }
}

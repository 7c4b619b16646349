import type { Issue } from '../engine/checks/issue.ts';

/** The documents or the life can't be played: where, what is wrong, and what would be right. */
export class SimulationInputError extends Error {
  readonly about: 'documents' | 'life';
  readonly issues: Issue[];

  constructor(about: 'documents' | 'life', issues: Issue[]) {
    const [first] = issues;
    const rest = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
    super(first ? `${first.path || 'it'}: ${first.message}${rest}` : 'The simulation has no input.');
    this.name = 'SimulationInputError';
    this.about = about;
    this.issues = issues;
  }
}

/** What is wrong with a document, where in it, and what would be right. An empty path is the document itself. */
export interface Issue {
  path: string;
  message: string;
  /** Which sentence it is, and what it speaks of, where it has a code: see `refusal.ts`. */
  code?: string;
  values?: Record<string, string | number>;
}

/** What is wrong with a document, where in it, and what would be right. An empty path is the document itself. */
export interface Issue {
  path: string;
  message: string;
}

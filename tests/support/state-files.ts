/** What a server's state directory holds, read beside the server: the bytes of its files, and their tables. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** `file: text` for each of the texts that stands in a file, wherever SQLite put it: pages, free ones, the log. */
export function textsInFiles(directory: string, texts: string[]): string[] {
  return filesIn(directory).flatMap((name) => {
    const bytes = readOrNothing(join(directory, name));
    return texts.filter((text) => bytes.includes(text)).map((text) => `${name}: ${text}`);
  });
}

export interface TableDump {
  file: string;
  table: string;
  rows: string;
}

/** Every table of every database, as JSON; of a copy, so that the server is not disturbed. */
export function tablesIn(directory: string): TableDump[] {
  const copy = mkdtempSync(join(tmpdir(), 'reflex-copy-'));
  try {
    cpSync(directory, copy, { recursive: true });
    return filesIn(copy)
      .filter((name) => name.endsWith('.sqlite'))
      .flatMap((file) => dump(copy, file));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function dump(directory: string, file: string): TableDump[] {
  const database = new DatabaseSync(join(directory, file));
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const dumps = names
    .map(({ name }) => String(name))
    .map((table) => {
      const statement = database.prepare(`SELECT * FROM "${table}"`);
      statement.setReadBigInts(true);
      const rows = JSON.stringify(statement.all(), (_, value) =>
        typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? '(bytes)' : value,
      );
      return { file, table, rows };
    });
  database.close();
  return dumps;
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}

/** It may have been removed since it was listed. */
function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

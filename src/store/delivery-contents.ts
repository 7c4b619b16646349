import type { JsonObject } from '../engine/vocabulary.ts';

/** A statement that keeps what was rendered. The first one stays: every attempt renders the same. */
export function keepContent(db: D1Database, id: string, content: JsonObject): D1PreparedStatement {
  return db
    .prepare('INSERT INTO delivery_contents (id, content) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING')
    .bind(id, JSON.stringify(content));
}

// The hub's database, for the servers of Node.js: ten connections that stay open. Each statement is
// planned once: planning takes longer than most of them.
import pg from 'pg';

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  options: '-c plan_cache_mode=force_generic_plan',
  idleTimeoutMillis: 0,
});

/** The rows of a statement, which each connection prepares once, under its name. */
export const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

import type { Kysely, Migration } from 'kysely'

/** Each change of the schema, in order, forever: a migration that was released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-cameras-users-sessions': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('camera')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer')
        .addColumn('deleted_at', 'integer')
        .execute()
      await db.schema
        .createTable('user')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('password', 'text')
        .execute()
      await db.schema
        .createTable('session')
        .addColumn('token', 'text', (column) => column.primaryKey())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0002-grants': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('grant')
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('camera', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('grant_primary', ['user', 'camera'])
        .execute()
    },
  },
  '0003-secrets-keys-audit': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('user').addColumn('checker', 'text').execute()
      for (const column of ['seen_at', 'address', 'agent'] as const)
        await db.schema
          .alterTable('session')
          .addColumn(column, column === 'seen_at' ? 'integer' : 'text')
          .execute()
      await db.schema
        .createTable('secret')
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('sealed', 'blob', (column) => column.notNull())
        .addPrimaryKeyConstraint('secret_primary', ['user', 'kind'])
        .execute()
      await db.schema
        .createTable('key')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull().unique())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('user', 'text')
        .addColumn('camera', 'text')
        .addColumn('role', 'text')
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('used_at', 'integer')
        .execute()
      await db.schema
        .createTable('audit')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('what', 'text', (column) => column.notNull())
        .addColumn('by', 'text')
        .addColumn('subject', 'text')
        .addColumn('code', 'text')
        .addColumn('address', 'text')
        .addColumn('count', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0004-shares': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('share')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull().unique())
        .addColumn('token', 'blob', (column) => column.notNull())
        .addColumn('passcode', 'blob')
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('cameras', 'text', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer')
        .addColumn('max_viewers', 'integer')
        .addColumn('origins', 'text')
        .addColumn('audio', 'integer', (column) => column.notNull())
        .addColumn('views', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0005-events': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('event')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('camera', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('event_camera').on('event').columns(['camera', 'id']).execute()
      await db.schema
        .createTable('once')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('request', 'text', (column) => column.notNull())
        .addColumn('answer', 'blob')
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('once_scope').on('once').columns(['scope', 'created_at']).execute()
    },
  },
  '0006-webhooks': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('webhook')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('url', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('cameras', 'text')
        .addColumn('kinds', 'text')
        .addColumn('active', 'integer', (column) => column.notNull())
        .addColumn('secret', 'blob', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('delivery')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('webhook', 'text', (column) => column.notNull())
        .addColumn('event', 'integer')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('camera', 'text')
        .addColumn('owner', 'text')
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('attempted_at', 'integer')
        .addColumn('status', 'integer')
        .addColumn('error', 'text')
        .addColumn('ms', 'integer')
        .addColumn('next_at', 'integer')
        .execute()
      await db.schema.createIndex('delivery_due').on('delivery').columns(['webhook', 'state', 'next_at']).execute()
    },
  },
}
